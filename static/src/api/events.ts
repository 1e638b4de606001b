import { createParser } from 'eventsource-parser';
import { failureOf, HEADERS, refusalOf } from './client.ts';
import type { Failure } from './failure.ts';

export interface ServerEvent {
  name: string;
  id: string;
  data: string;
}

interface Options {
  /** Goes on behind this event. */
  lastEventId: string;
  signal: AbortSignal;
  /** The server has answered, and `id` is where it stands. */
  onOpen(id: string): void;
  onEvent(event: ServerEvent): void;
  /** How long to wait before coming back. */
  onRetry(ms: number): void;
}

/** The server says something at least every 15 s. Who is silent for so long is gone, even if nobody has said so. */
const SILENCE_MS = 40_000;

/**
 * One stream of server-sent events, to its end. By `fetch`, as an `EventSource` hides the status, the problem document
 * and `Retry-After`. Resolves with why it was refused, or with `null` where it was open and ended.
 */
export async function follow(path: string, { lastEventId, signal, onOpen, onEvent, onRetry }: Options): Promise<Failure | null> {
  const silence = new AbortController();
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => silence.abort(new DOMException('silent', 'TimeoutError')), SILENCE_MS);
  };
  let opened = false;
  let at = lastEventId;
  const open = () => {
    if (opened) return;
    opened = true;
    onOpen(at);
  };
  heard();
  try {
    const response = await fetch(path, {
      headers: {
        ...HEADERS,
        accept: 'text/event-stream',
        ...(lastEventId && { 'last-event-id': lastEventId }),
      },
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || !response.body) {
      const body: unknown = await response.json().catch(() => null);
      return refusalOf(response, body);
    }
    const parser = createParser({
      onEvent: ({ event, id, data }) => {
        if (id !== undefined) at = id;
        open();
        onEvent({ name: event ?? 'message', id: at, data });
      },
      onRetry,
    });
    // What comes first may say where the server stands, in an event without data, of which parsers tell nothing.
    let head = '';
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return null;
      heard();
      if (!opened) {
        head += value;
        const end = head.indexOf('\n\n');
        if (end < 0) continue;
        at = /^id: ?(.*)$/m.exec(head.slice(0, end))?.[1] ?? at;
        parser.feed(head);
        open();
        continue;
      }
      parser.feed(value);
    }
  } catch (error) {
    signal.throwIfAborted();
    return opened ? null : failureOf(error);
  } finally {
    clearTimeout(watchdog);
  }
}
