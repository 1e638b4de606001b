import type { ComponentChildren } from 'preact';
import type { Stats } from '../api/types.ts';
import { count } from '../format/number.ts';
import { stats } from '../state/feed.ts';
import { filterBy, view } from '../state/route.ts';
import { strings } from '../strings.ts';
import { Time } from '../ui/time.tsx';

function Figure({ label, children, name }: { label: string; name: string; children: ComponentChildren }) {
  return (
    <div class="figure" data-figure={name}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function When({ iso }: { iso: string | null | undefined }) {
  return iso ? <Time iso={iso} /> : <span class="absent">{strings.overview.none}</span>;
}

export function Overview({ stats }: { stats: Stats }) {
  const text = strings.overview;
  return (
    <section class="overview" aria-label={text.title}>
      <dl class="figures">
        <Figure name="total" label={text.total}>
          {count(stats.total_messages)}
        </Figure>
        <Figure name="senders" label={text.senders}>
          {count(stats.senders_count)}
        </Figure>
        <Figure name="last" label={text.last}>
          <When iso={stats.last_message_ts} />
        </Figure>
        <Figure name="first" label={text.first}>
          <When iso={stats.first_message_ts} />
        </Figure>
      </dl>
    </section>
  );
}

export function TopSenders() {
  const top = stats.value?.messages_per_sender ?? [];
  const most = Math.max(1, ...top.map((sender) => sender.count));
  if (top.length === 0) return null;
  return (
    <section class="card senders" aria-labelledby="top-senders">
      <h2 id="top-senders">{strings.overview.top}</h2>
      <p class="hint">{strings.overview.topHint}</p>
      <ol>
        {top.map(({ from_msisdn, count: n }) => {
          const active = view.value.from === from_msisdn;
          return (
            <li key={from_msisdn}>
              <button
                type="button"
                class="sender"
                aria-pressed={active}
                title={strings.overview.only(from_msisdn)}
                onClick={() => filterBy({ from: active ? '' : from_msisdn })}
              >
                <span class="number">{from_msisdn}</span>
                <span class="amount">{count(n)}</span>
                <span class="offscreen">{strings.overview.unit(n)}</span>
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
