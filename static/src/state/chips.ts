import { shortTime, type Zone } from '../format/time.ts';
import { strings } from '../strings/index.ts';
import type { Filter } from './view.ts';

export interface Chip {
  name: string;
  label: string;
  value: string;
  /** The change that drops it. */
  without: Partial<Filter>;
}

/** Each filter that is set, in words, and how to drop it. */
export function chipsOf({ q, from, to, since, until, last, source, key }: Filter, zone: Zone): Chip[] {
  const text = strings.filter;
  const chips: Chip[] = [];
  const add = (name: keyof typeof text.chips, value: string, without: Partial<Filter>) =>
    value && chips.push({ name, label: text.chips[name], value, without });
  add('q', q, { q: '' });
  add('from', from, { from: '' });
  add('to', to, { to: '' });
  const [start, end] = [since && shortTime(since, zone), until && shortTime(until, zone)];
  const between = start && end ? text.between(start, end) : start ? text.sinceOnly(start) : end ? text.untilOnly(end) : '';
  add('when', last ? text.ranges[last].toLowerCase() : between, { last: '', since: '', until: '' });
  add('source', source, { source: '' });
  add('key', key, { key: '' });
  return chips;
}
