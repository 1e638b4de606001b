import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, exactTime, relativeTime } from '../src/format/time.ts';

const NOW = Date.parse('2025-01-15T10:00:00Z');

test('relative time, past and future', () => {
  assert.equal(relativeTime('2025-01-15T09:59:30.123456Z', NOW), 'just now');
  assert.equal(relativeTime('2025-01-15T09:58:00Z', NOW), '2 minutes ago');
  assert.equal(relativeTime('2025-01-15T07:00:00Z', NOW), '3 hours ago');
  assert.equal(relativeTime('2025-01-14T09:00:00Z', NOW), 'yesterday');
  assert.equal(relativeTime('2025-01-15T12:00:00Z', NOW), 'in 2 hours');
  assert.equal(relativeTime('2024-03-01T12:00:00Z', NOW), '1 Mar 2024');
});

test('what is no instant is shown as it is', () => {
  assert.equal(relativeTime('soon', NOW), 'soon');
  assert.equal(exactTime('soon'), 'soon\nsoon');
});

test('the exact instant keeps its microseconds', () => {
  assert.ok(exactTime('2025-01-15T09:59:30.123456Z').endsWith('2025-01-15T09:59:30.123456Z'));
});

test('age of the last update', () => {
  assert.equal(age(-200), '0 s');
  assert.equal(age(59_000), '59 s');
  assert.equal(age(61_000), '1 min');
  assert.equal(age(7_300_000), '2 h');
});
