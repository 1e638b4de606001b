import createClient from 'openapi-fetch';
import { strings } from '../strings.ts';
import { failureFrom, parseRetryAfter, type Failure } from './failure.ts';
import type { paths } from './schema.gen.ts';
import type { ConflictPage, MessageDetail, MessagePage, Session, Stats } from './types.ts';

export type Answer<T> = { ok: true; data: T } | { ok: false; failure: Failure };

/** A request that hangs longer than this counts as failed, or the page would call itself live while it is not. */
const TIMEOUT_MS = 10_000;

const http = createClient<paths>({
  baseUrl: location.origin,
  // The second one says that a page asks, which has its own form for the token: otherwise the browser would open a
  // dialog in front of it. (Over plain HTTP, browsers do not say so by themselves.)
  headers: { accept: 'application/json', 'x-requested-with': 'countersign' },
});

type Reply<T> = { data?: T; error?: unknown; response: Response };

/** Turns every way in which a call can fail into an `Answer`; throws only when the caller's own signal aborted it. */
async function ask<T>(caller: AbortSignal, send: (signal: AbortSignal) => Promise<Reply<T>>): Promise<Answer<T>> {
  const signal = AbortSignal.any([caller, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const { data, error, response } = await send(signal);
    if (response.ok && data !== undefined) return { ok: true, data };
    // An answer without a body says by its status alone that it is done.
    if (response.status === 204) return { ok: true, data: undefined as T };
    const retryAfter = parseRetryAfter(response.headers.get('Retry-After'), Date.now());
    return { ok: false, failure: failureFrom(response.status, response.statusText, error, retryAfter) };
  } catch (error) {
    caller.throwIfAborted();
    const text = strings.failure;
    const [title, detail] =
      error instanceof SyntaxError
        ? [text.notJson, text.notJsonDetail]
        : error instanceof DOMException && error.name === 'TimeoutError'
          ? [text.timeout, text.timeoutDetail(TIMEOUT_MS / 1000)]
          : [text.unreachable, text.unreachableDetail(location.origin)];
    return { ok: false, failure: { status: 0, title, detail, fields: [] } };
  }
}

export interface MessageFilter {
  q: string;
  from: string;
}

export const api = {
  messages(filter: MessageFilter, limit: number, offset: number, signal: AbortSignal): Promise<Answer<MessagePage>> {
    const query = {
      order: 'desc' as const,
      limit,
      offset,
      ...(filter.q ? { q: filter.q } : {}),
      ...(filter.from ? { from: filter.from } : {}),
    };
    return ask(signal, (s) => http.GET('/messages', { params: { query }, signal: s }));
  },
  message(id: string, signal: AbortSignal): Promise<Answer<MessageDetail>> {
    return ask(signal, (s) => http.GET('/messages/{message_id}', { params: { path: { message_id: id } }, signal: s }));
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
