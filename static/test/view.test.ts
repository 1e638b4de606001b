import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatView, messageHash, NO_FILTER, NO_PANEL, parseView, TABS, type View } from '../src/state/view.ts';

const PLAIN: View = { filter: NO_FILTER, reason: '', span: '', tab: 'messages', panel: NO_PANEL };
const there = (view: View) => {
  const { search, hash } = formatView(view);
  return parseView(search, hash);
};

test('an address round trip keeps every id, of every source', () => {
  const ids = ['m1', 'a/b?c#d %2F', '..', '.', '"\'<b>', '😀 é', '%', '+&=', '\u202Eabc', '#/conflicts', 'default/x'];
  for (const id of ids) {
    for (const source of ['default', 'shop-1']) {
      const view: View = { ...PLAIN, panel: { kind: 'message', key: { source, id } } };
      assert.deepEqual(there(view), view);
    }
  }
});

test('an address round trip keeps every filter', () => {
  const filter = {
    ...NO_FILTER,
    q: 'a&b=c +ü',
    from: '+14155550100',
    to: '+442071838750',
    since: '2026-11-29T10:00:00.000Z',
    until: '2026-11-29T11:00:00.000Z',
    source: 'shop-1',
    key: '2026-q3',
  };
  assert.deepEqual(there({ ...PLAIN, filter }), { ...PLAIN, filter });
  const last = { ...PLAIN, filter: { ...NO_FILTER, last: '24h' as const }, reason: 'signature_mismatch', span: 'day' };
  assert.deepEqual(there(last), last);
});

test('every place has an address', () => {
  for (const tab of TABS) assert.deepEqual(there({ ...PLAIN, tab }), { ...PLAIN, tab });
  const refusal: View = { ...PLAIN, tab: 'refused', panel: { kind: 'refusal', requestId: 'a/b' } };
  assert.deepEqual(there(refusal), refusal);
});

test('the plain page has a plain address', () => {
  assert.deepEqual(formatView(PLAIN), { search: '', hash: '' });
  assert.deepEqual(parseView('', ''), PLAIN);
});

test('addresses typed by hand are read with good will', () => {
  assert.equal(parseView('?from=+14155550100', '').filter.from, '+14155550100');
  assert.equal(parseView('?since=2026-11-29T10:00:00+01:00', '').filter.since, '2026-11-29T09:00:00.000Z');
  assert.equal(parseView('?since=yesterday&last=3y', '').filter.since, '');
  assert.equal(parseView('?last=1h&since=2026-11-29T10:00:00Z', '').filter.since, '');
  assert.deepEqual(parseView('', '#/m/100%').panel, { kind: 'message', key: { source: 'default', id: '100%' } });
  assert.deepEqual(parseView('', '#/m/').panel, NO_PANEL);
  assert.deepEqual(parseView('', '#/elsewhere'), PLAIN);
  assert.deepEqual(parseView('', '#/conflicts').panel, { kind: 'conflicts' });
});

test('a lone surrogate does not throw', () => {
  assert.equal(messageHash({ source: 'default', id: 'a\uD800b' }), '#/m/a%EF%BF%BDb');
});
