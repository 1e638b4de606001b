import type { ComponentChildren } from 'preact';
import { count } from '../../format/number.ts';
import { stats } from '../../state/feed.ts';
import { rejections } from '../../state/overview.ts';
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

/** How many have been refused in all: by reason, whether they are still kept or not. */
function Refused() {
  const { data, failure, absent } = rejections.value;
  // Who may read messages may not always read this.
  if (absent || (failure && !data)) return null;
  return (
    <Figure name="refused" label={text.refused}>
      {data ? count(data.counts.reduce((sum, reason) => sum + reason.count, 0)) : '…'}
    </Figure>
  );
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
        <Refused />
      </dl>
    </section>
  );
}
