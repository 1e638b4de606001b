import type { ComponentChildren } from 'preact';
import { count } from '../../format/number.ts';
import { stats } from '../../state/feed.ts';
import { countedSince, counts, webhooksOf } from '../../state/refused.ts';
import { strings } from '../../strings/index.ts';
import { Time } from '../../ui/time.tsx';

const text = strings.overview.figures;

export function Figure({ label, children, name }: { label: string; name: string; children: ComponentChildren }) {
  return (
    <div class="figure" data-figure={name}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function When({ iso }: { iso: string | null }) {
  return iso ? <Time iso={iso} /> : <span class="absent">{text.none}</span>;
}

export function Figures() {
  const known = stats.value;
  return (
    <section class="part-figures" aria-label={text.title}>
      <dl class="figures">
        <Figure name="total" label={text.total}>
          {known ? count(known.total_messages) : '…'}
        </Figure>
        <Figure name="senders" label={text.senders}>
          {known ? count(known.senders_count) : '…'}
        </Figure>
        <Figure name="last" label={text.last}>
          {known ? <When iso={known.last_message_ts} /> : '…'}
        </Figure>
        <Figure name="first" label={text.first}>
          {known ? <When iso={known.first_message_ts} /> : '…'}
        </Figure>
        {countedSince.value && (
          <Figure name="refused" label={text.refused}>
            {count(webhooksOf(counts.value))}
          </Figure>
        )}
      </dl>
    </section>
  );
}
