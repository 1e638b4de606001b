import type { Problem } from './types.ts';

/** Why a call did not give data, in words that can be shown as they are. */
export interface Failure {
  /** 0: no answer at all. */
  status: number;
  title: string;
  detail: string;
  fields: { pointer: string; detail: string }[];
  retryAfterMs?: number;
}

/** True when asking again later may well succeed without anybody changing the question. */
export function isTransient(failure: Failure): boolean {
  return failure.status === 0 || failure.status >= 500 || [408, 425, 429].includes(failure.status);
}

/** `Retry-After` is a number of seconds or an HTTP date. */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim();
  if (!text) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Reads a problem document. A proxy in between may have sent anything, so nothing about its form is taken for granted. */
export function failureFrom(status: number, statusText: string, body: unknown, retryAfterMs?: number): Failure {
  const problem: Partial<Problem> = typeof body === 'object' && body !== null ? body : {};
  const failure: Failure = {
    status,
    title: typeof problem.title === 'string' ? problem.title : statusText || `HTTP ${status}`,
    detail: typeof problem.detail === 'string' ? problem.detail : '',
    fields: Array.isArray(problem.errors)
      ? problem.errors.map((e) => ({ pointer: String(e?.pointer ?? ''), detail: String(e?.detail ?? '') }))
      : [],
  };
  if (retryAfterMs !== undefined) failure.retryAfterMs = retryAfterMs;
  return failure;
}
