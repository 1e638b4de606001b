import type { Rejection } from '../api/types.ts';

/** More than this is no list that anybody reads, and a storm of refusals must not fill the memory. */
export const MOST_KEPT = 1_000;
/** So many alike in a row are one row with a number: a provider that tries again and again. */
const FOLD_FROM = 3;

/** Senders may choose their request ids, and use one again: only with the instant it is one request. */
export function rowName(row: Rejection): string {
  return `${row.refused_at} ${row.request_id}`;
}

// UTC without padding zeros, so that instants sort as texts once the Z is gone.
const instant = (row: Rejection) => row.refused_at.slice(0, -1);

const newestFirst = (a: Rejection, b: Rejection) => (instant(a) < instant(b) ? 1 : instant(a) > instant(b) ? -1 : 0);

export interface Joined {
  rows: Rejection[];
  /** Those that were not there before. */
  fresh: Rejection[];
}

/** Puts requests among the rows, the newest first, and replaces those that are there already: their mistake may have been found. */
export function join(rows: readonly Rejection[], arrived: readonly Rejection[], most = MOST_KEPT): Joined {
  if (arrived.length === 0) return { rows: rows as Rejection[], fresh: [] };
  const places = new Map(rows.map((row, at) => [rowName(row), at]));
  const joined = [...rows];
  const fresh = new Map<string, Rejection>();
  for (const row of arrived) {
    const name = rowName(row);
    const at = places.get(name);
    if (at === undefined) fresh.set(name, row);
    // A list that was read before the mistake was found, and came after it, knows less.
    else if (row.near_miss !== null || joined[at]?.near_miss === null) joined[at] = row;
  }
  joined.unshift(...fresh.values());
  joined.sort(newestFirst);
  return { rows: joined.slice(0, most), fresh: [...fresh.values()] };
}

/** Whether it was refused after the newest of a list that was read. */
export function isAhead(row: Rejection, list: readonly Rejection[]): boolean {
  const [top] = list;
  return !top || newestFirst(row, top) < 0;
}

export interface Group {
  /** Stays the same while newer ones come on top. */
  name: string;
  /** The newest first; one or more. */
  rows: [Rejection, ...Rejection[]];
}

const alike = (a: Rejection, b: Rejection) =>
  a.reason === b.reason && a.peer === b.peer && a.source === b.source && (a.path === b.path || (!isWebhook(a) && !isWebhook(b))) && (!a.near_miss || !b.near_miss || a.near_miss === b.near_miss);

/** One peer's requests that were refused for one reason again and again, with nothing between them, become one row. */
export function fold(rows: readonly Rejection[]): Group[] {
  const runs: [Rejection, ...Rejection[]][] = [];
  let miss: Rejection | undefined;
  for (const row of rows) {
    const run = runs.at(-1);
    // Not every one of many is looked into: what is not known of one is taken from the one that is.
    if (run && alike(run[0], row) && (!miss || alike(miss, row))) run.push(row);
    else {
      runs.push([row]);
      miss = undefined;
    }
    if (row.near_miss) miss = row;
  }
  const single = (row: Rejection): Group => ({ name: rowName(row), rows: [row] });
  return runs.flatMap((run) => (run.length < FOLD_FROM ? run.map(single) : [{ name: rowName(run.at(-1) ?? run[0]), rows: run }]));
}

/** The one of a group that says most: in which the mistake was found. */
export function spokesman({ rows }: Group): Rejection {
  return rows.find((row) => row.near_miss) ?? rows[0];
}

/** Whether it was a webhook that did not get through, and not a read. */
export function isWebhook(row: Rejection): boolean {
  return row.path.startsWith('/webhook');
}

/** What was sent where: the route with the name in it. */
export function pathOf({ path, source }: Rejection): string {
  return source === null || source === undefined ? path : path.replace('{source}', () => source);
}
