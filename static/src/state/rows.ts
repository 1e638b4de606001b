import type { Message } from '../api/types.ts';
import { DEFAULT_SOURCE, type MessageKey } from './view.ts';

export function keyOf(message: Pick<Message, 'message_id' | 'source'>): MessageKey {
  return { source: message.source ?? DEFAULT_SOURCE, id: message.message_id };
}

/** One word for a key: no source has a line break in it. */
export function nameOf({ source, id }: MessageKey): string {
  return `${source}\n${id}`;
}

const rowName = (message: Message) => nameOf(keyOf(message));

/** Instants have up to nine digits behind the second, of which `Date` keeps three. */
function compareInstants(a: string, b: string): number {
  const byMs = Date.parse(a) - Date.parse(b);
  if (byMs !== 0 || a === b) return byMs;
  const fraction = (iso: string) => (/\.(\d+)/.exec(iso)?.[1] ?? '').padEnd(9, '0');
  return fraction(a) < fraction(b) ? -1 : fraction(a) > fraction(b) ? 1 : 0;
}

/** Newest first, as the server sorts. */
export function compareRows(a: Message, b: Message): number {
  const byTime = compareInstants(b.ts, a.ts);
  if (byTime !== 0) return byTime;
  const [x, y] = [keyOf(a), keyOf(b)];
  return x.id !== y.id ? (x.id < y.id ? 1 : -1) : x.source < y.source ? 1 : x.source > y.source ? -1 : 0;
}

export interface Merged {
  rows: Message[];
  /** Those that were not there before, in the list or not. */
  fresh: Message[];
  /** Fresh ones that have no place among the rows: they were sent before the oldest of them. */
  late: Message[];
}

/**
 * Puts arrivals in their places. `complete`: the rows go back to the very first message, so that everything has a place
 * among them.
 */
export function merge(rows: readonly Message[], arrivals: readonly Message[], complete: boolean): Merged {
  const known = new Set(rows.map(rowName));
  const fresh: Message[] = [];
  for (const message of arrivals) {
    const name = rowName(message);
    if (known.has(name)) continue;
    known.add(name);
    fresh.push(message);
  }
  if (fresh.length === 0) return { rows: rows as Message[], fresh, late: [] };
  const oldest = rows.at(-1);
  const inside = complete || !oldest ? fresh : fresh.filter((message) => compareRows(message, oldest) < 0);
  const late = inside.length === fresh.length ? [] : fresh.filter((message) => !inside.includes(message));
  inside.sort(compareRows);
  const merged: Message[] = [];
  let at = 0;
  for (const row of rows) {
    for (let next = inside[at]; next && compareRows(next, row) < 0; next = inside[++at]) merged.push(next);
    merged.push(row);
  }
  merged.push(...inside.slice(at));
  return { rows: merged, fresh, late };
}
