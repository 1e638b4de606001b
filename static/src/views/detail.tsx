import type { Delivery, Message, MessageDetail } from '../api/types.ts';
import { zonedTime } from '../format/time.ts';
import { schemeName } from '../sign/scheme.ts';
import { curlLines } from '../sign/snippets.ts';
import { detail, detailFailure, message } from '../state/detail.ts';
import { neighbour } from '../state/keys.ts';
import { filter, openPanel } from '../state/route.ts';
import { keyOf, nameOf } from '../state/rows.ts';
import { DEFAULT_SOURCE, messageHash, type MessageKey } from '../state/view.ts';
import { zone } from '../state/zone.ts';
import { strings } from '../strings/index.ts';
import { Copy } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';
import { ProblemBox } from '../ui/problem.tsx';
import { Foreign, MessageText } from '../ui/text.tsx';
import { Time } from '../ui/time.tsx';
import { ConflictEntry } from './conflicts.tsx';
import { Panel, PanelField as Field, Step } from './panel.tsx';

const text = strings.detail;
/** A short text is set larger: it is what people came for. */
const LONG_TEXT = 280;

function Beside({ from, step }: { from: MessageKey; step: 1 | -1 }) {
  const next = neighbour(step, from);
  const open = next && (() => openPanel({ kind: 'message', key: next }, { replace: true }));
  return <Step step={step} label={step < 0 ? text.newer : text.older} open={open} />;
}

function Instant({ iso }: { iso: string }) {
  return (
    <>
      {zonedTime(iso, zone.value)}
      <span class="muted small">
        <Time iso={iso} /> · <code>{iso}</code>
      </span>
    </>
  );
}

/** What was sent, in the order of the API, as the provider sent it: the body that is signed again. */
function bodyOf(m: Message) {
  const { message_id, from_msisdn: from, to_msisdn: to, ts, text: said } = m;
  return { message_id, from, to, ts, ...(typeof said === 'string' && { text: said }) };
}

/** What `GET /messages/{message_id}` says of the message itself. */
function toJson(m: Message): string {
  const { message_id, source, from_msisdn, to_msisdn, ts, text: said, created_at } = m;
  return JSON.stringify({ message_id, source, from_msisdn, to_msisdn, ts, text: said ?? null, created_at }, null, 2);
}

function hook({ source }: MessageKey): string {
  return `${location.origin}/webhook${source === DEFAULT_SOURCE ? '' : `/${source}`}`;
}

/** The one thing to see at once: whether somebody has vouched for it. */
function Vouched({ message: m }: { message: MessageDetail }) {
  const again = m.duplicates.count;
  return (
    <p class="vouched" data-vouched={m.verified_by !== null}>
      {m.verified_by ? (
        <span class="outcome created">
          <Icon name="check" />
          {text.verified}
        </span>
      ) : (
        <span class="outcome">{text.notVerified}</span>
      )}
      {again > 0 && <span class="outcome duplicate">{text.repeated(again)}</span>}
      {m.conflicts.length > 0 && <span class="outcome conflict">{strings.list.conflicts(m.conflicts.length)}</span>}
    </p>
  );
}

/** Its way through the server: who vouched for it, when, how often. */
function Facts({ message: m }: { message: MessageDetail }) {
  const facts = text.facts;
  const newest = m.deliveries[0];
  const first = m.deliveries.find(({ outcome }) => outcome === 'created');
  const again = m.duplicates;
  const scheme = newest?.scheme;
  return (
    <dl class="detail-fields" data-facts>
      <Field name="created_at" label={facts.first} value={m.created_at}>
        <Instant iso={m.created_at} />
      </Field>
      {again.last_seen_at && (
        <Field name="last_seen_at" label={facts.last} value={again.last_seen_at}>
          <Instant iso={again.last_seen_at} />
        </Field>
      )}
      <Field name="duplicates" label={facts.duplicates}>
        <span data-duplicates={again.count}>{text.again(again.count)}</span>
      </Field>
      <Field
        name="verified_by"
        label={facts.vouched}
        value={m.verified_by ?? undefined}
        narrow={m.verified_by && filter.value.key !== m.verified_by ? { label: text.onlyKey, by: { key: m.verified_by } } : undefined}
      >
        {m.verified_by ? <code>{m.verified_by}</code> : <span class="absent">{text.unsigned}</span>}
        {scheme && <span class="muted small">{text.scheme(scheme)}</span>}
      </Field>
      <Field name="content_sha256" label={facts.digest} value={m.content_sha256}>
        <code class="digest">{m.content_sha256}</code>
        <span class="muted small">{text.digestHint}</span>
      </Field>
      {first && (
        <Field name="request_id" label={facts.request} value={first.request_id}>
          <code>{first.request_id}</code>
        </Field>
      )}
    </dl>
  );
}

function Deliveries({ deliveries }: { deliveries: Delivery[] }) {
  if (deliveries.length === 0) return null;
  return (
    <section class="detail-section" aria-labelledby="deliveries-title">
      <h3 id="deliveries-title">{text.deliveries}</h3>
      <p class="hint">{text.deliveriesHint}</p>
      <ol class="deliveries">
        {deliveries.map((delivery) => (
          <li key={delivery.request_id} data-outcome={delivery.outcome}>
            <span class={`outcome ${delivery.outcome}`}>{text.outcome[delivery.outcome] ?? delivery.outcome}</span>
            <Time iso={delivery.at} />
            <span class="muted">{text.took(delivery.acknowledged_in_ms.toFixed(delivery.acknowledged_in_ms < 10 ? 1 : 0))}</span>
            {delivery.peer && <code class="muted">{delivery.peer}</code>}
            <Copy text={delivery.request_id} label={text.copyField(text.facts.request)} bare />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Conflicts({ message: m }: { message: MessageDetail }) {
  if (m.conflicts.length === 0) return null;
  return (
    <section class="detail-conflicts" aria-labelledby="conflicts-of-message">
      <h3 id="conflicts-of-message">
        <Icon name="warning" />
        {strings.conflicts.ofMessage}
      </h3>
      <p class="muted">{strings.conflicts.ofMessageKept}</p>
      <ul>
        {m.conflicts.map((conflict) => (
          <li key={conflict.content_sha256}>
            <ConflictEntry conflict={conflict} kept={m} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Code({ id, title, hint, value, copy, curl }: { id: string; title: string; hint?: string; value: string; copy: string; curl?: boolean }) {
  return (
    <div class="detail-section">
      <div class="code-head">
        <h3 id={id}>{title}</h3>
        <Copy text={value} label={copy} {...(curl && { marker: 'curl' })} />
      </div>
      {hint && <p class="hint">{hint}</p>}
      {/* Scrolls sideways, so the keyboard has to reach it. */}
      <pre class="code" dir="ltr" tabIndex={0} role="region" aria-labelledby={id}>
        {value}
      </pre>
    </div>
  );
}

function Fields({ message: m }: { message: Message }) {
  const key = keyOf(m);
  const full = detail.value;
  const link = location.origin + location.pathname + messageHash(key);
  const { from, to, source } = filter.value;
  return (
    <>
      <div class={m.text && m.text.length > LONG_TEXT ? 'detail-text' : 'detail-text short'}>
        <MessageText text={m.text} mark={filter.value.q} />
      </div>
      {full && <Vouched message={full} />}
      <div class="choices">
        {m.text && <Copy text={m.text} label={text.copyText} wide />}
        <Copy text={link} label={text.copyLink} wide />
      </div>
      <dl class="detail-fields">
        <Field
          name="from_msisdn"
          label={text.fields.from_msisdn}
          value={m.from_msisdn}
          narrow={from === m.from_msisdn ? undefined : { label: text.onlySender, by: { from: m.from_msisdn } }}
        >
          <bdi class="number">{m.from_msisdn}</bdi>
        </Field>
        <Field
          name="to_msisdn"
          label={text.fields.to_msisdn}
          value={m.to_msisdn}
          narrow={to === m.to_msisdn ? undefined : { label: text.onlyReceiver, by: { to: m.to_msisdn } }}
        >
          <bdi class="number">{m.to_msisdn}</bdi>
        </Field>
        <Field name="ts" label={text.fields.ts} value={m.ts}>
          <Instant iso={m.ts} />
        </Field>
        <Field name="message_id" label={text.fields.message_id} value={m.message_id}>
          <code>
            <Foreign text={m.message_id} />
          </code>
        </Field>
        {m.source && (
          <Field
            name="source"
            label={text.fields.source}
            value={m.source}
            narrow={source === m.source ? undefined : { label: text.onlySource, by: { source: m.source } }}
          >
            <code>{m.source}</code>
          </Field>
        )}
      </dl>
      {full && <Facts message={full} />}
      {full && <Conflicts message={full} />}
      {full && <Deliveries deliveries={full.deliveries} />}
      <Code
        id="curl-title"
        title={text.curl}
        hint={text.curlHint}
        value={curlLines(hook(key), schemeName(full?.deliveries[0]?.scheme), JSON.stringify(bodyOf(m))).join('\n')}
        copy={text.copyCurl}
        curl
      />
      <Code id="json-title" title={text.json} value={toJson(m)} copy={text.copyJson} />
    </>
  );
}

export function Detail({ messageKey: key }: { messageKey: MessageKey }) {
  const m = message.value;
  const failure = detailFailure.value;
  const missing = failure?.status === 404;
  return (
    <Panel
      title={text.title}
      subject={nameOf(key)}
      tools={
        <>
          <Beside from={key} step={-1} />
          <Beside from={key} step={1} />
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
              <Foreign text={key.id} />
            </code>
          </p>
        </ProblemBox>
      )}
      {m ? <Fields message={m} /> : !failure && <p class="muted">{text.loading}</p>}
    </Panel>
  );
}
