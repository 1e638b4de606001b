import { batch, computed, effect, signal, untracked, type Signal } from '@preact/signals';
import type { Answer } from '../api/client.ts';
import { isTransient, type Failure } from '../api/failure.ts';
import { overviewApi, type Checks, type Counted, type ServerStats, type Source } from '../api/overview.ts';
import { runsOf, SPANS, type Span } from '../format/buckets.ts';
import { locked, paused, refresh as refreshFeed } from './feed.ts';
import { hidden } from './hidden.ts';
import { createPoller, type Outcome } from './poller.ts';
import { tab, view } from './route.ts';
import { zone } from './zone.ts';

const INTERVAL_MS = 5_000;
/** What hardly ever changes is asked for in one round of so many. */
const SELDOM = 3;

/** One part of the page: what is known, and what went wrong with the last question. Parts fail each for itself. */
export interface Part<T> {
  data: T | null;
  failure: Failure | null;
  /** The server is older than this part, and does not know it. */
  absent: boolean;
}

const part = <T>() => signal<Part<T>>({ data: null, failure: null, absent: false });

/** Of which question the row is the answer, so that no bars are taken for those of another. */
export interface Row {
  span: Span;
  buckets: Counted[];
}

export const timeline = part<Row>();
export const server = part<ServerStats>();
export const sources = part<Source[]>();
export const checks = part<Checks>();
const parts: Signal<Part<unknown>>[] = [timeline, server, sources, checks];

/** What the address says; anything that it cannot say is the usual. */
export const span = computed<Span>(() => SPANS.find((known) => known === view.value.span) ?? '');

function take<T>(into: Signal<Part<T>>, answer: Answer<T>): Failure | null {
  if (answer.ok) {
    into.value = { data: answer.data, failure: null, absent: false };
    return null;
  }
  const { failure } = answer;
  const absent = failure.status === 404;
  into.value = { data: absent ? null : into.peek().data, failure: absent ? null : failure, absent };
  return absent ? null : failure;
}

let rounds = 0;

async function round(abort: AbortSignal): Promise<Outcome> {
  const asked = span.peek();
  const seldom = rounds++ % SELDOM === 0 || parts.some(({ value }) => value.failure);
  const failures: (Failure | null)[] = [];
  // Each shows as soon as it is there: none waits for the slowest.
  async function put<T>(into: Signal<Part<T>>, coming: Promise<Answer<T>>): Promise<void> {
    const answer = await coming;
    abort.throwIfAborted();
    failures.push(take(into, answer));
  }
  const row = overviewApi.timeline(runsOf(asked, Date.now(), zone.peek()), abort);
  await Promise.all([
    put(timeline, row.then((answer) => (answer.ok ? { ok: true, data: { span: asked, buckets: answer.data } } : answer))),
    put(server, overviewApi.server(asked === 'minutes' ? 60 : 3600, abort)),
    seldom && put(sources, overviewApi.sources(abort)),
    seldom && put(checks, overviewApi.readiness(abort)),
  ]);
  const failed = failures.filter((failure) => failure !== null);
  // The feed learns of it, and shows the form.
  if (failed.some(({ status }) => status === 401)) refreshFeed();
  const transient = failed.find(isTransient);
  return { ok: !transient, retryAfterMs: transient?.retryAfterMs };
}

const poller = createPoller({ run: round, intervalMs: INTERVAL_MS });

/** Asks only while somebody looks at it. */
export function startOverview(): void {

  let asked = '';
  let wasRunning = false;
  effect(() => {
    const open = tab.value === 'overview' && !locked.value;
    const running = open && !hidden.value && !paused.value;
    const question = `${span.value} ${zone.value}`;
    untracked(() => {
      // Whoever comes back sees all of it anew; where nothing is to change by itself, a new question is answered once.
      const starts = running && !wasRunning;
      if (starts) rounds = 0;
      poller.setRunning(running);
      if (open && question !== asked && !starts) poller.refresh();
    });
    wasRunning = running;
    if (open) asked = question;
  });

  // Nothing is kept of what a session that is over has shown.
  effect(() => {
    if (!locked.value) return;
    batch(() => {
      for (const each of parts) each.value = { data: null, failure: null, absent: false };
    });
  });
}
