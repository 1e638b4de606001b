import type { ComponentChildren } from 'preact';
import type { Message } from '../api/types.ts';
import { localTime } from '../format/time.ts';
import { detailFailure, message, messageConflicts } from '../state/detail.ts';
import { neighbour } from '../state/keys.ts';
import { filterBy, openPanel, view } from '../state/route.ts';
import { messageHash } from '../state/view.ts';
import { strings } from '../strings.ts';
import { Copy } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { ProblemBox } from '../ui/problem.tsx';
import { Foreign, MessageText } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { ConflictEntry } from './conflicts.tsx';
import { Panel } from './panel.tsx';

const text = strings.detail;
/** A short text is set larger: it is what people came for. */
const LONG_TEXT = 280;

function Step({ id, step }: { id: string; step: 1 | -1 }) {
  const next = neighbour(step, id);
  const label = step < 0 ? text.newer : text.older;
  return (
    <button
      type="button"
      class="button small square"
      aria-label={label}
      title={label}
      disabled={next === null}
      onClick={() => next !== null && openPanel({ kind: 'message', id: next }, { replace: true })}
    >
      <Icon name={step < 0 ? 'up' : 'down'} />
    </button>
  );
}

function Field({ name, label, children }: { name: string; label: string; children: ComponentChildren }) {
  return (
    <div class="detail-field" data-field={name}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Instant({ iso }: { iso: string }) {
  return (
    <>
      {localTime(iso)}
      <span class="muted">
        <Time iso={iso} /> · <code>{iso}</code>
      </span>
    </>
  );
}

/** What `GET /messages/{message_id}` says of the message itself, in the order of the API. */
function toJson(m: Message): string {
  const { message_id, from_msisdn, to_msisdn, ts, text, created_at } = m;
  return JSON.stringify({ message_id, from_msisdn, to_msisdn, ts, text: text ?? null, created_at }, null, 2);
}

function Fields({ message: m }: { message: Message }) {
  const json = toJson(m);
  const link = location.origin + location.pathname + messageHash(m.message_id);
  return (
    <>
      <div class={m.text && m.text.length > LONG_TEXT ? 'detail-text' : 'detail-text short'}>
        <MessageText text={m.text} />
      </div>
      <div class="choices">
        {m.text && <Copy text={m.text} label={text.copyText} wide />}
        <Copy text={m.message_id} label={text.copyId} wide />
        <Copy text={link} label={text.copyLink} wide />
        {view.value.from !== m.from_msisdn && (
          <button type="button" class="button small" onClick={() => filterBy({ from: m.from_msisdn })}>
            <Icon name="filter" />
            {text.onlySender}
          </button>
        )}
      </div>
      <dl class="detail-fields">
        <Field name="from_msisdn" label={text.fields.from_msisdn}>
          <bdi class="number">{m.from_msisdn}</bdi>
        </Field>
        <Field name="to_msisdn" label={text.fields.to_msisdn}>
          <bdi class="number">{m.to_msisdn}</bdi>
        </Field>
        <Field name="ts" label={text.fields.ts}>
          <Instant iso={m.ts} />
        </Field>
        <Field name="created_at" label={text.fields.created_at}>
          <Instant iso={m.created_at} />
        </Field>
        <Field name="message_id" label={text.fields.message_id}>
          <code>
            <Foreign text={m.message_id} />
          </code>
        </Field>
      </dl>
      {messageConflicts.value.length > 0 && (
        <section class="detail-conflicts" aria-labelledby="conflicts-of-message">
          <h3 id="conflicts-of-message">
            <Icon name="warning" />
            {strings.conflicts.ofMessage}
          </h3>
          <p class="muted">{strings.conflicts.ofMessageKept}</p>
          <ul>
            {messageConflicts.value.map((conflict) => (
              <li key={JSON.stringify([conflict.from_msisdn, conflict.to_msisdn, conflict.ts, conflict.text])}>
                <ConflictEntry conflict={conflict} kept={m} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <div>
        <div class="code-head">
          <h3 id="json-title">{text.json}</h3>
          <Copy text={json} label={text.copyJson} />
        </div>
        {/* Scrolls sideways, so the keyboard has to reach it. */}
        <pre class="code" dir="ltr" tabIndex={0} role="region" aria-labelledby="json-title">
          {json}
        </pre>
      </div>
    </>
  );
}

export function Detail({ id }: { id: string }) {
  const m = message.value;
  const failure = detailFailure.value;
  const missing = failure?.status === 404;
  return (
    <Panel
      title={text.title}
      subject={id}
      tools={
        <>
          <Step id={id} step={-1} />
          <Step id={id} step={1} />
        </>
      }
    >
      {failure && (!m || missing) && (
        <ProblemBox
          failure={
            missing ? { ...failure, title: strings.failure.notFound, detail: strings.failure.notFoundDetail } : failure
          }
        >
          <p>
            <code class="wrap">
              <Foreign text={id} />
            </code>
          </p>
        </ProblemBox>
      )}
      {m ? <Fields message={m} /> : !failure && <p class="muted">{text.loading}</p>}
    </Panel>
  );
}
