import createClient from 'openapi-fetch';
import { strings } from '../strings/index.ts';
import { RANGES, type Filter, type MessageKey } from '../state/view.ts';
import { failureFrom, parseRetryAfter, type Failure } from './failure.ts';
import type { paths } from './schema.gen.ts';
import type { ConflictPage, MessageDetail, MessagePage, Session, Stats } from './types.ts';

export type Answer<T> = { ok: true; data: T } | { ok: false; failure: Failure };

/** A request that hangs longer than this counts as failed, or the page would call itself live while it is not. */
const TIMEOUT_MS = 10_000;

/**
 * The second one says that a page asks, which has its own form for the token: otherwise the browser would open a dialog
 * in front of it. (Over plain HTTP, browsers do not say so by themselves.)
 */
export const HEADERS = { accept: 'application/json', 'x-requested-with': 'countersign' };

export const http = createClient<paths>({ baseUrl: location.origin, headers: HEADERS });

type Reply<T> = { data?: T; error?: unknown; response: Response };

/** What is wrong where a call ended without any answer that can be read. */
export function failureOf(error: unknown): Failure {
  const text = strings.failure;
  const [title, detail] =
    error instanceof SyntaxError
      ? [text.notJson, text.notJsonDetail]
      : error instanceof DOMException && error.name === 'TimeoutError'
        ? [text.timeout, text.timeoutDetail(TIMEOUT_MS / 1000)]
        : [text.unreachable, text.unreachableDetail(location.origin)];
  return { status: 0, title, detail, fields: [] };
}

/** What a refused call says of itself; `body` is its problem document, if it is one. */
export function refusalOf(response: Response, body: unknown): Failure {
  const retryAfter = parseRetryAfter(response.headers.get('Retry-After'), Date.now());
  return failureFrom(response.status, response.statusText, body, retryAfter);
}

/** Turns every way in which a call can fail into an `Answer`; throws only when the caller's own signal aborted it. */
export async function ask<T>(caller: AbortSignal, send: (signal: AbortSignal) => Promise<Reply<T>>): Promise<Answer<T>> {
  const signal = AbortSignal.any([caller, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const { data, error, response } = await send(signal);
    if (response.ok && data !== undefined) return { ok: true, data };
    // An answer without a body says by its status alone that it is done.
    if (response.status === 204) return { ok: true, data: undefined as T };
    return { ok: false, failure: refusalOf(response, error) };
  } catch (error) {
    caller.throwIfAborted();
    return { ok: false, failure: failureOf(error) };
  }
}

/** The filter as the API takes it. */
export function filterQuery(filter: Filter, now: number) {
  const { q, from, to, until, last, source, key } = filter;
  const since = last ? new Date(now - RANGES[last] * 60_000).toISOString() : filter.since;
  return {
    ...(q && { q }),
    ...(from && { from }),
    ...(to && { to }),
    ...(since && { since }),
    ...(until && { until }),
    ...(source && { source }),
    ...(key && { verified_by: key }),
  };
}

export interface Part {
  limit: number;
  /** Where an earlier part ended. */
  cursor?: string | null;
  /** How many to pass over, where no cursor is known. */
  offset?: number;
}

export const api = {
  /** Newest first. */
  messages(filter: Filter, { limit, cursor, offset }: Part, signal: AbortSignal): Promise<Answer<MessagePage>> {
    const query = {
      ...filterQuery(filter, Date.now()),
      order: 'desc' as const,
      limit,
      ...(cursor ? { cursor } : offset ? { offset } : {}),
    };
    return ask(signal, (s) => http.GET('/messages', { params: { query }, signal: s }));
  },
  message({ source, id }: MessageKey, signal: AbortSignal): Promise<Answer<MessageDetail>> {
    const params = { path: { message_id: id }, query: { source } };
    return ask(signal, (s) => http.GET('/messages/{message_id}', { params, signal: s }));
  },
  conflicts(limit: number, signal: AbortSignal): Promise<Answer<ConflictPage>> {
    return ask(signal, (s) => http.GET('/conflicts', { params: { query: { limit } }, signal: s }));
  },
  stats(signal: AbortSignal): Promise<Answer<Stats>> {
    return ask(signal, (s) => http.GET('/stats', { signal: s }));
  },
  session(signal: AbortSignal): Promise<Answer<Session>> {
    return ask(signal, (s) => http.GET('/session', { signal: s }));
  },
  signIn(token: string, signal: AbortSignal): Promise<Answer<void>> {
    return ask<void>(signal, (s) => http.POST('/session', { body: { token }, signal: s }));
  },
  signOut(signal: AbortSignal): Promise<Answer<void>> {
    return ask<void>(signal, (s) => http.DELETE('/session', { signal: s }));
  },
  async version(signal: AbortSignal): Promise<string | undefined> {
    const answer = await ask(signal, (s) => http.GET('/', { signal: s }));
    return answer.ok ? answer.data.version : undefined;
  },
};
