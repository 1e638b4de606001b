import { effect, signal } from '@preact/signals';
import { strings } from '../strings/index.ts';
import { filtered, link, list, stale } from './feed.ts';

/** The one polite live region of the page. */
export const announcement = signal('');

/** Often enough to be told of what arrives, and seldom enough to listen to something else. */
const PAUSE_MS = 5_000;

export function announce(text: string): void {
  announcement.value = text;
}

function summary(): string {
  if (!list.value || stale.value) return strings.link[link.value];
  return `${strings.link[link.value]}. ${strings.announce.total(list.value.total, filtered.value)}.`;
}

/** A summary instead of a report of each row, at most one in five seconds. */
export function startAnnouncing(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = '';
  effect(() => {
    latest = summary();
    timer ??= setTimeout(() => {
      timer = undefined;
      announce(latest);
    }, announcement.peek() ? PAUSE_MS : 0);
  });
}
