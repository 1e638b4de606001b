import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatView, messageHash, NO_PANEL, parseView, type View } from '../src/state/view.ts';

test('an address round trip keeps every id', () => {
  const ids = ['m1', 'a/b?c#d %2F', '..', '.', '"\'<b>', '😀 é', '%', '+&=', '\u202Eabc', '#/conflicts'];
  for (const id of ids) {
    const view: View = { q: 'a&b=c +ü', from: '+14155550100', offset: 50, panel: { kind: 'message', id } };
    const { search, hash } = formatView(view);
    assert.deepEqual(parseView(search, hash), view);
  }
});

test('the plain page has a plain address', () => {
  const view: View = { q: '', from: '', offset: 0, panel: NO_PANEL };
  assert.deepEqual(formatView(view), { search: '', hash: '' });
  assert.deepEqual(parseView('', ''), view);
});

test('addresses typed by hand are read with good will', () => {
  assert.equal(parseView('?from=+14155550100', '').from, '+14155550100');
  assert.equal(parseView('?offset=-5', '').offset, 0);
  assert.equal(parseView('?offset=1e9', '').offset, 0);
  assert.deepEqual(parseView('', '#/m/100%').panel, { kind: 'message', id: '100%' });
  assert.deepEqual(parseView('', '#/m/').panel, NO_PANEL);
  assert.deepEqual(parseView('', '#/elsewhere').panel, NO_PANEL);
  assert.deepEqual(parseView('', '#/conflicts').panel, { kind: 'conflicts' });
});

test('a lone surrogate does not throw', () => {
  assert.equal(messageHash('a\uD800b'), '#/m/a%EF%BF%BDb');
});
