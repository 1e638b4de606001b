import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../api/client.ts';
import { stats } from '../state/feed.ts';
import { filterBy, view } from '../state/route.ts';
import { strings } from '../strings.ts';

/** How many messages each filter alone would give: asked only when both together give none. */
function useCounts(q: string, from: string, total: number | undefined) {
  const counts = useSignal<{ q?: number; from?: number }>({});
  useEffect(() => {
    counts.value = {};
    if (!q || !from) return;
    const stop = new AbortController();
    Promise.all([api.messages({ q, from: '' }, 1, 0, stop.signal), api.messages({ q: '', from }, 1, 0, stop.signal)])
      .then(([byText, bySender]) => {
        counts.value = { ...(byText.ok && { q: byText.data.total }), ...(bySender.ok && { from: bySender.data.total }) };
      })
      .catch(() => undefined);
    return () => stop.abort();
  }, [q, from, total]);
  return counts.value;
}

function Loosen({ label, gives, onClick }: { label: string; gives: number | undefined; onClick: () => void }) {
  return (
    <button type="button" class="button" onClick={onClick}>
      {label}
      {gives !== undefined && <span class="muted">→ {strings.nothing.gives(gives)}</span>}
    </button>
  );
}

export function NothingMatches() {
  const { q, from } = view.value;
  const all = stats.value?.total_messages;
  const counts = useCounts(q, from, all);
  const text = strings.nothing;
  return (
    <div class="blank">
      <h3>{text.title}</h3>
      <p>{q && from ? text.both(q, from) : q ? text.q(q) : text.from(from)}</p>
      <div class="choices">
        {q && <Loosen label={text.dropQ} gives={from ? counts.from : all} onClick={() => filterBy({ q: '' })} />}
        {from && <Loosen label={text.dropFrom} gives={q ? counts.q : all} onClick={() => filterBy({ from: '' })} />}
      </div>
    </div>
  );
}
