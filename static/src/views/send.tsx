import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { readKey, sign, encode } from '../sign/sign.ts';
import { announce } from '../state/announce.ts';
import { arrive, body, deliver, loadSources, outcome, prepare, sending, source, stampOf, type Way } from '../state/send.ts';
import { strings } from '../strings/index.ts';
import { Chain } from './send/chain.tsx';
import { Compose } from './send/compose.tsx';
import { Snippets } from './send/snippets.tsx';
import { Wrong } from './send/wrong.tsx';

const text = strings.send;

/** From the secret to the answer: a message is written, signed here, and sent. */
export function Send() {
  // Lives as long as the tab is open, and goes nowhere but into the HMAC.
  const secret = useSignal('');
  const missing = useSignal(false);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => {
    arrive();
    const abort = new AbortController();
    loadSources(abort.signal).catch(() => {
      // Left before they were there.
    });
    return () => abort.abort();
  }, []);

  const key = useComputed(() => readKey(source.value.scheme, secret.value));
  const signed = useComputed(() => {
    const known = key.value;
    return sign(source.value.scheme, 'bytes' in known ? known.bytes : null, stampOf(body.value), encode(body.value));
  });

  async function send(way: Way) {
    if (sending.peek()) return;
    const known = key.peek();
    const request = prepare(way, 'bytes' in known ? known.bytes : null);
    if (!request) {
      missing.value = true;
      field.current?.focus();
      return;
    }
    missing.value = false;
    const { status, failure, known: again } = await deliver(request);
    const title = failure ? failure.title : again ? text.answer.known : text.answer.stored;
    announce(text.answer.announce(status ? String(status) : text.answer.none, title));
    document.querySelector('.send .answer')?.scrollIntoView({ block: 'nearest' });
  }

  return (
    <div class="send">
      <header class="send-head">
        <h2>{text.title}</h2>
        <p class="muted">{text.intro}</p>
      </header>
      <Compose field={field} secret={secret} fault={key} missing={missing} send={() => void send('right')} />
      <div class="send-chain">
        <Chain parts={signed.value} keyOf={key.value} outcome={outcome.value} />
      </div>
      <Wrong send={(way) => void send(way)} />
      <Snippets signed={signed.value} />
    </div>
  );
}
