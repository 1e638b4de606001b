import { useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { SCHEME_NAMES, schemeName, schemeOf } from '../../sign/scheme.ts';
import type { Key } from '../../sign/sign.ts';
import {
  body,
  byHand,
  chosen,
  chosenScheme,
  draft,
  presentTime,
  raw,
  renew,
  sending,
  source,
  sources,
  url,
  write,
  writeRaw,
  type Draft,
} from '../../state/send.ts';
import { strings } from '../../strings/index.ts';
import { Copy } from '../../ui/copy.tsx';
import { Icon } from '../../ui/icon.tsx';

const text = strings.send;

/** Who asks for the secret where it is missing, and what is wrong with it. */
interface SecretProps {
  field: RefObject<HTMLInputElement | null>;
  secret: Signal<string>;
  fault: ReadonlySignal<Key>;
  missing: Signal<boolean>;
}

function Secret({ field, secret, fault, missing }: SecretProps) {
  const shown = useSignal(false);
  const key = fault.value;
  const { keys, scheme } = source.value;
  const wrong = 'fault' in key && key.fault !== 'blank' ? text.faults[key.fault] : missing.value && !('bytes' in key) ? text.needSecret : null;
  return (
    <div class="send-field" data-field="secret">
      <label for="send-secret">{text.secret}</label>
      <div class="send-row">
        {/* No name: should a form ever be sent by itself, the secret would not be in the address. */}
        <input
          ref={field}
          id="send-secret"
          class="mono"
          // The types know no field that can be either.
          type={(shown.value ? 'text' : 'password') as 'password'}
          autocomplete="off"
          autocapitalize="none"
          autocorrect="off"
          spellcheck={false}
          dir="ltr"
          aria-describedby="send-secret-error send-secret-hint"
          aria-invalid={wrong !== null}
          onInput={(event) => (secret.value = event.currentTarget.value)}
        />
        <button
          type="button"
          class="button"
          aria-label={shown.value ? text.hide : text.show}
          aria-pressed={shown.value}
          onClick={() => (shown.value = !shown.value)}
        >
          {shown.value ? text.hideShort : text.showShort}
        </button>
      </div>
      <p class="send-error" id="send-secret-error" role="alert">
        {wrong && (
          <>
            <Icon name="warning" />
            {wrong}
          </>
        )}
      </p>
      <p class="hint" id="send-secret-hint">
        {schemeOf(scheme).decodes && `${text.secretBase64} `}
        {text.secretHint}
        {keys.length > 0 && (
          <>
            {' '}
            {text.keysHint} <bdi>{keys.join(', ')}</bdi>.
          </>
        )}
      </p>
    </div>
  );
}

function Target() {
  const known = sources.value;
  return (
    <div class="send-field">
      {known ? (
        <>
          <label for="send-source">{text.source}</label>
          <select id="send-source" value={source.value.name} onChange={(event) => (chosen.value = event.currentTarget.value)}>
            {known.map(({ name, scheme }) => (
              <option key={name} value={name}>
                {text.sourceOption(name, scheme)}
              </option>
            ))}
          </select>
        </>
      ) : (
        <>
          <label for="send-scheme">{text.scheme}</label>
          <select id="send-scheme" value={chosenScheme.value} onChange={(event) => (chosenScheme.value = schemeName(event.currentTarget.value))}>
            {SCHEME_NAMES.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </>
      )}
      <p class="hint send-target">
        {text.endpoint}{' '}
        <code>
          POST <bdi>{url.value}</bdi>
        </code>
        <Copy text={url.value} label={text.copyEndpoint} bare />
      </p>
    </div>
  );
}

function Line({ name, action }: { name: Exclude<keyof Draft, 'text'>; action?: { label: string; run: () => void } }) {
  const id = `send-${name}`;
  return (
    <div class="send-field">
      <label for={id}>{text.fields[name]}</label>
      <div class="send-row">
        <input
          id={id}
          class="mono"
          type="text"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          inputMode={name === 'from' || name === 'to' ? 'tel' : undefined}
          value={draft.value[name]}
          onInput={(event) => write({ [name]: event.currentTarget.value })}
        />
        {action && (
          <button type="button" class="button" onClick={action.run}>
            {action.label}
          </button>
        )}
      </div>
    </div>
  );
}

const renewal = { label: text.renew, run: renew };
const present = { label: text.now, run: () => write({ ts: presentTime() }) };

function Fields() {
  return (
    <>
      <Line name="message_id" action={renewal} />
      <div class="send-pair">
        <Line name="from" />
        <Line name="to" />
      </div>
      <Line name="ts" action={present} />
      <div class="send-field">
        <label for="send-text">{text.fields.text}</label>
        <textarea id="send-text" rows={2} dir="auto" autocomplete="off" value={draft.value.text} onInput={(event) => write({ text: event.currentTarget.value })} />
      </div>
    </>
  );
}

function ByHand() {
  return (
    <div class="send-field">
      <div class="send-row between">
        <label for="send-body">{text.body}</label>
        <button type="button" class="button small" onClick={renew}>
          {text.renew}
        </button>
      </div>
      <textarea
        id="send-body"
        class="mono"
        rows={9}
        dir="ltr"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        aria-describedby="send-body-hint"
        value={body.value}
        onInput={(event) => writeRaw(event.currentTarget.value)}
      />
      <p class="hint" id="send-body-hint">
        {text.bodyHint}
      </p>
    </div>
  );
}

function Mode() {
  const hand = raw.value !== null;
  return (
    <fieldset class="send-mode">
      <legend class="offscreen">{text.mode}</legend>
      {[false, true].map((on) => (
        <label key={String(on)}>
          <input type="radio" name="send-mode" checked={hand === on} onChange={() => byHand(on)} />
          <span>{on ? text.raw : text.form}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Compose({ send, ...secret }: SecretProps & { send: () => void }) {
  const busy = sending.value !== null;
  return (
    <form
      class="card send-compose"
      autocomplete="off"
      aria-label={text.title}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        // Where Enter begins a new line.
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        send();
      }}
    >
      <Target />
      <Secret {...secret} />
      <div class="send-message">
        <div class="send-row between">
          <h3>{text.message}</h3>
          <Mode />
        </div>
        {raw.value === null ? <Fields /> : <ByHand />}
      </div>
      <button type="submit" class="button primary" aria-disabled={busy} data-send="right">
        <Icon name="send" />
        {busy ? text.sending : text.submit}
      </button>
    </form>
  );
}
