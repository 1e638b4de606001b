import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { bucketAt, dayStart, endOf, indexOf, runsOf, spanOf } from '../src/format/buckets.ts';

const HOUR = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const iso = (ms: number) => new Date(ms).toISOString();
const original = process.env['TZ'];

/** Node reads the variable again whenever it is set. */
function live(zone: string) {
  process.env['TZ'] = zone;
}

afterEach(() => {
  if (original === undefined) delete process.env['TZ'];
  else process.env['TZ'] = original;
});

test('the last hour by minutes, and 48 hours by hours, with the present in the last bucket', () => {
  const now = at('2026-11-29T15:47:21.500Z');
  const [minutes] = runsOf('minutes', now, 'utc');
  assert.deepEqual(minutes, { since: at('2026-11-29T14:48:00Z'), widthMs: 60_000, buckets: 60 });
  const [hours, ...others] = runsOf('', now, 'utc');
  assert.deepEqual(hours, { since: at('2026-11-27T16:00:00Z'), widthMs: HOUR, buckets: 48 });
  assert.deepEqual(others, []);
  assert.equal(hours && iso(endOf(hours)), '2026-11-29T16:00:00.000Z');
});

test('a bucket begins with its first instant', () => {
  const [run] = runsOf('', at('2026-11-29T15:00:00Z'), 'utc');
  assert.equal(run && iso(endOf(run)), '2026-11-29T16:00:00.000Z');
});

test('hours begin where the clocks of the zone say so', () => {
  live('Asia/Kolkata');
  const [run] = runsOf('', at('2026-11-29T15:47:00Z'), 'local');
  assert.equal(run && iso(endOf(run)), '2026-11-29T16:30:00.000Z');
  const [utc] = runsOf('', at('2026-11-29T15:47:00Z'), 'utc');
  assert.equal(utc && iso(endOf(utc)), '2026-11-29T16:00:00.000Z');
});

test('thirty days from midnight to midnight of the zone', () => {
  live('Asia/Kolkata');
  const now = at('2026-11-29T19:00:00Z');
  const [run, ...others] = runsOf('days', now, 'local');
  assert.deepEqual(others, []);
  assert.deepEqual(run, { since: at('2026-10-31T18:30:00Z'), widthMs: 24 * HOUR, buckets: 30 });
  const [utc] = runsOf('days', now, 'utc');
  assert.deepEqual(utc, { since: at('2026-10-31T00:00:00Z'), widthMs: 24 * HOUR, buckets: 30 });
});

test('a day of 25 hours, and one of 23, are asked for by themselves, and nothing is left out', () => {
  live('Europe/Berlin');
  const autumn = runsOf('days', at('2026-11-10T12:00:00Z'), 'local');
  assert.deepEqual(
    autumn.map(({ since, widthMs, buckets }) => [iso(since), widthMs / HOUR, buckets]),
    [
      ['2026-10-11T22:00:00.000Z', 24, 13],
      ['2026-10-24T22:00:00.000Z', 25, 1],
      ['2026-10-25T23:00:00.000Z', 24, 16],
    ],
  );
  const spring = runsOf('days', at('2026-03-30T12:00:00Z'), 'local');
  assert.deepEqual(spring.map(({ widthMs, buckets }) => [widthMs / HOUR, buckets]), [[24, 28], [23, 1], [24, 1]]);
  for (const runs of [autumn, spring]) {
    assert.equal(runs.reduce((sum, run) => sum + run.buckets, 0), 30);
    runs.slice(1).forEach((run, i) => assert.equal(run.since, endOf(runs[i] ?? run)));
  }
});

test('where clocks are put forward at midnight, the day begins an hour later', () => {
  live('America/Santiago');
  assert.equal(iso(dayStart(at('2026-09-06T15:00:00Z'), 0, 'local')), '2026-09-06T04:00:00.000Z');
});

test('every width is one that the server counts: whole minutes', () => {
  for (const zone of ['Australia/Lord_Howe', 'Asia/Kathmandu', 'Europe/Berlin', 'America/Havana']) {
    live(zone);
    for (let month = 1; month <= 12; month++) {
      for (const run of runsOf('days', Date.UTC(2026, month, 1), 'local')) {
        assert.equal(run.widthMs % 60_000, 0);
        assert.equal(run.since % 60_000, 0);
        assert.ok(run.widthMs >= 22 * HOUR && run.widthMs <= 26 * HOUR, `${zone}: ${run.widthMs}`);
      }
    }
  }
});

test('a point lies over a bucket, and a point outside over the nearest', () => {
  assert.deepEqual([-0.2, 0, 0.24, 0.25, 0.99, 1, 7].map((part) => bucketAt(part, 4)), [0, 0, 0, 1, 3, 3, 3]);
});

test('a drag spans the same in either direction', () => {
  const buckets = [0, 1, 2, 3].map((n) => ({ start: n * 10, end: n * 10 + 10 }));
  assert.deepEqual(spanOf(buckets, 1, 3), { start: 10, end: 40 });
  assert.deepEqual(spanOf(buckets, 3, 1), { start: 10, end: 40 });
  assert.deepEqual(spanOf(buckets, 2, 2), { start: 20, end: 30 });
  assert.equal(spanOf([], 0, 0), null);
});

test('what was chosen stays chosen while the row moves on', () => {
  const buckets = [20, 30, 40].map((start) => ({ start, end: start + 10 }));
  assert.equal(indexOf(buckets, 30), 1);
  assert.equal(indexOf(buckets, 10), 0);
  assert.equal(indexOf(buckets, 90), 2);
});
