import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Rejection } from '../src/api/types.ts';
import { fold, isAhead, join, pathOf, rowName, spokesman } from '../src/state/refusals.ts';
import { REASON_NAMES, refused, wordsOf } from '../src/strings/refused.ts';

const read = (path: string) => readFileSync(path, 'utf8');

let made = 0;
function refusal(patch: Partial<Rejection> = {}): Rejection {
  made += 1;
  return {
    refused_at: `2026-11-29T12:00:00.${String(made).padStart(4, '0')}5Z`,
    request_id: `r${made}`,
    peer: '192.0.2.1',
    path: '/webhook',
    source: 'default',
    status: 401,
    reason: 'signature_mismatch',
    errors: [],
    body_bytes: 2,
    body_sha256: null,
    skew_seconds: null,
    near_miss: null,
    mend: null,
    ...patch,
  };
}
/** The newest first, as the server lists them. */
const several = (n: number, patch: Partial<Rejection> = {}) => Array.from({ length: n }, () => refusal(patch)).reverse();

const context = { url: 'http://h/webhook', origin: 'http://h', source: null, requestId: 'r' };

test('every reason of the specification has words, and no other', () => {
  const spec = JSON.parse(read('../openapi/openapi.json'));
  const parameter = spec.paths['/rejections'].get.parameters.find(({ name }: { name: string }) => name === 'reason');
  const reasons: string[] = parameter.schema.enum.filter(Boolean);
  assert.deepEqual([...REASON_NAMES].sort(), [...reasons].sort());
  for (const reason of reasons) {
    const words = wordsOf(reason);
    assert.ok(words.title.length > 8 && words.short && words.short.length < 24 && words.what.length > 30, reason);
    assert.ok(words.steps(context).length > 0, reason);
  }
  const titles = reasons.map((reason) => wordsOf(reason).title);
  assert.equal(new Set(titles).size, titles.length);
});

test('every near miss of the core has words, and no other', () => {
  const labels = [...read('../src/signature.rs').matchAll(/^ {4}\w+, "(\w+)", "/gm)].map(([, label]) => label ?? '');
  assert.ok(labels.includes('trailing_newline') && labels.length >= 24, String(labels));
  assert.deepEqual([...refused.nearMissNames].sort(), labels.sort());
});

test('a reason of a later version is shown by its code', () => {
  assert.equal(wordsOf('later').title, 'later');
  assert.equal(wordsOf('constructor').title, 'constructor');
});

test('the commands are for the source that was posted to', () => {
  const steps = wordsOf('signature_mismatch').steps({ ...context, url: 'http://h/webhook/shop', source: 'shop' });
  const codes = steps.map((step) => (typeof step === 'string' ? '' : step.code)).join('\n');
  assert.match(codes, /countersign verify .*--source shop$/m);
  assert.match(codes, /^curl http:\/\/h\/webhook\/shop \\$/m);
});

test('what comes is put on top, once', () => {
  const rows = several(3);
  const next = refusal();
  const { rows: joined, fresh } = join(rows, [next, next, ...rows]);
  assert.deepEqual(joined, [next, ...rows]);
  assert.deepEqual(fresh, [next]);
  assert.equal(join(rows, []).rows, rows);
});

test('it is sorted by the instant, to the last digit', () => {
  const at = (refused_at: string) => refusal({ refused_at });
  const [a, b, c, d] = [at('2026-11-29T12:00:00Z'), at('2026-11-29T12:00:00.49Z'), at('2026-11-29T12:00:00.5Z'), at('2026-11-29T12:00:00.500001Z')];
  assert.deepEqual(join([c, a], [d, b]).rows, [d, c, b, a]);
  assert.ok(isAhead(d, [c]) && !isAhead(c, [c]) && isAhead(a, []));
});

test('the mistake that is found later replaces what was there, and is not forgotten', () => {
  const [newer, row] = [refusal(), refusal()].reverse() as [Rejection, Rejection];
  const found = { ...row, near_miss: 'trailing_newline', mend: 'Sign what is sent.' };
  const first = join([newer, row], [found]);
  assert.deepEqual(first, { rows: [newer, found], fresh: [] });
  assert.deepEqual(join(first.rows, [row]).rows, [newer, found]);
});

test('two requests that chose the same id are two', () => {
  const [a, b] = [refusal({ request_id: 'same' }), refusal({ request_id: 'same' })];
  assert.notEqual(rowName(a), rowName(b));
  assert.equal(join([a], [b]).rows.length, 2);
});

test('only the newest thousand are kept', () => {
  const rows = several(1000);
  const more = several(500);
  const joined = join(rows, more).rows;
  assert.equal(joined.length, 1000);
  assert.deepEqual(joined.slice(0, 500), more);
  assert.equal(joined.at(-1), rows[499]);
});

test('one peer that tries again and again is one row', () => {
  const [old, retries, other, last] = [several(1, { reason: 'conflict' }), several(38), several(2, { peer: '192.0.2.2' }), several(3, { source: 'shop' })];
  const groups = fold([...last, ...other, ...retries, ...old]);
  assert.deepEqual(
    groups.map((group) => group.rows.length),
    [3, 1, 1, 38, 1],
  );
  assert.deepEqual(groups.flatMap((group) => group.rows), [...last, ...other, ...retries, ...old]);
  assert.deepEqual(fold([]), []);
});

test('a group keeps its name while it grows, and says what is known of any of it', () => {
  const rows = several(3);
  const known = refusal({ near_miss: 'json_spaced' });
  const [before] = fold(rows);
  const [after] = fold([refusal(), known, ...rows]);
  assert.ok(before && after);
  assert.equal(after.rows.length, 5);
  assert.equal(after.name, before.name);
  assert.equal(spokesman(after), known);
  assert.equal(spokesman(before), before.rows[0]);
});

test('two mistakes are two groups, even with unknown ones between', () => {
  const rows = [...several(3, { near_miss: 'sha1' }), ...several(3), ...several(3, { near_miss: 'sha512' })];
  assert.deepEqual(
    fold(rows).map((group) => group.rows.length),
    [6, 3],
  );
});

test('the path has the name of the source in it', () => {
  assert.equal(pathOf(refusal({ path: '/webhook/{source}', source: '$&' })), '/webhook/$&');
  assert.equal(pathOf(refusal({ path: '/webhook/{source}', source: null })), '/webhook/{source}');
});
