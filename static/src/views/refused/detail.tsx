import type { ComponentChildren } from 'preact';
import type { Rejection } from '../../api/types.ts';
import { age, zonedTime } from '../../format/time.ts';
import { pathOf, rowName } from '../../state/refusals.ts';
import { missing, openRefusal, refusals } from '../../state/refused.ts';
import { openPanel } from '../../state/route.ts';
import { DEFAULT_SOURCE, refusalHash } from '../../state/view.ts';
import { zone } from '../../state/zone.ts';
import { strings } from '../../strings/index.ts';
import { wordsOf, type Context, type Step } from '../../strings/refused.ts';
import { Copy } from '../../ui/copy.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Foreign } from '../../ui/text.tsx';
import { Time } from '../../ui/time.tsx';
import { Panel, PanelField, Step as StepButton } from '../panel.tsx';
import { TryIt } from '../refused.tsx';

const text = strings.refused.detail;

function Neighbour({ row, step }: { row: Rejection | null; step: 1 | -1 }) {
  const all = refusals.value ?? [];
  const at = row ? all.indexOf(row) : -1;
  const next = at < 0 ? undefined : all[at + step];
  const open = next && (() => openPanel({ kind: 'refusal', requestId: next.request_id }, { replace: true }));
  return <StepButton step={step} label={step < 0 ? text.newer : text.older} open={open} />;
}

function contextOf(row: Rejection): Context {
  const { origin } = location;
  const source = row.source && row.source !== DEFAULT_SOURCE ? row.source : null;
  return { origin, source, url: `${origin}/webhook${source === null ? '' : `/${source}`}`, requestId: row.request_id };
}

function Code({ code, label }: { code: string; label: string }) {
  return (
    <div class="refusal-code">
      {/* Scrolls sideways, so the keyboard has to reach it. */}
      <pre class="code wrap" dir="ltr" tabIndex={0} role="region" aria-label={label}>
        {code}
      </pre>
      <Copy text={code} label={label} bare />
    </div>
  );
}

function NearMiss({ row, context }: { row: Rejection; context: Context }) {
  if (!row.near_miss) return null;
  const code = strings.refused.nearCode(row.near_miss, context);
  return (
    <section class="refusal-miss" aria-labelledby="near-title" data-near-miss={row.near_miss}>
      <h3 id="near-title">
        <Icon name="search" />
        <span>
          {text.near}
          <code class="tag">
            <bdi>{row.near_miss}</bdi>
          </code>
        </span>
      </h3>
      <p class="refusal-lead">
        <bdi>{strings.refused.nearMiss(row.near_miss)}.</bdi>
      </p>
      {row.mend && (
        <p>
          <Foreign text={row.mend} />
        </p>
      )}
      {code && <Code code={code} label={text.copyNear} />}
    </section>
  );
}

function Faults({ row }: { row: Rejection }) {
  if (row.errors.length === 0) return null;
  return (
    <section class="detail-section" aria-labelledby="faults-title">
      <h3 id="faults-title">{text.faults}</h3>
      <ul class="refusal-faults">
        {row.errors.map(({ pointer, detail }) => (
          <li>
            <code>{pointer === '#' ? text.whole : <Foreign text={pointer} />}</code> <Foreign text={detail} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Mend({ steps }: { steps: Step[] }) {
  if (steps.length === 0) return null;
  return (
    <section class="detail-section" aria-labelledby="mend-title">
      <h3 id="mend-title">{text.mend}</h3>
      <ol class="refusal-steps">
        {steps.map((step, i) =>
          typeof step === 'string' ? (
            <li key={step}>{step}</li>
          ) : (
            <li key={step.code}>
              {step.text}
              <Code code={step.code} label={text.copyStep(i + 1)} />
            </li>
          ),
        )}
      </ol>
    </section>
  );
}

function Field(props: { name: keyof typeof text.fields; value?: string | undefined; children: ComponentChildren }) {
  return <PanelField {...props} label={text.fields[props.name]} />;
}

function Facts({ row }: { row: Rejection }) {
  const { body_bytes: size, body_sha256: digest, source, peer } = row;
  return (
    <section class="detail-section" aria-labelledby="facts-title">
      <h3 id="facts-title">{text.facts}</h3>
      <dl class="detail-fields refusal-fields">
        <Field name="at" value={row.refused_at}>
          {zonedTime(row.refused_at, zone.value)}{' '}
          <span class="muted small">
            <Time iso={row.refused_at} />
          </span>
        </Field>
        <Field name="status">HTTP {row.status}</Field>
        <Field name="path">
          <code>
            <Foreign text={pathOf(row)} />
          </code>
        </Field>
        {source && (
          <Field name="source">
            <code>
              <Foreign text={source} />
            </code>
          </Field>
        )}
        {peer && (
          <Field name="peer" value={peer}>
            <code>
              <Foreign text={peer} />
            </code>
          </Field>
        )}
        <Field name="size">{typeof size === 'number' ? text.bytes(size) : <span class="absent">{text.unread}</span>}</Field>
        {digest && (
          <Field name="digest" value={digest}>
            <code class="digest">
              <bdi>{digest}</bdi>
            </code>
            <span class="muted small">
              {text.compare} <code>{text.compareCode}</code>
            </span>
          </Field>
        )}
        <Field name="request" value={row.request_id}>
          <code>
            <Foreign text={row.request_id} />
          </code>
          <span class="muted small">{text.requestHint}</span>
        </Field>
      </dl>
    </section>
  );
}

function Content({ row }: { row: Rejection }) {
  const words = wordsOf(row.reason);
  const context = contextOf(row);
  const skew = row.skew_seconds;
  const answer = row.status === 401 && row.path.startsWith('/webhook') ? 'signature' : row.errors.length > 0 ? 'faults' : 'other';
  const steps = row.near_miss ? [text.mended, strings.refused.verify(context)] : words.steps(context);
  return (
    <>
      <p class="refusal-tags">
        <code class="tag">
          <bdi>{row.reason}</bdi>
        </code>
        <span class="tag">HTTP {row.status}</span>
        <span class="muted">
          <Time iso={row.refused_at} />
        </span>
      </p>
      <NearMiss row={row} context={context} />
      {words.what && (
        <section class="detail-section" aria-labelledby="what-title">
          <h3 id="what-title">{text.what}</h3>
          <p>{row.near_miss && row.reason === 'signature_mismatch' ? text.nearWhat : words.what}</p>
          {typeof skew === 'number' && <p class="refusal-skew">{text.skew(age(Math.abs(skew) * 1000), skew < 0)}</p>}
        </section>
      )}
      <Faults row={row} />
      <Mend steps={steps} />
      <Facts row={row} />
      <section class="detail-section" aria-labelledby="answer-title">
        <h3 id="answer-title">{text.answer}</h3>
        <p data-answer={answer}>{answer === 'other' ? text.answers.other(row.status) : text.answers[answer]}</p>
      </section>
      <div class="choices">
        <TryIt />
        {row.reason === 'conflict' && (
          <a class="button" href="#/conflicts">
            {strings.conflicts.title}
          </a>
        )}
        <Copy text={location.origin + location.pathname + refusalHash(row.request_id)} label={text.copyLink} wide />
      </div>
    </>
  );
}

/** One refused request: why, and what to change. */
export function Refusal({ requestId }: { requestId: string }) {
  const row = openRefusal.value;
  const gone = !row && missing.value === requestId;
  return (
    <Panel
      title={row ? wordsOf(row.reason).title : gone ? text.gone : strings.refused.title}
      subject={requestId}
      tools={
        <>
          <Neighbour row={row} step={-1} />
          <Neighbour row={row} step={1} />
        </>
      }
    >
      {row ? (
        <Content key={rowName(row)} row={row} />
      ) : gone ? (
        <>
          <p>{text.goneHint}</p>
          <code class="wrap">
            <Foreign text={requestId} />
          </code>
        </>
      ) : (
        <p class="muted">{text.loading}</p>
      )}
    </Panel>
  );
}
