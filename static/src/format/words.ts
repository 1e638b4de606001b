/** A piece of a text that both versions have, or only one of them. */
export interface Piece {
  text: string;
  of: 'both' | 'kept' | 'came';
}

/** Beyond this many words, the table would cost more than it shows. */
const MOST_WORDS = 400;

const split = (text: string) => text.match(/\s+|[^\s]+/gu) ?? [];

/** What differs between two texts, by words: their longest common subsequence, and the rest of each. */
export function compareWords(kept: string, came: string): Piece[] {
  const [a, b] = [split(kept), split(came)];
  if (a.length > MOST_WORDS || b.length > MOST_WORDS) {
    return [
      { text: kept, of: 'kept' },
      { text: came, of: 'came' },
    ];
  }
  // common[i][j]: how many words a[i..] and b[j..] have in common, in order.
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pieces: Piece[] = [];
  const push = (text: string, of: Piece['of']) => {
    const last = pieces.at(-1);
    if (last?.of === of) last.text += text;
    else pieces.push({ text, of });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (x !== undefined && x === y) {
      push(x, 'both');
      i++;
      j++;
    } else if (x !== undefined && (y === undefined || at(i + 1, j) >= at(i, j + 1))) {
      push(x, 'kept');
      i++;
    } else if (y !== undefined) {
      push(y, 'came');
      j++;
    }
  }
  return pieces;
}
