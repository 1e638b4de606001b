import { count } from '../../format/number.ts';
import { counts, reason } from '../../state/refused.ts';
import { navigate } from '../../state/route.ts';
import { strings } from '../../strings/index.ts';
import { REASON_NAMES, wordsOf } from '../../strings/refused.ts';

const text = strings.refused;

function Chip({ name, label, number }: { name: string; label: string; number: number }) {
  const pressed = reason.value === name;
  return (
    <button
      type="button"
      class="refused-chip"
      aria-pressed={pressed}
      data-reason={name}
      title={name || undefined}
      onClick={() => navigate({ reason: pressed ? '' : name })}
    >
      <bdi>{label}</bdi> <span class="amount">{count(number)}</span>
    </button>
  );
}

/** How many were refused for what, and a way to see only those. */
export function Chips({ sum }: { sum: number }) {
  const chosen = reason.value;
  const counted = counts.value;
  // In an order of their own, so that nothing moves under the pointer when one overtakes another.
  const known: string[] = REASON_NAMES.filter((name) => counted[name]);
  const names = [...known, ...Object.keys(counted).filter((name) => !known.includes(name))];
  if (chosen && !names.includes(chosen)) names.push(chosen);
  return (
    <div class="refused-chips" role="group" aria-label={text.reasons}>
      <Chip name="" label={text.all} number={sum} />
      {names.map((name) => (
        <Chip key={name} name={name} label={wordsOf(name).short} number={counted[name] ?? 0} />
      ))}
    </div>
  );
}
