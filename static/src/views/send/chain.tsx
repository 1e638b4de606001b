import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { isTimed, schemeOf, textOf, type Part } from '../../sign/scheme.ts';
import { encode, type Key, type Signed } from '../../sign/sign.ts';
import { visible } from '../../sign/visible.ts';
import { body, source, type Outcome } from '../../state/send.ts';
import { strings } from '../../strings/index.ts';
import { Copy } from '../../ui/copy.tsx';
import { Answer } from './answer.tsx';

const text = strings.send.chain;

function Step({ name, title, hint, copy, done, children }: { name: string; title: string; hint?: string; copy?: ComponentChildren; done: boolean; children: ComponentChildren }) {
  return (
    <li class={done ? 'done' : undefined} data-step={name}>
      <div class="step-head">
        <h3>{title}</h3>
        {hint && <span class="hint">{hint}</span>}
        {copy}
      </div>
      {children}
    </li>
  );
}

/** The same thing has the same colour wherever it stands. */
export function Parts({ parts }: { parts: Part[] }) {
  return (
    <>
      {parts.map(({ text: piece, is }) => (
        <bdi class={`signed ${is}`}>{piece}</bdi>
      ))}
    </>
  );
}

function Bytes({ preamble, show }: { preamble: Part[]; show: boolean }) {
  const said = body.value;
  return (
    // Scrolls, so the keyboard has to reach it.
    <pre class="code wrap" dir="ltr" tabIndex={0} role="region" aria-label={text.bytes} data-signed-bytes>
      <Parts parts={preamble} />
      <bdi class="signed body">
        {show ? visible(said).map((piece) => (piece.unseen ? <span class="unseen">{piece.text}</span> : piece.text)) : said}
      </bdi>
    </pre>
  );
}

function KeyLine({ of }: { of: Key }) {
  if ('fault' in of) return <p class="absent">{strings.send.faults[of.fault]}</p>;
  const n = of.bytes.length;
  return <p>{schemeOf(source.value.scheme).decodes ? text.keyDecoded(n) : text.keyText(n)}</p>;
}

interface Props {
  parts: Signed;
  keyOf: Key;
  outcome: Outcome | null;
}

/** The secret, the bytes, the digest, the header, the answer: each follows from what stands above it. */
export function Chain({ parts, keyOf, outcome }: Props) {
  const show = useSignal(false);
  const { scheme } = source.value;
  const before = textOf(parts.preamble);
  const [n, m] = [encode(before).length, encode(body.value).length];
  const headers = parts.headers.map(({ name, parts: value }) => `${name}: ${textOf(value)}`).join('\n');
  return (
    <section class="card chain" aria-labelledby="chain-title">
      <div class="chain-head">
        <h2 id="chain-title">{text.title}</h2>
        <label class="chain-show">
          <input type="checkbox" checked={show.value} onChange={(event) => (show.value = event.currentTarget.checked)} />
          {text.whitespace}
        </label>
      </div>
      <ol>
        <Step name="key" title={text.key} done={'bytes' in keyOf}>
          <KeyLine of={keyOf} />
        </Step>
        <Step
          name="bytes"
          title={text.bytes}
          hint={n > 0 ? text.lengths(n, m) : text.length(m)}
          done
          copy={<Copy text={before + body.value} label={text.copyBytes} bare />}
        >
          {n + m === 0 ? <p class="absent">{text.empty}</p> : <Bytes preamble={parts.preamble} show={show.value} />}
        </Step>
        <Step
          name="digest"
          title={text.digest}
          hint={text.digestHint[schemeOf(scheme).encoding]}
          done={parts.digest !== null}
          copy={parts.digest !== null && <Copy text={parts.digest} label={text.copyDigest} bare />}
        >
          {parts.digest === null ? (
            <p class="absent">{text.noDigest}</p>
          ) : (
            <code class="signed sig" data-digest>
              {parts.digest}
            </code>
          )}
        </Step>
        <Step name="headers" title={text.headers} done={parts.digest !== null} copy={<Copy text={headers} label={text.copyHeaders} bare />}>
          <dl class="chain-headers">
            {parts.headers.map(({ name, parts: value }) => (
              <div key={name}>
                <dt>{name}:</dt>
                <dd>
                  <Parts parts={value} />
                </dd>
              </div>
            ))}
          </dl>
          {isTimed(scheme) && <p class="hint">{text.timeHint}</p>}
        </Step>
        <Step name="answer" title={text.answer} done={outcome !== null}>
          <Answer outcome={outcome} />
        </Step>
      </ol>
    </section>
  );
}
