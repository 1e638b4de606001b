import { batch, computed, effect, signal } from '@preact/signals';
import { api } from '../api/client.ts';
import { isTransient, type Failure } from '../api/failure.ts';
import type { ConflictPage, MessagePage, Stats } from '../api/types.ts';
import { createPoller, type Outcome } from './poller.ts';
import { key, navigate, panel, view } from './route.ts';

export const PAGE_SIZE = 50;
const INTERVAL_MS = 5_000;
const CONFLICTS_SHOWN = 100;

/** The page on the screen, and the question (see `listKey`) that it answers. */
export const shown = signal<{ key: string; page: MessagePage } | null>(null);
/** A newer answer to the same question, held back so that nothing moves under the reader's eyes. */
export const held = signal<MessagePage | null>(null);
export const stats = signal<Stats | null>(null);
export const conflicts = signal<ConflictPage | null>(null);
export const failure = signal<Failure | null>(null);
/** When the last complete round ended. */
export const updatedAt = signal<number | null>(null);
export const nextTryAt = signal<number | null>(null);
export const paused = signal(false);
const hidden = signal(document.hidden);

/** The list on the screen still answers an earlier question. */
export const stale = computed(() => shown.value !== null && shown.value.key !== key.value);
export const arrived = computed(() =>
  held.value && shown.value ? Math.max(0, held.value.total - shown.value.page.total) : 0,
);
export const filtered = computed(() => view.value.q !== '' || view.value.from !== '');

/** Reading needs a token, and this browser has not shown it, or no longer. */
export const locked = computed(() => failure.value?.status === 401);

export type Link = 'connecting' | 'live' | 'reconnecting' | 'problem' | 'paused' | 'locked';
export const link = computed<Link>(() => {
  if (locked.value) return 'locked';
  if (paused.value) return 'paused';
  if (failure.value) return isTransient(failure.value) ? 'reconnecting' : 'problem';
  return updatedAt.value === null ? 'connecting' : 'live';
});

function isReading(): boolean {
  return view.peek().offset > 0 || scrollY > 240;
}

function sameRows(a: MessagePage, b: MessagePage): boolean {
  return a.data.length === b.data.length && a.data.every((row, i) => row.message_id === b.data[i]?.message_id);
}

function receive(question: string, page: MessagePage): void {
  batch(() => {
    const before = shown.peek();
    if (before?.key === question && isReading() && before.page.data.length > 0 && !sameRows(before.page, page)) {
      held.value = page;
      return;
    }
    held.value = null;
    shown.value = { key: question, page };
  });
}

async function round(signal: AbortSignal): Promise<Outcome> {
  const question = key.peek();
  const { q, from, offset } = view.peek();
  // The list comes on the screen as soon as it is there; a slow statistic must not delay a search.
  const list = api.messages({ q, from }, PAGE_SIZE, offset, signal).then((answer) => {
    if (answer.ok && !signal.aborted) receive(question, answer.data);
    return answer;
  });
  const [messages, totals, repeats] = await Promise.all([
    list,
    api.stats(signal),
    api.conflicts(panel.peek().kind === 'conflicts' ? CONFLICTS_SHOWN : 1, signal),
  ]);
  signal.throwIfAborted();
  const failed = [messages, totals, repeats].find((answer) => !answer.ok);
  batch(() => {
    if (totals.ok) stats.value = totals.data;
    if (repeats.ok) conflicts.value = repeats.data;
    failure.value = failed && !failed.ok ? failed.failure : null;
    if (!failed) updatedAt.value = Date.now();
  });
  return { ok: !failed, retryAfterMs: failure.peek()?.retryAfterMs };
}

const poller = createPoller({
  run: round,
  intervalMs: INTERVAL_MS,
  onWait: (until) => (nextTryAt.value = until),
});

export const refresh = poller.refresh;

/** Takes everything off the screen that was read with a session that is over. */
export function forget(): void {
  batch(() => {
    shown.value = null;
    held.value = null;
    stats.value = null;
    conflicts.value = null;
    updatedAt.value = null;
  });
}

export function togglePause(): void {
  paused.value = !paused.peek();
}

/** Brings the held page on the screen; from an older page that means going back to the newest. */
export function showArrived(): void {
  const page = held.peek();
  if (view.peek().offset > 0) navigate({ offset: 0 });
  else if (page) shown.value = { key: key.peek(), page };
  held.value = null;
  scrollTo({ top: 0 });
}

/** `pages` > 0: older, < 0: newer. Messages that came since are counted in, so that no row is shown twice. */
export function turnPage(pages: number): void {
  const { offset } = view.peek();
  navigate({ offset: Math.max(0, offset + pages * PAGE_SIZE + (pages > 0 ? arrived.peek() : 0)) });
  scrollTo({ top: 0 });
}

export function startFeed(): void {
  addEventListener('online', refresh);
  document.addEventListener('visibilitychange', () => (hidden.value = document.hidden));
  effect(() => poller.setRunning(!paused.value && !hidden.value));

  let first = true;
  effect(() => {
    // Read both: a new question, or the list of conflicts being opened, is asked at once.
    void [key.value, panel.value.kind === 'conflicts'];
    if (!first) poller.refresh();
    first = false;
  });
  // A page opened in a background tab loads once and then sleeps.
  if (hidden.peek()) poller.refresh();
}
