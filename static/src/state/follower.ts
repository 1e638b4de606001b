import { backoffMs } from './poller.ts';
import { follow, type ServerEvent } from '../api/events.ts';
import { isTransient, type Failure } from '../api/failure.ts';

interface Options {
  /** Where the events are; asked at each connection. */
  path(): string;
  /** `resumed`: nothing was missed, as the stream goes on behind the last event. */
  onOpen(resumed: boolean): void;
  onEvent(event: ServerEvent): void;
  /** It is not open any more, or could not be opened; `failures` in a row. `failure`: why it was refused. */
  onLost(failure: Failure | null, failures: number): void;
}

export interface Follower {
  /** From where it ended, or anew. Drops a stream that is open. */
  start(options: { resume: boolean }): void;
  stop(): void;
}

/** Longer than this, and what was missed is better read as a list. */
const RESUMABLE_MS = 60_000;

/** Keeps a stream open, and comes back behind the last event when it is lost. */
export function createFollower({ path, onOpen, onEvent, onLost }: Options): Follower {
  let current: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let retryMs = 2_000;
  let last = { id: '', at: 0 };

  async function run(mine: AbortController, resume: boolean): Promise<void> {
    const resumed = resume && last.id !== '' && Date.now() - last.at < RESUMABLE_MS;
    const note = (id: string) => (last = { id, at: Date.now() });
    let failure: Failure | null;
    try {
      failure = await follow(path(), {
        lastEventId: resumed ? last.id : '',
        signal: mine.signal,
        onOpen: (id) => {
          failures = 0;
          note(id);
          onOpen(resumed);
        },
        onEvent: (event) => {
          note(event.id);
          onEvent(event);
        },
        onRetry: (ms) => (retryMs = ms),
      });
    } catch {
      // Stopped, by `start` or `stop`.
      return;
    }
    if (current !== mine) return;
    failures += 1;
    // Where it was open until now, that is when something may first have been missed.
    if (failure === null && failures === 1) last.at = Date.now();
    // Not this server's past: it was started anew, or is another one.
    const unknown = failure !== null && !isTransient(failure);
    if (unknown) last = { id: '', at: 0 };
    onLost(failure, failures);
    if (current !== mine) return;
    const delay = failures === 1 && !unknown ? retryMs / 4 : backoffMs(Math.min(failures - 1, 4), failure?.retryAfterMs, Math.random());
    timer = setTimeout(() => start({ resume: true }), delay);
  }

  function stop(): void {
    clearTimeout(timer);
    current?.abort();
    current = undefined;
  }

  function start({ resume }: { resume: boolean }): void {
    stop();
    current = new AbortController();
    void run(current, resume);
  }

  return { start, stop };
}
