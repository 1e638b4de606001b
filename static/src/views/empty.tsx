import { firstMessageLines } from '../format/shell.ts';
import { strings } from '../strings/index.ts';
import { unseenRefusals } from '../state/refused.ts';
import { openTab } from '../state/route.ts';
import { Copy } from '../ui/copy.tsx';
import { Icon } from '../ui/icon.tsx';

const text = strings.empty;
// Made once: a line must not change between being read and being copied.
const lines = firstMessageLines(location.origin, `${new Date().toISOString().slice(0, 19)}Z`);

/** The first minute: what to paste so that the first message comes in. */
export function Empty() {
  const endpoint = `${location.origin}/webhook`;
  return (
    <section class="card empty" aria-labelledby="empty-title">
      <h2 id="empty-title">
        <span class="pulse" />
        {text.title}
      </h2>
      <p class="lead">{text.intro}</p>
      {unseenRefusals.value > 0 && (
        <div class="notice problem" data-refused-first>
          <Icon name="shield" />
          <p class="notice-body">
            <strong>{text.refusedFirst(unseenRefusals.value)}</strong>
          </p>
          <button type="button" class="button small" onClick={() => openTab('refused')}>
            {text.refusedWhy}
          </button>
        </div>
      )}
      <p class="endpoint">
        <span class="muted">{text.endpoint}</span>
        <code>POST {endpoint}</code>
        <Copy text={endpoint} label={text.copyLine(text.endpoint)} />
      </p>
      <ol class="steps">
        {lines.map((line, i) => {
          const step = text.steps[i] ?? '';
          return (
            <li key={line}>
              <div class="code-head">
                <h3>{step}</h3>
                <Copy text={line} label={text.copyLine(step)} />
              </div>
              <pre class="code wrap" dir="ltr" data-shell-line={i}>
                {line}
              </pre>
              {i === 0 && <p class="hint">{text.secretHint}</p>}
            </li>
          );
        })}
      </ol>
      <div class="choices">
        <Copy text={`${lines.join('\n')}\n`} label={text.copyAll} wide primary />
        <button type="button" class="button" onClick={() => openTab('send')}>
          <Icon name="send" />
          {text.send}
        </button>
        <a class="button" href="/docs">
          {text.docs}
        </a>
      </div>
    </section>
  );
}
