import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { milliseconds, scaleLines } from '../src/format/scale.ts';
import { spanLabel, timeTicks } from '../src/format/span.ts';

const original = process.env['TZ'];
afterEach(() => {
  if (original === undefined) delete process.env['TZ'];
  else process.env['TZ'] = original;
});

const bucket = (start: string, end: string) => ({ start: Date.parse(start), end: Date.parse(end) });

test('a few round lines, none of which is beyond the greatest number', () => {
  assert.deepEqual(scaleLines(0), [1]);
  assert.deepEqual(scaleLines(1), [1]);
  assert.deepEqual(scaleLines(4), [1, 2, 3, 4]);
  assert.deepEqual(scaleLines(5), [2, 4]);
  assert.deepEqual(scaleLines(12), [5, 10]);
  assert.deepEqual(scaleLines(61), [20, 40, 60]);
  assert.deepEqual(scaleLines(1_000_000), [500_000, 1_000_000]);
  for (let most = 2; most < 3000; most += 7) {
    const lines = scaleLines(most);
    assert.ok((lines.at(-1) ?? 0) <= most && lines.length >= 2 && lines.length <= 4, String(most));
  }
});

test('latencies in three digits', () => {
  assert.deepEqual([0, 0.6, 9.994, 12.34, 1234.5].map(milliseconds), ['0.00', '0.60', '9.99', '12.3', '1,235']);
});

test('a span says when it begins and ends, in the chosen zone', () => {
  process.env['TZ'] = 'Europe/Berlin';
  const hour = bucket('2026-11-29T13:00:00Z', '2026-11-29T14:00:00Z');
  assert.equal(spanLabel(hour, 'utc'), 'Sun 29 Nov, 13:00 – 14:00');
  assert.equal(spanLabel(hour, 'local'), 'Sun 29 Nov, 14:00 – 15:00');
  assert.equal(spanLabel(bucket('2026-11-29T23:00:00Z', '2026-11-30T00:00:00Z'), 'utc'), 'Sun 29 Nov, 23:00 – 00:00');
  assert.equal(
    spanLabel(bucket('2026-11-28T20:00:00Z', '2026-11-29T02:00:00Z'), 'utc'),
    'Sat 28 Nov, 20:00 – Sun 29 Nov, 02:00',
  );
  assert.equal(spanLabel(bucket('2026-11-29T00:00:00Z', '2026-11-30T00:00:00Z'), 'utc'), 'Sun 29 Nov');
  assert.equal(spanLabel(bucket('2026-11-27T00:00:00Z', '2026-11-30T00:00:00Z'), 'utc'), 'Fri 27 Nov – Sun 29 Nov');
});

test('an hour that comes twice says which', () => {
  process.env['TZ'] = 'Europe/Berlin';
  const twice = spanLabel(bucket('2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z'), 'local');
  assert.match(twice, /^Sun 25 Oct, 02:00 \S+ – 02:00 \S+$/);
  assert.equal(spanLabel(bucket('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z'), 'local'), 'Sun 25 Oct');
});

test('the axis of time has few labels, at round places', () => {
  const row = (first: string, width: number, n: number) =>
    Array.from({ length: n }, (_, i) => ({ start: Date.parse(first) + i * width, end: Date.parse(first) + (i + 1) * width }));
  const labels = (...of: Parameters<typeof timeTicks>) => timeTicks(...of).map((tick) => tick.label);
  assert.deepEqual(labels(row('2026-11-29T14:48:00Z', 60_000, 60), 'minutes', 'utc'), ['15:00', '15:15', '15:30', '15:45']);
  assert.deepEqual(labels(row('2026-11-27T16:00:00Z', 3_600_000, 48), '', 'utc'), ['28 Nov', '12:00', '29 Nov', '12:00']);
  assert.deepEqual(labels(row('2026-10-31T00:00:00Z', 86_400_000, 30), 'days', 'utc'), ['2 Nov', '9 Nov', '16 Nov', '23 Nov']);
});
