import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../src/api/types.ts';
import { compareRows, merge } from '../src/state/rows.ts';

const row = (message_id: string, ts: string, source?: string): Message => ({
  message_id,
  from_msisdn: '+1',
  to_msisdn: '+2',
  ts,
  text: null,
  created_at: ts,
  ...(source && { source }),
});
const names = (rows: Message[]) => rows.map((r) => r.message_id).join(' ');

test('rows are sorted as the server sorts: by instant to the nanosecond, id, source, newest first', () => {
  const rows = [
    row('a', '2026-01-01T00:00:00Z'),
    row('b', '2026-01-01T00:00:00.1Z'),
    row('c', '2026-01-01T00:00:00.100001Z'),
    row('d', '2026-01-01T00:00:00.09Z'),
    row('e', '2026-01-01T00:00:00.09Z'),
    row('e', '2026-01-01T00:00:00.09Z', 'shop'),
  ];
  assert.equal(names([...rows].sort(compareRows)), 'c b e e d a');
  assert.equal([...rows].sort(compareRows)[2]?.source, 'shop');
});

test('arrivals get their places, each once', () => {
  const rows = [row('5', '2026-01-05T00:00:00Z'), row('3', '2026-01-03T00:00:00Z'), row('1', '2026-01-01T00:00:00Z')];
  const arrivals = [
    row('4', '2026-01-04T00:00:00Z'),
    row('6', '2026-01-06T00:00:00Z'),
    row('3', '2026-01-03T00:00:00Z'),
    row('6', '2026-01-06T00:00:00Z'),
    row('3', '2026-01-03T00:00:00Z', 'shop'),
  ];
  const merged = merge(rows, arrivals, false);
  assert.equal(names(merged.rows), '6 5 4 3 3 1');
  assert.equal(merged.fresh.length, 3);
  assert.deepEqual(merged.late, []);
  // What is there stays the same object: it is not drawn anew.
  assert.ok(rows.every((r) => merged.rows.includes(r)));
});

test('what is older than all rows has a place only where the rows go back to the first message', () => {
  const rows = [row('2', '2026-01-02T00:00:00Z')];
  const old = row('0', '2025-01-01T00:00:00Z');
  assert.deepEqual(merge(rows, [old], false).late, [old]);
  assert.equal(names(merge(rows, [old], false).rows), '2');
  assert.equal(names(merge(rows, [old], true).rows), '2 0');
});

test('nothing new changes nothing', () => {
  const rows = [row('2', '2026-01-02T00:00:00Z')];
  assert.equal(merge(rows, [row('2', '2026-01-02T00:00:00Z')], true).rows, rows);
});

test('merging in any order gives the same list', () => {
  const all = Array.from({ length: 60 }, (_, i) => row(`m${(i * 37) % 60}`, new Date(Date.UTC(2026, 0, 1) + ((i * 7919) % 50) * 1000).toISOString()));
  const sorted = names([...all].sort(compareRows));
  for (const size of [1, 7, 60]) {
    let rows: Message[] = [];
    for (let i = 0; i < all.length; i += size) rows = merge(rows, all.slice(i, i + size), true).rows;
    assert.equal(names(rows), sorted);
  }
});
