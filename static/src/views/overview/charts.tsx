import { OUTCOMES, type Counted, type ServerStats } from '../../api/overview.ts';
import { SPANS, type Bucket, type Span } from '../../format/buckets.ts';
import { count } from '../../format/number.ts';
import { spanLabel, timeTicks } from '../../format/span.ts';
import { server, span, timeline } from '../../state/overview.ts';
import { filterBy, navigate, view } from '../../state/route.ts';
import { formatView, NO_FILTER, NO_PANEL } from '../../state/view.ts';
import { zone } from '../../state/zone.ts';
import { strings } from '../../strings/index.ts';
import { Bars, type Bar, type Series } from '../../ui/bars.tsx';
import { Time } from '../../ui/time.tsx';
import { Part } from './part.tsx';
import { Twin } from './twin.tsx';

const text = strings.overview;
const when = (of: Bucket) => spanLabel(of, zone.value);

/** What was counted is all messages, whatever the list was last filtered by: nothing else stays of it. */
function show({ start, end }: Bucket): void {
  filterBy({ ...NO_FILTER, since: new Date(start).toISOString(), until: new Date(end).toISOString() });
}

function Spans() {
  return (
    <div class="segments" role="group" aria-label={text.span.label}>
      {SPANS.map((name) => (
        <button key={name} type="button" aria-pressed={span.value === name} onClick={() => navigate({ span: name })}>
          {text.span[name]}
        </button>
      ))}
    </div>
  );
}

const MESSAGES: Series[] = [{ name: 'messages', label: text.timeline.count }];

function Messages({ buckets, of }: { buckets: Counted[]; of: Span }) {
  const bars = buckets.map(({ start, end, count: n }) => ({ start, end, values: [n] }));
  const total = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const during = text.span.during[of];
  const words = ([n = 0]: number[]) => text.messages(n);
  return (
    <>
      <p class="part-sum" data-sum={total}>
        {text.timeline.sum(total, during)}
      </p>
      <p class="hint">{text.timeline.hint}</p>
      <Bars
        // Bars of another width are other bars: nothing that was chosen among them is kept.
        key={of}
        bars={bars}
        series={MESSAGES}
        ticks={timeTicks(bars, of, zone.value)}
        label={text.timeline.chart(during)}
        hint={text.chart.chooseKeys}
        busy={of !== span.value}
        when={when}
        what={words}
        onSelect={show}
      />
      <Twin
        label={text.timeline.chart(during)}
        bars={bars}
        series={MESSAGES}
        when={when}
        choose={(bar) => text.timeline.show(when(bar), bar.values[0] ?? 0)}
        onSelect={show}
      />
    </>
  );
}

export function TimelinePart() {
  return (
    <Part name="timeline" title={text.timeline.title} of={timeline} tools={<Spans />}>
      {({ span: of, buckets }) => <Messages buckets={buckets} of={of} />}
    </Part>
  );
}

const SERIES: Series[] = OUTCOMES.map((name) => ({ name, label: text.outcomes.names[name] }));

/** Every outcome that there was, in words. */
function outcomesOf(values: number[]): string {
  const some = SERIES.flatMap(({ label }, at) => (values[at] ? [`${count(values[at])} ${label.toLowerCase()}`] : []));
  return some.join(', ') || text.outcomes.nothing;
}

function Legend({ bars }: { bars: Bar[] }) {
  const { see } = text.outcomes;
  const href = (tab: 'refused' | 'messages') =>
    location.pathname +
    formatView({ ...view.value, reason: '', tab, panel: NO_PANEL }).search +
    (tab === 'refused' ? '#/refused' : '#/conflicts');
  return (
    <ul class="legend">
      {SERIES.map(({ name, label }, at) => {
        const total = bars.reduce((sum, bar) => sum + (bar.values[at] ?? 0), 0);
        return (
          <li key={name} data-outcome={name} data-total={total}>
            <span class={`swatch mark-of ${name}`} />
            <span>{label}</span>
            <strong>{count(total)}</strong>
            {total > 0 && name === 'refused' && <a href={href('refused')}>{see.refused}</a>}
            {total > 0 && name === 'conflict' && <a href={href('messages')}>{see.conflict}</a>}
          </li>
        );
      })}
    </ul>
  );
}

function Outcomes({ outcomes, started }: { outcomes: ServerStats['outcomes']; started: string }) {
  const widthMs = outcomes.width_seconds * 1000;
  const of: Span = outcomes.width_seconds === 60 ? 'minutes' : '';
  const during = text.span.during[of];
  const bars = outcomes.data.map((bucket) => {
    const start = Date.parse(bucket.start);
    return { start, end: start + widthMs, values: OUTCOMES.map((name) => bucket[name]) };
  });
  return (
    <>
      <p class="hint">
        {text.outcomes.hint(during)}
        {bars[0] && Date.parse(started) > bars[0].start && (
          <>
            {text.outcomes.since}
            <Time iso={started} />
          </>
        )}
      </p>
      <Legend bars={bars} />
      <Bars
        key={of}
        bars={bars}
        series={SERIES}
        ticks={timeTicks(bars, of, zone.value)}
        label={text.outcomes.chart(during)}
        hint={text.chart.keys}
        when={when}
        what={outcomesOf}
      />
      <Twin label={text.outcomes.chart(during)} bars={bars} series={SERIES} when={when} />
    </>
  );
}

export function OutcomesPart() {
  return (
    <Part name="outcomes" title={text.outcomes.title} of={server}>
      {({ outcomes, started_at }) => <Outcomes outcomes={outcomes} started={started_at} />}
    </Part>
  );
}
