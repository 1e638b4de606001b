/** A piece of a text; `stands` is what is not seen by itself, and its sign. */
export interface Piece {
  text: string;
  unseen: boolean;
}

const UNSEEN = /([\p{Cc}\p{Cf}\p{Z}])/u;
const SIGNS: Record<string, string> = { ' ': '·', '\n': '↵\n', '\r': '␍', '\t': '→\t' };

/** Shows what a text has that is not seen: blanks, ends of lines, and what has neither width nor place. */
export function visible(text: string): Piece[] {
  const pieces = text.split(UNSEEN).map((piece, i) => {
    if (i % 2 === 0) return { text: piece, unseen: false };
    const code = piece.codePointAt(0) ?? 0;
    return { text: SIGNS[piece] ?? `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`, unseen: true };
  });
  return pieces.filter((piece) => piece.text !== '');
}
