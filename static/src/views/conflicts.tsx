import type { Conflict, Message } from '../api/types.ts';
import { COMPARED, differences, type Compared } from '../format/conflict.ts';
import { conflicts } from '../state/feed.ts';
import { CONFLICTS_HASH, messageHash } from '../state/view.ts';
import { strings } from '../strings.ts';
import { Icon } from '../ui/icon.tsx';
import { Foreign, MessageText } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { Panel } from './panel.tsx';

const text = strings.conflicts;

function Value({ field, conflict }: { field: Compared; conflict: Conflict }) {
  if (field === 'text') return <MessageText text={conflict.text} />;
  return <bdi class="number">{conflict[field]}</bdi>;
}

/** One refused version. With the message that was kept at hand, only what differs is marked. */
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
                <Value field={field} conflict={conflict} />
                {differs && <span class="tag warn">{text.differs}</span>}
              </dd>
            </div>
          );
        })}
      </dl>
    </div>
  );
}

export function ConflictNotice() {
  const total = conflicts.value?.total ?? 0;
  if (total === 0) return null;
  return (
    <div class="notice warn" data-conflicts={total}>
      <Icon name="warning" />
      <p class="notice-body">
        <strong>{text.notice(total)}</strong> {text.noticeKept}
      </p>
      <a class="button small" href={CONFLICTS_HASH}>
        {text.review}
      </a>
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
            {page.data.map((conflict) => (
              <li key={JSON.stringify(conflict)}>
                <h3>
                  <a href={messageHash(conflict.message_id)}>
                    <Foreign text={conflict.message_id} />
                  </a>
                </h3>
                <ConflictEntry conflict={conflict} />
                <a class="button small" href={messageHash(conflict.message_id)} tabIndex={-1} aria-hidden="true">
                  {text.open}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}
