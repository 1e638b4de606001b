import { count } from '../format/number.ts';
import { stats } from '../state/feed.ts';
import { filter, filterBy } from '../state/route.ts';
import { strings } from '../strings/index.ts';

export function TopSenders() {
  const top = stats.value?.messages_per_sender ?? [];
  const most = Math.max(1, ...top.map((sender) => sender.count));
  if (top.length === 0) return null;
  return (
    <section class="card senders" aria-labelledby="top-senders">
      <h2 id="top-senders">{strings.senders.title}</h2>
      <p class="hint">{strings.senders.hint}</p>
      <ol>
        {top.map(({ from_msisdn, count: n }) => {
          const active = filter.value.from === from_msisdn;
          return (
            <li key={from_msisdn}>
              <button
                type="button"
                class="sender"
                aria-pressed={active}
                title={strings.senders.only(from_msisdn)}
                onClick={() => filterBy({ from: active ? '' : from_msisdn })}
              >
                <bdi class="number">{from_msisdn}</bdi>
                <span class="amount">{count(n)}</span>
                <span class="offscreen">{strings.senders.unit(n)}</span>
                <span class="bar">
                  <span style={{ width: `${Math.max(1, (n / most) * 100)}%` }} />
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
