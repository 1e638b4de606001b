import { batch, computed, effect, signal, untracked } from '@preact/signals';
import { api, filterQuery } from '../api/client.ts';
import { isTransient, type Failure } from '../api/failure.ts';
import type { ConflictPage, Message, MessagePage, Stats } from '../api/types.ts';
import { createFollower } from './follower.ts';
import { hidden } from './hidden.ts';
import { createPoller, type Outcome } from './poller.ts';
import { isReading, letGo, stillness } from './reading.ts';
import { filter, panel, tab } from './route.ts';
import { compareRows, merge } from './rows.ts';
import { filterKey, isFiltered, type Filter } from './view.ts';

const PAGE_SIZE = 50;
const INTERVAL_MS = 5_000;
const CONFLICTS_SHOWN = 100;
/** So many rows stay while one looks at the newest; older ones are read again when somebody goes there. */
const KEPT = 200;
/** More than this is no list that anybody reads. */
export const MOST_ROWS = 2_000;
/** So many arrivals that were sent earlier are shown apart. */
const MOST_LATE = 5;
/** Only so many new rows at a time are pointed out. */
const MOST_MARKED = 3;

export interface List {
  /** The filter that it answers. */
  filter: Filter;
  rows: Message[];
  total: number;
  /** Where the next older part is; `null` where the list ends, or where only the number of rows says it. */
  cursor: string | null;
  /** The rows go back to the very first message. */
  complete: boolean;
}

export const list = signal<List | null>(null);
/** What has arrived, held back so that nothing moves under the reader's eyes. */
export const held = signal<Message[]>([]);
/** What has just arrived, and was sent before the oldest row. */
export const late = signal<Message[]>([]);
/** The rows that have just come in, by identity. */
export const marked = signal<ReadonlySet<Message>>(new Set());
export const loadingMore = signal(false);
export const stats = signal<Stats | null>(null);
export const conflicts = signal<ConflictPage | null>(null);
export const failure = signal<Failure | null>(null);
/** When something was last heard from the server. */
export const heardAt = signal<number | null>(null);
/** When a message last arrived while this page was looking. */
export const arrivedAt = signal<number | null>(null);
export const nextTryAt = signal<number | null>(null);
export const paused = signal(false);
export const following = signal(false);

/** The list on the screen still answers an earlier question. */
export const stale = computed(() => list.value !== null && list.value.filter !== filter.value);
export const filtered = computed(() => isFiltered(filter.value));
/** Reading needs a token, and this browser has not shown it, or no longer. */
export const locked = computed(() => failure.value?.status === 401);

export type Link = 'connecting' | 'live' | 'polling' | 'reconnecting' | 'problem' | 'paused' | 'locked';
export const link = computed<Link>(() => {
  if (locked.value) return 'locked';
  if (paused.value) return 'paused';
  if (failure.value) return isTransient(failure.value) ? 'reconnecting' : 'problem';
  if (heardAt.value === null) return 'connecting';
  if (following.value) return 'live';
  const failures = streamFailures.value;
  return failures === 0 ? 'connecting' : failures < POLL_FROM ? 'reconnecting' : 'polling';
});

/** After so many failures of the stream in a row, the list is asked for every five seconds instead. */
const POLL_FROM = 3;
const streamFailures = signal(0);

const running = computed(() => !paused.value && !hidden.value && !locked.value);

/** The list is on the screen, and somebody reads in it: rows are held back. */
const holds = () => tab.peek() === 'messages' && isReading();

// --- What arrives

/** More than this cannot wait for a list that does not come. */
const MOST_ARRIVALS = 5_000;

/**
 * The first after a quiet moment is drawn in the next frame, and what follows it is gathered for so long: nobody reads more
 * lists a second, and the frames between belong to the reader.
 */
const REST_MS = 100;
/** Where more comes than this, new rows are not pointed out: it would be a flicker. */
const QUIET_MS = 1_000;

let arrivals: Message[] = [];
let isDue = false;
let drawnAt = -Infinity;

function arrive(message: Message): void {
  if (arrivals.length < MOST_ARRIVALS) arrivals.push(message);
  else gap = true;
  if (isDue) return;
  isDue = true;
  const rest = drawnAt + REST_MS - performance.now();
  // A hidden page gets no frames, but it gets no events either: its stream is closed.
  if (rest > 0) setTimeout(() => requestAnimationFrame(flush), rest);
  else requestAnimationFrame(flush);
}

function flush(): void {
  isDue = false;
  const before = list.peek();
  // They wait for the list that they belong to, which may have been read before they were stored.
  if (!before || before.filter !== filter.peek() || arrivals.length === 0) return;
  const arrived = arrivals;
  arrivals = [];
  const now = performance.now();
  const isQuiet = now - drawnAt > QUIET_MS;
  drawnAt = now;
  if (holds()) {
    const waiting = merge(held.peek(), arrived, true).rows;
    const fresh = merge(before.rows, waiting, true).fresh;
    if (fresh.length > 0) held.value = fresh;
    return;
  }
  settle(before, [...held.peek(), ...arrived], isQuiet);
}

/** Between the rows and what is held back, there are messages that nobody has read: only the server can join the two. */
let gap = false;

function settle(before: List, arrived: Message[], isQuiet = true): void {
  if (gap) return reload();
  const { rows, fresh, late: behind } = merge(before.rows, arrived, before.complete);
  if (fresh.length === 0) return;
  // Who looks at the newest keeps no more rows than needed; who has gone further down keeps them all.
  const trimmed = rows.length > KEPT && !holds();
  batch(() => {
    held.value = [];
    marked.value = new Set(isQuiet && fresh.length <= MOST_MARKED ? fresh : []);
    if (behind.length > 0) late.value = [...behind.sort(compareRows), ...late.peek()].slice(0, MOST_LATE);
    list.value = {
      ...before,
      rows: trimmed ? rows.slice(0, KEPT) : rows,
      total: before.total + fresh.length,
      ...(trimmed && { cursor: null, complete: false }),
    };
  });
}

/** Brings what was held back on the screen, and the reader to the top. */
export function showHeld(): void {
  const before = list.peek();
  letGo();
  scrollTo({ top: 0, behavior: 'instant' });
  if (before) settle(before, held.peek());
}

export function dismissLate(): void {
  late.value = [];
}

// --- The list

let asking: AbortController | undefined;

/** The newest part, as a new list, or joined to the one that is there. */
function take(question: Filter, page: MessagePage): void {
  const before = list.peek();
  const complete = page.data.length >= page.total;
  const fresh: List = { filter: question, rows: page.data, total: page.total, cursor: page.next_cursor ?? null, complete };
  if (!before || before.filter !== question || before.rows.length === 0) {
    gap = false;
    batch(() => {
      list.value = fresh;
      held.value = [];
      late.value = [];
      marked.value = new Set();
    });
    return;
  }
  const news = merge(before.rows, page.data, true).fresh;
  const joins = news.length < page.data.length || page.data.length === 0;
  // Rows may have gone, too (a purge); unless somebody reads, the list is what the server says.
  if (holds()) {
    gap ||= !joins;
    if (news.length > 0) held.value = merge(held.peek(), news, true).rows;
    return;
  }
  gap = false;
  batch(() => {
    held.value = [];
    marked.value = new Set(joins && news.length <= MOST_MARKED ? news : []);
    if (joins && news.length > 0) arrivedAt.value = Date.now();
    const isSame = news.length === 0 && before.total === page.total;
    if (!isSame) list.value = fresh;
  });
}

async function load(signal: AbortSignal): Promise<Outcome & { failure?: Failure }> {
  const question = filter.peek();
  const answer = await api.messages(question, { limit: PAGE_SIZE }, signal);
  signal.throwIfAborted();
  if (!answer.ok) return { ok: false, retryAfterMs: answer.failure.retryAfterMs, failure: answer.failure };
  batch(() => {
    heardAt.value = Date.now();
    take(question, answer.data);
  });
  flush();
  return { ok: true };
}

/** Older rows, behind those that are there. */
export async function loadMore(): Promise<void> {
  const before = list.peek();
  if (!before || before.complete || loadingMore.peek() || stale.peek() || before.rows.length >= MOST_ROWS) return;
  loadingMore.value = true;
  // Without a cursor, the number of rows says where to go on: every message that is newer is among them.
  const part = { limit: 100, cursor: before.cursor, offset: before.rows.length };
  const answer = await api.messages(before.filter, part, new AbortController().signal);
  batch(() => {
    loadingMore.value = false;
    const now = list.peek();
    if (!now || now.filter !== before.filter) return;
    if (!answer.ok) {
      failure.value = answer.failure;
      return;
    }
    const { rows } = merge(now.rows, answer.data.data, true);
    const cursor = answer.data.next_cursor ?? null;
    list.value = { ...now, rows, cursor, complete: cursor === null };
  });
}

// --- The stream

const follower = createFollower({
  path: () => {
    const query = new URLSearchParams(filterQuery(filter.peek(), Date.now())).toString();
    return `/messages/live${query && `?${query}`}`;
  },
  onOpen: (resumed) => {
    batch(() => {
      following.value = true;
      streamFailures.value = 0;
      heardAt.value = Date.now();
    });
    // The list is read once the stream stands, so that nothing falls between the two.
    if (!resumed || list.peek()?.filter !== filter.peek()) reload();
    if (failure.peek()) refresh();
  },
  onEvent: ({ name, data }) => {
    if (name !== 'message') return;
    arrive(JSON.parse(data) as Message);
    arrivedAt.value = Date.now();
    heardAt.value = arrivedAt.peek();
    refreshSoon();
  },
  onLost: (refused, failures) => {
    batch(() => {
      following.value = false;
      streamFailures.value = failures;
      if (refused?.status === 401 || refused?.status === 403) failure.value = refused;
    });
    // The poller finds out what it is, and says so.
    if (failures === 1 || failures === POLL_FROM) refresh();
  },
});

function reload(): void {
  asking?.abort();
  const mine = (asking = new AbortController());
  load(mine.signal).then(
    (outcome) => {
      if (outcome.failure && asking === mine) failure.value = outcome.failure;
    },
    () => undefined,
  );
}

// --- The figures, and the list where there is no stream

async function round(signal: AbortSignal): Promise<Outcome> {
  const [messages, totals, repeats] = await Promise.all([
    following.peek() ? undefined : load(signal),
    api.stats(signal),
    api.conflicts(panel.peek().kind === 'conflicts' ? CONFLICTS_SHOWN : 1, signal),
  ]);
  signal.throwIfAborted();
  const failed = messages?.failure ?? [totals, repeats].map((answer) => (answer.ok ? undefined : answer.failure)).find(Boolean);
  batch(() => {
    if (totals.ok) stats.value = totals.data;
    if (repeats.ok) conflicts.value = repeats.data;
    failure.value = failed ?? null;
    if (!failed) heardAt.value = Date.now();
  });
  return { ok: !failed, retryAfterMs: failed?.retryAfterMs };
}

const poller = createPoller({
  run: round,
  intervalMs: INTERVAL_MS,
  onWait: (until) => (nextTryAt.value = until),
});

export const refresh = poller.refresh;

let soon: ReturnType<typeof setTimeout> | undefined;

/** The figures follow what arrives, at most once a second. */
function refreshSoon(): void {
  soon ??= setTimeout(() => {
    soon = undefined;
    if (running.peek() && !failure.peek()) refresh();
  }, 1_000);
}

/** Asks for everything at once, and does not wait for its turn. */
export function tryNow(): void {
  refresh();
  if (running.peek()) follower.start({ resume: true });
}

/** Takes everything off the screen that was read with a session that is over. */
export function forget(): void {
  arrivals = [];
  batch(() => {
    list.value = null;
    held.value = [];
    late.value = [];
    marked.value = new Set();
    stats.value = null;
    conflicts.value = null;
    heardAt.value = null;
    arrivedAt.value = null;
  });
}

export function togglePause(): void {
  paused.value = !paused.peek();
}

export function startFeed(): void {
  addEventListener('online', tryNow);

  let asked = '';
  effect(() => {
    const question = filterKey(filter.value);
    if (!running.value) {
      untracked(() => {
        follower.stop();
        poller.setRunning(false);
        following.value = false;
      });
      // A page that was opened in a background tab, or paused, answers a new question once.
      if (question !== asked && !locked.peek()) reload();
      asked = question;
      return;
    }
    untracked(() => {
      // What the stream of another question has brought belongs to nothing any more.
      if (question !== asked) arrivals = [];
      follower.start({ resume: question === asked && list.peek()?.filter === filter.peek() });
      poller.setRunning(true);
      // Where the stream takes its time, the list does not wait for it.
      if (question !== asked) setTimeout(() => !following.peek() && running.peek() && list.peek()?.filter !== filter.peek() && reload(), 500);
    });
    asked = question;
  });

  // Whoever has let go of the rows, or come back to the top, sees what has been held back.
  const release = () => {
    const before = list.peek();
    if (before && held.peek().length > 0 && !holds()) settle(before, held.peek());
  };
  effect(() => {
    void [stillness.value, panel.value, tab.value];
    untracked(release);
  });
  addEventListener('scroll', release, { passive: true });

  // The list of conflicts is asked for when it is opened.
  effect(() => {
    if (panel.value.kind === 'conflicts' && tab.value === 'messages') untracked(refresh);
  });
}
