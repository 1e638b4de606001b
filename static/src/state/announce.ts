import { computed, effect, signal } from '@preact/signals';
import { strings } from '../strings.ts';
import { filtered, link, shown, stale } from './feed.ts';

/** The one polite live region of the page. */
export const announcement = signal('');

export function announce(text: string): void {
  announcement.value = text;
}

/**
 * A summary instead of a report of each row. It changes with the connection and the total only, so at most once in
 * every round of polling.
 */
const summary = computed(() => {
  if (!shown.value || stale.value) return strings.link[link.value];
  return `${strings.link[link.value]}. ${strings.announce.total(shown.value.page.total, filtered.value)}.`;
});

export function startAnnouncing(): void {
  effect(() => announce(summary.value));
}
