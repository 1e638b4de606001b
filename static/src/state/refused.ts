import { batch, computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import { ask, http, type Answer } from '../api/client.ts';
import type { Failure } from '../api/failure.ts';
import type { Rejection, RejectionPage } from '../api/types.ts';
import { strings } from '../strings/index.ts';
import { isReason, type Reason } from '../strings/refused.ts';
import { announce } from './announce.ts';
import { failure, locked, paused, refresh as refreshFeed, stats } from './feed.ts';
import { createFollower } from './follower.ts';
import { hidden } from './hidden.ts';
import { createPoller, type Outcome } from './poller.ts';
import { isReading, letGo, stillness } from './reading.ts';
import { isAhead, isWebhook, join } from './refusals.ts';
import { panel, tab, view } from './route.ts';

/** As many as the server gives at once. */
const PAGE_SIZE = 100;
const INTERVAL_MS = 5_000;
/** After so many failures of the stream in a row, the list is asked for instead. */
const POLL_FROM = 3;
/** What was missed is read again, at most so often. */
const CATCH_UP_MS = 1_000;

/** How many requests were refused since somebody last looked at them. */
export const unseenRefusals = signal(0);

const newest = signal<Rejection[] | null>(null);
/** What was asked for apart: more of one reason, or the one whose address was opened. */
const older = signal<Rejection[]>([]);
/** What has arrived, held back so that nothing moves under the reader's eyes. */
export const heldRefusals = signal<Rejection[]>([]);
export const counts = signal<Partial<Record<string, number>>>({});
export const countedSince = signal<string | null>(null);
export const refusedFailure = signal<Failure | null>(null);
export const polling = signal(false);

/** For which reason, of those in the address that are one. */
export const reason = computed(() => view.value.reason);

const all = computed(() => (newest.value === null ? null : join(newest.value, older.value, Infinity).rows));
/** The rows on the screen, the newest first; `null` until the server has answered. */
export const refusals = computed(() => {
  const only = reason.value;
  return only ? (all.value?.filter((row) => row.reason === only) ?? null) : newest.value;
});

export const openId = computed(() => (panel.value.kind === 'refusal' ? panel.value.requestId : null));
/** The open one; where an id was used several times, the newest. */
export const openRefusal = computed(() => {
  const id = openId.value;
  return id === null ? null : ([...(all.value ?? []), ...heldRefusals.value].find((row) => row.request_id === id) ?? null);
});
/** Stays when it is closed, so that the focus finds its way back. */
export const lastOpen = signal<string | null>(null);
/** It was looked for everywhere, and is not there. */
export const missing = signal<string | null>(null);

// --- What arrives, a frame at a time

let arrivals: Rejection[] = [];
let frame = 0;

/** The first is there at once. In a storm, the list takes one frame in nine, and the others stay free for the reader. */
const REST = 8;
const MOST_REST_MS = 1_000;
let calmAt = 0;

function arrive(row: Rejection): void {
  arrivals.push(row);
  // A hidden page gets no frames, but it gets no events either: its stream is closed.
  frame ||= requestAnimationFrame(nextFrame);
}

function nextFrame(now: number): void {
  if (now < calmAt) {
    frame = requestAnimationFrame(nextFrame);
    return;
  }
  calmAt = Infinity;
  flush();
  // By then, the rows have been made, laid out and painted.
  requestAnimationFrame((then) => (calmAt = then + Math.min(MOST_REST_MS, REST * (then - now))));
}

function flush(): void {
  cancelAnimationFrame(frame);
  frame = 0;
  const came = arrivals;
  arrivals = [];
  const before = newest.peek();
  if (!before || came.length === 0) return;
  const { fresh } = join(join(before, heldRefusals.peek()).rows, came);
  batch(() => {
    if (fresh.length > 0) {
      const counted = { ...counts.peek() };
      for (const row of fresh) counted[row.reason] = (counted[row.reason] ?? 0) + 1;
      counts.value = counted;
      notice(fresh.filter(isWebhook).length);
    }
    put(came);
  });
}

/** Into the list, or, while somebody reads it, only in place of what is there. */
function put(rows: Rejection[]): void {
  const before = newest.peek() ?? [];
  const waiting = join(heldRefusals.peek(), rows).rows;
  const { rows: joined, fresh } = join(before, waiting);
  const reading = fresh.length > 0 && before.length > 0 && tab.peek() === 'refused' && isReading();
  heldRefusals.value = reading ? fresh : [];
  newest.value = reading ? join(before, waiting.filter((row) => !fresh.includes(row))).rows : joined;
}

function release(): void {
  if (heldRefusals.peek().length > 0 && !isReading()) batch(() => put([]));
}

/** Brings what was held back on the screen, and the reader to the top. */
export function showHeldRefusals(): void {
  letGo();
  scrollTo({ top: 0, behavior: 'instant' });
  release();
}

// --- What nobody has seen

/** What was refused before this page was opened, until it is known whether that matters. */
let earlier: number | null = null;

/** Reads that are refused, those of this page among them, do not say that anything does not get through. */
const OF_READS = ['protected_read', 'read_unauthorized', 'foreign_origin', 'rate_limited'];

export function webhooksOf(counted: Partial<Record<string, number>>): number {
  return Object.keys(counted).reduce((sum, name) => sum + (OF_READS.includes(name) ? 0 : (counted[name] ?? 0)), 0);
}

/** Of those beyond the limit, only the route says what they were. */
const limitedWebhooks = (rows: Rejection[]) => rows.filter((row) => row.reason === 'rate_limited' && isWebhook(row)).length;

function notice(webhooks: number): void {
  if (tab.peek() !== 'refused') unseenRefusals.value += webhooks;
  else if (webhooks > 0) say(webhooks);
}

const SAY_MS = 5_000;
let unsaid = 0;

/** To those who do not see the list: how many came, at most once in five seconds. */
function say(webhooks: number): void {
  if (unsaid === 0) {
    setTimeout(() => {
      announce(strings.refused.announced(unsaid));
      unsaid = 0;
    }, SAY_MS);
  }
  unsaid += webhooks;
}

// --- The list

const list = (query: { limit: number; reason?: Reason }, signal: AbortSignal): Promise<Answer<RejectionPage>> =>
  ask(signal, (s) => http.GET('/rejections', { params: { query }, signal: s }));

let complete = false;

function take(page: RejectionPage): void {
  // What the stream has told since the list was asked for, and the list may not know yet.
  flush();
  const before = newest.peek();
  const known = before && join(before, heldRefusals.peek()).rows;
  const fresh = known ? join(known, page.data).fresh : page.data;
  const counted: Partial<Record<string, number>> = {};
  for (const { reason: name, count } of page.counts) counted[name] = count;
  const sameServer = countedSince.peek() === page.counted_since;
  const ahead = sameServer && known ? known.filter((row) => isAhead(row, page.data)) : [];
  for (const { reason: name } of ahead) counted[name] = (counted[name] ?? 0) + 1;
  // In a storm, more than is kept here may have come since: once it is over, the server's own count is right.
  if (ahead.length > 0) catchUp(CATCH_UP_MS);
  const webhooks = sameServer ? webhooksOf(counted) - webhooksOf(counts.peek()) + limitedWebhooks(fresh) : fresh.filter(isWebhook).length;
  complete = page.data.length >= page.total;
  batch(() => {
    countedSince.value = page.counted_since;
    counts.value = counted;
    if (before) {
      notice(Math.max(0, webhooks));
      // A server that has started anew remembers nothing of what its counts do not count either.
      if (!sameServer) [newest.value, older.value, heldRefusals.value] = [[], [], []];
      put(page.data);
    } else {
      earlier = webhooksOf(counted) + limitedWebhooks(fresh);
      newest.value = page.data;
    }
  });
}

async function load(signal: AbortSignal): Promise<Outcome> {
  const answer = await list({ limit: PAGE_SIZE }, signal);
  signal.throwIfAborted();
  refusedFailure.value = answer.ok ? null : answer.failure;
  if (answer.ok) {
    take(answer.data);
    return { ok: true };
  }
  // The feed learns of it, too, and shows the form.
  if (answer.failure.status === 401) refreshFeed();
  else catchUp(INTERVAL_MS);
  return { ok: false, retryAfterMs: answer.failure.retryAfterMs };
}

const poller = createPoller({ run: load, intervalMs: INTERVAL_MS });
export const readAgain = poller.refresh;

let catchingUp: ReturnType<typeof setTimeout> | undefined;

/** Where the list is asked for again and again, that is soon enough. */
function catchUp(ms: number): void {
  catchingUp ??= setTimeout(() => {
    catchingUp = undefined;
    if (running.peek() && !polling.peek()) readAgain();
  }, ms);
}

// --- The stream

const follower = createFollower({
  path: () => '/rejections/live',
  // The list is read once the stream stands, so that nothing falls between the two. Streams of these cannot be resumed.
  onOpen: () => {
    polling.value = false;
    poller.setRunning(false);
    readAgain();
  },
  onEvent: ({ name, data }) => {
    if (name === 'rejection') arrive(JSON.parse(data) as Rejection);
    else if (name === 'missed') catchUp(CATCH_UP_MS);
  },
  onLost: (refused, failures) => {
    if (refused?.status === 401) refreshFeed();
    // A server of an earlier version has no such stream, and will not have one in a moment.
    if (refused?.status === 404) follower.stop();
    if (refused?.status === 404 || failures >= POLL_FROM) {
      polling.value = true;
      poller.setRunning(true);
    }
  },
});

// --- What is asked for apart

/** Older ones of a reason, which the newest of all do not reach back to. */
async function ofReason(wanted: Reason, signal: AbortSignal): Promise<Rejection[]> {
  const answer = await list({ limit: PAGE_SIZE, reason: wanted }, signal);
  signal.throwIfAborted();
  if (!answer.ok) return [];
  older.value = join(older.peek(), answer.data.data).rows;
  return answer.data.data;
}

/** There is no question for one alone, so it is looked for among each reason's newest. */
async function lookFor(id: string, signal: AbortSignal): Promise<void> {
  for (const name of complete ? [] : Object.keys(counts.peek()).filter(isReason)) {
    const found = await ofReason(name, signal);
    if (found.some((row) => row.request_id === id)) return;
  }
  missing.value = id;
}

const loaded = computed(() => tab.value === 'refused' && newest.value !== null);
const moreOf = computed(() => (loaded.value && isReason(reason.value) ? reason.value : null));
const unknownId = computed(() => (loaded.value && openRefusal.value === null ? openId.value : null));

/** Asks whenever there is another question, and drops the one before. */
function follow<T>(question: ReadonlySignal<T | null>, answer: (question: T, signal: AbortSignal) => Promise<unknown>): void {
  effect(() => {
    const asked = question.value;
    if (asked === null) return;
    const mine = new AbortController();
    // Only the caller's own signal makes a call throw.
    untracked(() => answer(asked, mine.signal).catch(() => undefined));
    return () => mine.abort();
  });
}

const running = computed(() => !paused.value && !hidden.value && !locked.value && failure.value?.status !== 403);

/**
 * As they happen where they are looked at, and for the newcomer; elsewhere, the number at the tab can wait for five seconds.
 * A browser has six connections to a server over HTTP/1.1, for all its windows, and a stream keeps one.
 */
const streams = computed(() => tab.value === 'refused' || stats.value?.total_messages === 0);

/** Takes everything off the screen that was read with a session that is over. */
function forget(): void {
  arrivals = [];
  earlier = null;
  batch(() => {
    newest.value = null;
    older.value = [];
    heldRefusals.value = [];
    counts.value = {};
    countedSince.value = null;
    unseenRefusals.value = 0;
    missing.value = null;
    refusedFailure.value = null;
  });
}

export function startRefused(): void {
  effect(() => {
    const run = running.value;
    const stream = run && streams.value;
    untracked(() => {
      polling.value = run && !stream;
      if (stream) {
        follower.start({ resume: false });
        // Where the stream takes its time, the list does not wait for it.
        catchUp(500);
      } else if (run) {
        follower.stop();
        poller.setRunning(true);
      } else {
        follower.stop();
        poller.setRunning(false);
        // A page that was opened in a background tab, or paused, shows something all the same.
        if (!locked.peek() && newest.peek() === null) readAgain();
      }
    });
  });
  effect(() => {
    if (locked.value) untracked(forget);
  });

  // Where no message has ever come, the first attempt may have been refused before the page was opened.
  effect(() => {
    const known = stats.value;
    if (newest.value === null || !known || earlier === null) return;
    const before = earlier;
    earlier = null;
    if (known.total_messages === 0) untracked(() => notice(before));
  });
  effect(() => {
    if (tab.value === 'refused' && !hidden.value) unseenRefusals.value = 0;
  });

  effect(() => {
    if (openId.value !== null) lastOpen.value = openId.value;
  });
  follow(moreOf, ofReason);
  follow(unknownId, lookFor);

  effect(() => {
    if (stillness.value > 0) untracked(release);
  });
  effect(() => {
    if (tab.value !== 'refused') untracked(release);
  });
  addEventListener('scroll', release, { passive: true });
}
