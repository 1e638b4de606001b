import { messageHash, refusalHash } from '../../state/view.ts';
import type { Outcome } from '../../state/send.ts';
import { strings } from '../../strings/index.ts';
import { Copy } from '../../ui/copy.tsx';
import { Icon } from '../../ui/icon.tsx';

const text = strings.send.answer;

const took = (ms: number) => text.took(ms < 10 ? ms.toFixed(1) : ms.toFixed(0));

/** What the server said, in words; and the way to what it knows about it. */
export function Answer({ outcome }: { outcome: Outcome | null }) {
  if (!outcome) return <p class="absent answer">{strings.send.chain.waiting}</p>;
  const { failure, status, known, key, requestId, ms, said, note } = outcome;
  const [title, detail] = failure
    ? [failure.title, failure.detail]
    : known
      ? [text.known, text.knownDetail]
      : [text.stored, text.storedDetail];
  return (
    <div class={`answer ${failure ? 'bad' : 'good'}`} data-answer={outcome.way} data-status={status}>
      <p class="answer-title">
        <Icon name={failure ? 'warning' : 'check'} />
        <strong>{status || text.none}</strong> <bdi>{title}</bdi>
        <span class="muted">{took(ms)}</span>
      </p>
      <p>{note}</p>
      {detail && failure?.fields.length !== 1 && (
        <p>
          {failure && text.says} <bdi>{detail}</bdi>
        </p>
      )}
      {failure && failure.fields.length > 0 && (
        <ul class="answer-fields">
          {failure.fields.map(({ pointer, detail: rule }) => (
            <li>
              <code>
                <bdi>{pointer === '#' ? strings.failure.whole : pointer}</bdi>
              </code>{' '}
              <bdi>{rule}</bdi>
            </li>
          ))}
        </ul>
      )}
      <p class="answer-links">
        {key && (
          <a class="button small" href={messageHash(key)}>
            <Icon name="inbox" />
            {text.open}
          </a>
        )}
        {failure && requestId && (
          <a class="button small" href={refusalHash(requestId)}>
            <Icon name="shield" />
            {text.why}
          </a>
        )}
        {requestId && (
          <span class="hint">
            {text.requestId} <code data-request-id>{requestId}</code>
            <Copy text={requestId} label={text.copyRequestId} bare />
          </span>
        )}
      </p>
      {said && (
        <details>
          <summary class="hint">{text.body}</summary>
          <pre class="code wrap" dir="ltr" data-said>
            {said}
          </pre>
        </details>
      )}
    </div>
  );
}
