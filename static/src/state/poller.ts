export interface Outcome {
  ok: boolean;
  retryAfterMs?: number | undefined;
}

export interface Poller {
  /** Ask now: drops what is under way, so that two requests never overlap. */
  refresh(): void;
  /** Stop or go on asking by itself. `refresh` works in both states. */
  setRunning(running: boolean): void;
}

interface Options {
  /** One round. Must stop and never touch shared state once the signal is aborted. */
  run(signal: AbortSignal): Promise<Outcome>;
  intervalMs: number;
  /** Told when the next round is due after a failure; null when none is planned. */
  onWait?(untilMs: number | null): void;
  random?: () => number;
}

const MAX_BACKOFF_MS = 30_000;
/** A server may ask for patience, but a page that sleeps for an hour looks broken. */
const MAX_RETRY_AFTER_MS = 300_000;

/** 2, 4, 8, 16, 30, 30 … seconds, up to a fifth more so that many open pages do not come back together. */
export function backoffMs(failures: number, retryAfterMs: number | undefined, random: number): number {
  const base =
    retryAfterMs === undefined
      ? Math.min(MAX_BACKOFF_MS, 1000 * 2 ** Math.min(failures, 10))
      : Math.min(MAX_RETRY_AFTER_MS, Math.max(1000, retryAfterMs));
  return base * (1 + 0.2 * random);
}

export function createPoller({ run, intervalMs, onWait, random = Math.random }: Options): Poller {
  let running = false;
  let failures = 0;
  let current: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function cancelTimer() {
    clearTimeout(timer);
    timer = undefined;
    onWait?.(null);
  }

  function plan(delay: number) {
    timer = setTimeout(refresh, delay);
  }

  async function round(mine: AbortController) {
    let outcome: Outcome;
    try {
      outcome = await run(mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return;
      // A bug, not the network: say so where a developer looks, and keep polling at the slowest pace.
      console.error(error);
      outcome = { ok: false, retryAfterMs: MAX_BACKOFF_MS };
    }
    // Somebody asked again meanwhile: that round plans what comes next.
    if (current !== mine) return;
    current = undefined;
    failures = outcome.ok ? 0 : failures + 1;
    if (!running) return;
    if (outcome.ok) return plan(intervalMs);
    const delay = backoffMs(failures, outcome.retryAfterMs, random());
    plan(delay);
    onWait?.(Date.now() + delay);
  }

  function refresh() {
    cancelTimer();
    current?.abort();
    current = new AbortController();
    void round(current);
  }

  return {
    refresh,
    setRunning(next) {
      if (next === running) return;
      running = next;
      if (running) return refresh();
      cancelTimer();
    },
  };
}
