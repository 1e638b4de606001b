import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { textOf } from '../../sign/scheme.ts';
import type { Signed } from '../../sign/sign.ts';
import { LANGUAGES, runLine, signedCurl, snippet } from '../../sign/snippets.ts';
import { body, source, url } from '../../state/send.ts';
import { strings } from '../../strings/index.ts';
import { Copy } from '../../ui/copy.tsx';

const text = strings.send.snippets;
const TABS = ['curl', ...LANGUAGES] as const;
type Tab = (typeof TABS)[number];

/** Where a key leads from a tab: round in both directions (WAI-ARIA Authoring Practices, Tabs). */
function step(key: string, at: number): number | null {
  const n = TABS.length;
  const to: Record<string, number> = { ArrowRight: (at + 1) % n, ArrowLeft: (at + n - 1) % n, Home: 0, End: n - 1 };
  return to[key] ?? null;
}

/** The same message as a command or a program. */
export function Snippets({ signed }: { signed: Signed }) {
  const open = useSignal<Tab>('curl');
  const list = useRef<HTMLDivElement>(null);
  const { scheme } = source.value;
  const tab = open.value;
  const headers = signed.headers.map(({ name, parts }) => [name, textOf(parts)] as const);
  const code = tab === 'curl' ? signedCurl(url.value, headers, body.value) : snippet(tab, scheme, url.value, body.value);
  const ready = tab !== 'curl' || signed.digest !== null;

  function move(event: KeyboardEvent) {
    const to = step(event.key, TABS.indexOf(tab));
    const next = to === null ? undefined : TABS[to];
    if (!next) return;
    event.preventDefault();
    open.value = next;
    list.current?.querySelector<HTMLElement>(`[data-language="${next}"]`)?.focus();
  }

  return (
    <section class="card snippets" aria-labelledby="snippets-title">
      <h2 id="snippets-title">{text.title}</h2>
      <div class="snippet-tabs" role="tablist" aria-labelledby="snippets-title" ref={list} onKeyDown={move}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`snippet-tab-${name}`}
            data-language={name}
            aria-selected={tab === name}
            aria-controls="snippet-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => (open.value = name)}
          >
            {text.tabs[name]}
          </button>
        ))}
      </div>
      <div class="snippet-panel" role="tabpanel" id="snippet-panel" aria-labelledby={`snippet-tab-${tab}`}>
        <div class="code-head">
          <p class="hint">
            {tab !== 'curl' ? text.hint : ready ? text.signed : text.unsigned}
            {tab !== 'curl' && (
              <>
                {' '}
                {text.run} <code>{runLine(tab, scheme)}</code>
              </>
            )}
          </p>
          {ready && <Copy text={code} label={text.copy(text.tabs[tab])} />}
        </div>
        {/* Scrolls sideways, so the keyboard has to reach it. */}
        <pre class={tab === 'curl' || tab === 'bash' ? 'code wrap' : 'code'} dir="ltr" tabIndex={0} role="region" aria-label={text.tabs[tab]} data-snippet={tab}>
          {code}
        </pre>
      </div>
    </section>
  );
}
