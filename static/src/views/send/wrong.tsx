import { body, source, stored, WAYS, type Way } from '../../state/send.ts';
import { encode, withOneByteChanged } from '../../sign/sign.ts';
import { strings } from '../../strings/index.ts';

const text = strings.send.wrong;

/** Why this cannot be sent now. */
function obstacle(way: Way): string | null {
  if (way === 'again' && stored.value?.source !== source.value.name) return text.needsStored;
  if (way === 'byte' && !withOneByteChanged(encode(body.value))) return text.needsLetter;
  return null;
}

/** Refusals, to see what they look like before a provider makes them. */
export function Wrong({ send }: { send: (way: Way) => void }) {
  return (
    <section class="card send-wrong" aria-labelledby="wrong-title">
      <h3 id="wrong-title">{text.title}</h3>
      <p class="hint">{text.hint}</p>
      <ul>
        {WAYS.filter((way) => way !== 'right').map((way) => {
          const why = obstacle(way);
          return (
            <li key={way}>
              <button type="button" class="button small" disabled={why !== null} aria-describedby={`teaches-${way}`} data-send={way} onClick={() => send(way)}>
                {text.ways[way].label}
              </button>
              <p class="hint" id={`teaches-${way}`}>
                {why ?? text.ways[way].teaches}
              </p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
