import type { Conflict, Message } from '../api/types.ts';
import { COMPARED, differences, type Compared } from '../format/conflict.ts';
import { compareWords } from '../format/words.ts';
import { conflicts } from '../state/feed.ts';
import { keyOf } from '../state/rows.ts';
import { messageHash } from '../state/view.ts';
import { strings } from '../strings/index.ts';
import { Foreign, MessageText } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { Panel } from './panel.tsx';

const text = strings.conflicts;

function Value({ field, of }: { field: Compared; of: Pick<Conflict, Compared> }) {
  if (field === 'text') return <MessageText text={of.text} />;
  return <bdi class="number">{of[field]}</bdi>;
}

/** Both versions in one line: what was only in the kept one, and what only came. */
function TextDifference({ kept, came }: { kept: string; came: string }) {
  return (
    <bdi dir="auto" class="words">
      {compareWords(kept, came).map((piece) =>
        piece.of === 'both' ? (
          piece.text
        ) : piece.of === 'kept' ? (
          <del>
            <span class="offscreen">{text.kept}: </span>
            {piece.text}
          </del>
        ) : (
          <ins>
            <span class="offscreen">{text.came}: </span>
            {piece.text}
          </ins>
        ),
      )}
    </bdi>
  );
}

function Difference({ field, kept, came }: { field: Compared; kept: Message; came: Conflict }) {
  if (field === 'text' && kept.text && came.text) return <TextDifference kept={kept.text} came={came.text} />;
  return (
    <span class="words">
      <del>
        <span class="offscreen">{text.kept}: </span>
        <Value field={field} of={kept} />
      </del>{' '}
      <ins>
        <span class="offscreen">{text.came}: </span>
        <Value field={field} of={came} />
      </ins>
    </span>
  );
}

/** One refused version. With the message that was kept at hand, it is compared field by field. */
export function ConflictEntry({ conflict, kept }: { conflict: Conflict; kept?: Message }) {
  const differing = kept ? differences(kept, conflict) : [];
  return (
    <div class="conflict">
      <p class="muted">
        {text.times(conflict.times)}, {text.last} <Time iso={conflict.last_seen_at} />
      </p>
      <dl>
        {COMPARED.map((field) => {
          const differs = differing.includes(field);
          return (
            <div key={field} class={differs ? 'differs' : undefined} data-field={field}>
              <dt>{strings.detail.fields[field]}</dt>
              <dd>
                {differs && kept ? (
                  <Difference field={field} kept={kept} came={conflict} />
                ) : (
                  <Value field={field} of={conflict} />
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}

export function ConflictList() {
  const page = conflicts.value;
  // Until the whole list is there, the count alone is known from an answer with one entry.
  const ready = page !== null && (page.data.length > 1 || page.data.length === page.total);
  return (
    <Panel title={text.title} subject="conflicts">
      <p class="muted">{text.explain}</p>
      {!ready ? (
        <p class="muted">{text.loading}</p>
      ) : page.total === 0 ? (
        <p class="muted">{text.none}</p>
      ) : (
        <>
          {page.data.length < page.total && <p class="muted">{text.more(page.data.length, page.total)}</p>}
          <ul class="conflict-list">
            {page.data.map((conflict) => {
              const href = location.pathname + location.search + messageHash(keyOf(conflict));
              return (
                <li key={JSON.stringify(conflict)}>
                  <h3>
                    <a href={href}>
                      <Foreign text={conflict.message_id} />
                    </a>
                    {conflict.source && <span class="tag">{conflict.source}</span>}
                  </h3>
                  <ConflictEntry conflict={conflict} />
                  <a class="button small" href={href} tabIndex={-1} aria-hidden="true">
                    {text.open}
                  </a>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </Panel>
  );
}
