import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareWords } from '../src/format/words.ts';

const said = (kept: string, came: string) =>
  compareWords(kept, came).map(({ text, of }) => (of === 'both' ? text : of === 'kept' ? `[-${text}-]` : `{+${text}+}`)).join('');

test('what differs is marked by words', () => {
  assert.equal(said('Delivery today at 14:00', 'Delivery tomorrow at 14:00'), 'Delivery [-today-]{+tomorrow+} at 14:00');
  assert.equal(said('a b', 'a b c'), 'a b{+ c+}');
  assert.equal(said('', 'new'), '{+new+}');
  assert.equal(said('same', 'same'), 'same');
});

test('either version can be read back out of the pieces, however long', () => {
  const texts = ['', ' ', 'a', 'a  b\nc', 'ä 😀 שלום', 'x '.repeat(900), 'x y '.repeat(450)];
  for (const kept of texts) {
    for (const came of texts) {
      const pieces = compareWords(kept, came);
      const read = (without: string) => pieces.filter(({ of }) => of !== without).map(({ text }) => text).join('');
      assert.deepEqual([read('came'), read('kept')], [kept, came]);
    }
  }
});
