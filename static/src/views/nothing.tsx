import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../api/client.ts';
import { stats } from '../state/feed.ts';
import { filter as asked, filterBy } from '../state/route.ts';
import { chipsOf, type Chip } from '../state/chips.ts';
import { filterKey, type Filter } from '../state/view.ts';
import { zone } from '../state/zone.ts';
import { strings } from '../strings/index.ts';

/** How many messages there would be without each of the filters: that says which one to loosen. */
function useCounts(filter: Filter, chips: Chip[]) {
  const counts = useSignal<Record<string, number>>({});
  useEffect(() => {
    counts.value = {};
    const stop = new AbortController();
    for (const { name, without } of chips) {
      api.messages({ ...filter, ...without }, { limit: 1 }, stop.signal).then(
        (answer) => {
          if (answer.ok) counts.value = { ...counts.value, [name]: answer.data.total };
        },
        () => undefined,
      );
    }
    return () => stop.abort();
  }, [filterKey(filter), stats.value?.total_messages]);
  return counts.value;
}

export function NothingMatches() {
  const filter = asked.value;
  const chips = chipsOf(filter, zone.value);
  const counts = useCounts(filter, chips);
  const text = strings.nothing;
  const best = Math.max(0, ...Object.values(counts));
  const words = chips.map((chip) => `${chip.label} “${chip.value}”`);
  return (
    <div class="blank">
      <h3>{text.title}</h3>
      <p dir="auto">{words.length === 1 ? text.one(words[0] ?? '') : text.says(words.join(', '))}</p>
      <div class="choices">
        {chips.map(({ name, label, without }) => {
          const gives = counts[name];
          return (
            <button
              key={name}
              type="button"
              class={gives !== undefined && gives > 0 && gives === best ? 'button primary' : 'button'}
              data-drop={name}
              onClick={() => filterBy(without)}
            >
              {text.drop(label)} <span class="gives">→ {gives === undefined ? text.counting : text.gives(gives)}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
