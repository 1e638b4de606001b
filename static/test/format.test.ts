import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asNumber, bytes, compact } from '../src/format/number.ts';
import { failureFrom, isTransient, parseRetryAfter } from '../src/api/failure.ts';
import { differences } from '../src/format/conflict.ts';
import { highlight } from '../src/format/highlight.ts';
import { firstMessageLines } from '../src/format/shell.ts';
import { shellQuote } from '../src/sign/quote.ts';

test('highlight takes the word literally and ignores case', () => {
  const hits = (text: string, word: string) =>
    highlight(text, word)
      .filter((piece) => piece.hit)
      .map((piece) => piece.text);
  assert.deepEqual(hits('Ab aB 100% a.b', 'ab'), ['Ab', 'aB']);
  assert.deepEqual(hits('100% of 100x', '100%'), ['100%']);
  for (const word of ['(', '[', '\\', 'a-b', '{1}', '$', '^', '|', '/', '😀', '\uD83D']) {
    const text = `x${word}y${word}`;
    assert.equal(
      highlight(text, word)
        .map((piece) => piece.text)
        .join(''),
      text,
    );
  }
  assert.deepEqual(highlight('', 'a'), []);
});

test('shell lines survive any origin', () => {
  assert.equal(shellQuote('http://127.0.0.1:8000/webhook'), 'http://127.0.0.1:8000/webhook');
  assert.equal(shellQuote('http://[::1]:8000/webhook'), "'http://[::1]:8000/webhook'");
  assert.equal(shellQuote("it's"), `'it'\\''s'`);
  const [secret, body = '', curl = ''] = firstMessageLines('https://example.org', '2025-01-15T10:00:00Z');
  assert.equal(secret, 'export WEBHOOK_SECRET=mysecret123');
  assert.ok(body.startsWith(`BODY='{"message_id":"m1",`));
  assert.ok(curl.startsWith('curl -X POST https://example.org/webhook '));
});

test('only differing fields of a repeat are named, and no text is no text', () => {
  const kept = { from_msisdn: '+11', to_msisdn: '+22', ts: 't', text: null };
  assert.deepEqual(differences(kept, { ...kept }), []);
  assert.deepEqual(differences(kept, { ...kept, text: '' }), ['text']);
  assert.deepEqual(differences(kept, { ...kept, ts: 'u', from_msisdn: '+12' }), ['from_msisdn', 'ts']);
});

test('a failure is readable whatever the body was', () => {
  assert.equal(failureFrom(502, 'Bad Gateway', '<html>', undefined).title, 'Bad Gateway');
  assert.equal(failureFrom(502, '', null, undefined).title, 'HTTP 502');
  const failure = failureFrom(422, '', { title: 'No', detail: 'why', errors: [{ pointer: '/limit', detail: 'x' }] }, 7);
  assert.deepEqual(failure.fields, [{ pointer: '/limit', detail: 'x' }]);
  assert.equal(failure.retryAfterMs, 7);
  assert.ok(!isTransient(failure));
  assert.ok(isTransient({ ...failure, status: 0 }) && isTransient({ ...failure, status: 503 }));
});

test('Retry-After in both forms', () => {
  const now = Date.parse('2025-01-15T10:00:00Z');
  assert.equal(parseRetryAfter('7', now), 7000);
  assert.equal(parseRetryAfter('Wed, 15 Jan 2025 10:00:30 GMT', now), 30_000);
  assert.equal(parseRetryAfter('Wed, 15 Jan 2025 09:00:00 GMT', now), 0);
  for (const none of [null, '', ' ', 'soon']) assert.equal(parseRetryAfter(none, now), undefined);
});

test('a number is taken as people write it, and what is none is left as it is', () => {
  for (const text of ['+14155550100', '14155550100', ' +1 (415) 555-0100 ', '001 415.555.0100', '+1/415/5550100']) {
    assert.equal(asNumber(text), '+14155550100', text);
  }
  for (const text of ['', 'SHOP', '+', '0123', '+0123', '12345678901234567', '1415x']) assert.equal(asNumber(text), text);
});

test('amounts are short where there is little room', () => {
  assert.deepEqual([0, 9_999, 10_000, 1_234_567].map(compact), ['0', '9,999', '10K', '1.2M']);
  assert.deepEqual([0, 1023, 1024, 1536, 20 * 1024 ** 2, 5 * 1024 ** 6].map(bytes), ['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '20.0 MiB', '5120 PiB']);
});
