import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { backoffMs, createPoller, type Outcome } from '../src/state/poller.ts';

/** Rounds that the test ends itself, and the signal of each. */
function fake() {
  const rounds: { signal: AbortSignal; end(outcome: Outcome): Promise<void> }[] = [];
  const run = (signal: AbortSignal) =>
    new Promise<Outcome>((resolve) => {
      const end = async (outcome: Outcome) => {
        resolve(outcome);
        for (let i = 0; i < 5; i++) await Promise.resolve();
      };
      rounds.push({ signal, end });
    });
  return { rounds, run };
}

test('backoff grows, ends, and obeys Retry-After', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 50].map((n) => backoffMs(n, undefined, 0)), [2000, 4000, 8000, 16000, 30000, 30000]);
  assert.equal(backoffMs(1, 7000, 0), 7000);
  assert.equal(backoffMs(1, 0, 0), 1000);
  assert.equal(backoffMs(1, 1e12, 0), 300_000);
  assert.equal(backoffMs(1, undefined, 1), 2400);
});

test('rounds follow each other, never overlap, and wait longer after failures', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  try {
    const { rounds, run } = fake();
    const poller = createPoller({ run, intervalMs: 5000, random: () => 0 });
    poller.setRunning(true);
    assert.equal(rounds.length, 1);
    mock.timers.tick(60_000);
    assert.equal(rounds.length, 1, 'a slow round is waited for');
    await rounds[0]?.end({ ok: true });
    mock.timers.tick(4999);
    assert.equal(rounds.length, 1);
    mock.timers.tick(1);
    assert.equal(rounds.length, 2);
    await rounds[1]?.end({ ok: false });
    mock.timers.tick(2000);
    assert.equal(rounds.length, 3);
    await rounds[2]?.end({ ok: false, retryAfterMs: 9000 });
    mock.timers.tick(8999);
    assert.equal(rounds.length, 3);
    mock.timers.tick(1);
    assert.equal(rounds.length, 4);
  } finally {
    mock.timers.reset();
  }
});

test('a new question aborts the old one, whose late answer plans nothing', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  try {
    const { rounds, run } = fake();
    const poller = createPoller({ run, intervalMs: 5000, random: () => 0 });
    poller.setRunning(true);
    poller.refresh();
    assert.ok(rounds[0]?.signal.aborted);
    await rounds[0]?.end({ ok: true });
    mock.timers.tick(60_000);
    assert.equal(rounds.length, 2);
    poller.setRunning(false);
    await rounds[1]?.end({ ok: true });
    mock.timers.tick(60_000);
    assert.equal(rounds.length, 2, 'paused');
    poller.refresh();
    assert.equal(rounds.length, 3, 'asked by hand while paused');
  } finally {
    mock.timers.reset();
  }
});
