import { highlight } from '../format/highlight.ts';
import { strings } from '../strings/index.ts';

/**
 * Words that strangers wrote. `dir="auto"` finds the direction and isolates it, so that right-to-left text cannot
 * reorder what stands next to it.
 */
export function Foreign({ text, mark = '' }: { text: string; mark?: string }) {
  return (
    <bdi dir="auto">
      {highlight(text, mark).map((piece) => (piece.hit ? <mark>{piece.text}</mark> : piece.text))}
    </bdi>
  );
}

export function MessageText({ text, mark = '' }: { text: string | null | undefined; mark?: string }) {
  if (text === null || text === undefined) return <span class="absent">{strings.list.noText}</span>;
  if (text.trim() === '') return <span class="absent">{strings.list.emptyText}</span>;
  return <Foreign text={text} mark={mark} />;
}
