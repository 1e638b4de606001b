import { ask, http, type Answer } from './client.ts';
import { endOf, type Bucket, type Run } from '../format/buckets.ts';
import type { components } from './schema.gen.ts';

export interface Counted extends Bucket {
  count: number;
}

export const OUTCOMES = ['created', 'duplicate', 'conflict', 'refused'] as const;

export type ServerStats = components['schemas']['ServerStats'];
export type Source = components['schemas']['Source'];
export type Checks = components['schemas']['Checks'];

export const overviewApi = {
  /** Each run is one question; together they are one row. */
  async timeline(runs: readonly Run[], signal: AbortSignal): Promise<Answer<Counted[]>> {
    const answers = await Promise.all(
      runs.map((run) => {
        const [since, until] = [new Date(run.since).toISOString(), new Date(endOf(run)).toISOString()];
        const query = { width: run.widthMs / 1000, since, until };
        return ask(signal, (s) => http.GET('/stats/timeline', { params: { query }, signal: s }));
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
    return ask(signal, (s) => http.GET('/stats/server', { params: { query: { width } }, signal: s }));
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
