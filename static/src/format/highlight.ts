export interface Piece {
  text: string;
  hit: boolean;
}

/** Cuts a text at the places where the search word stands, ignoring case as the server does. */
export function highlight(text: string, word: string): Piece[] {
  if (!word) return [{ text, hit: false }];
  const pattern = new RegExp(word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), 'giu');
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), hit: false });
    end = match.index + match[0].length;
    pieces.push({ text: match[0], hit: true });
  }
  if (end < text.length) pieces.push({ text: text.slice(end), hit: false });
  return pieces;
}
