import type { Zone } from './time.ts';

/** Which stretch of time: the last hour by minutes, 48 hours by hours (as the address has it), 30 days by days. */
export type Span = 'minutes' | '' | 'days';
export const SPANS: readonly Span[] = ['minutes', '', 'days'];

/** From `start` on, and before `end`; milliseconds since 1970. */
export interface Bucket {
  start: number;
  end: number;
}

/** A row of buckets that are all as wide as each other: what the server counts in one answer. */
export interface Run {
  since: number;
  widthMs: number;
  buckets: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MINUTES = 60;
const HOURS = 48;
const DAYS = 30;

/** How far the clocks of the zone are ahead of UTC. */
function offsetMs(at: number, zone: Zone): number {
  return zone === 'utc' ? 0 : -new Date(at).getTimezoneOffset() * MINUTE;
}

/** Where the day begins that is so many days after that of `at`; a day without a midnight begins when it does. */
export function dayStart(at: number, days: number, zone: Zone): number {
  const date = new Date(at);
  return zone === 'utc'
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days)
    : new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** Days are not all as long as each other, as clocks are put forward and back: of each length there is a run. */
function dayRuns(now: number, zone: Zone): Run[] {
  const runs: Run[] = [];
  for (let day = 1 - DAYS; day <= 0; day++) {
    const since = dayStart(now, day, zone);
    const widthMs = dayStart(now, day + 1, zone) - since;
    const last = runs.at(-1);
    if (last?.widthMs === widthMs) last.buckets++;
    else runs.push({ since, widthMs, buckets: 1 });
  }
  return runs;
}

/** What to ask for, the oldest first; the last bucket is that which holds the present. */
export function runsOf(span: Span, now: number, zone: Zone): Run[] {
  if (span === 'days') return dayRuns(now, zone);
  const [widthMs, buckets] = span === 'minutes' ? [MINUTE, MINUTES] : [HOUR, HOURS];
  // Where clocks differ from UTC by half an hour, hours begin half an hour later.
  const shift = offsetMs(now, zone);
  const current = Math.floor((now + shift) / widthMs) * widthMs - shift;
  return [{ since: current - (buckets - 1) * widthMs, widthMs, buckets }];
}

export function endOf({ since, widthMs, buckets }: Run): number {
  return since + widthMs * buckets;
}

/** Which bucket lies under a point, where the row goes from 0 to 1. */
export function bucketAt(part: number, buckets: number): number {
  return Math.min(buckets - 1, Math.max(0, Math.floor(part * buckets)));
}

/** Where a bucket is that began at `start`; the row moves on with time, so the first stands in for those that are gone. */
export function indexOf(buckets: readonly Bucket[], start: number): number {
  let at = buckets.length - 1;
  while (at > 0 && (buckets[at]?.start ?? 0) > start) at--;
  return at;
}

/** What two buckets and all between them span, in whichever order they were named. */
export function spanOf(buckets: readonly Bucket[], one: number, other: number): Bucket | null {
  const first = buckets[Math.min(one, other)];
  const last = buckets[Math.max(one, other)];
  return first && last ? { start: first.start, end: last.end } : null;
}
