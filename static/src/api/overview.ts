import { ask, http, type Answer } from './client.ts';
import { endOf, type Bucket, type Run } from '../format/buckets.ts';
import type { components } from './schema.gen.ts';

export interface Counted extends Bucket {
  count: number;
}

interface Timeline {
  total: number;
  data: { start: string; count: number }[];
}

export const OUTCOMES = ['created', 'duplicate', 'conflict', 'refused'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface ServerStats {
  version: string;
  started_at: string;
  uptime_seconds: number;
  outcomes: { width_seconds: number; data: ({ start: string } & Record<Outcome, number>)[] };
  acknowledgement: { window_seconds: number; count: number; p50_ms: number | null; p95_ms: number | null; p99_ms: number | null };
  storage: {
    engine: string | null;
    durability: string | null;
    durable: boolean | null;
    database_bytes: number | null;
    index_bytes: number | null;
    wal_bytes: number | null;
    free_bytes: number | null;
  };
}

export type Source = components['schemas']['Source'];
export type Checks = components['schemas']['Checks'];

type Get = <T>(path: string, init: object) => Promise<{ data?: T; error?: unknown; response: Response }>;
const get = http.GET as unknown as Get;

function read<T>(path: string, query: object, signal: AbortSignal): Promise<Answer<T>> {
  return ask<T>(signal, (s) => get<T>(path, { params: { query }, signal: s }));
}

export const overviewApi = {
  /** Each run is one question; together they are one row. */
  async timeline(runs: readonly Run[], signal: AbortSignal): Promise<Answer<Counted[]>> {
    const answers = await Promise.all(
      runs.map((run) => {
        const [since, until] = [run.since, endOf(run)].map((at) => new Date(at).toISOString());
        return read<Timeline>('/stats/timeline', { width: run.widthMs / 1000, since, until }, signal);
      }),
    );
    const counted: Counted[] = [];
    for (const [at, answer] of answers.entries()) {
      if (!answer.ok) return answer;
      const width = runs[at]?.widthMs ?? 0;
      for (const { start, count } of answer.data.data) {
        counted.push({ start: Date.parse(start), end: Date.parse(start) + width, count });
      }
    }
    return { ok: true, data: counted };
  },
  server(width: 60 | 3600, signal: AbortSignal): Promise<Answer<ServerStats>> {
    return read('/stats/server', { width }, signal);
  },
  async sources(signal: AbortSignal): Promise<Answer<Source[]>> {
    const answer = await ask(signal, (s) => http.GET('/sources', { signal: s }));
    return answer.ok ? { ok: true, data: answer.data.data } : answer;
  },
  /** A server that is not ready refuses, and says in the same words what it has found. */
  async readiness(signal: AbortSignal): Promise<Answer<Checks>> {
    let checks: Checks | undefined;
    const answer = await ask(signal, async (s) => {
      const reply = await http.GET('/health/ready', { signal: s });
      const found: { checks?: Checks } | undefined = reply.data ?? reply.error;
      checks = found?.checks;
      return reply;
    });
    if (checks) return { ok: true, data: checks };
    return answer.ok ? { ok: true, data: answer.data.checks } : answer;
  },
};
