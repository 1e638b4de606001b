import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { bucketAt, indexOf, spanOf, type Bucket } from '../format/buckets.ts';
import { compact, count } from '../format/number.ts';
import { scaleLines } from '../format/scale.ts';
import type { Tick } from '../format/span.ts';

export interface Series {
  /** Also the class of its marks. */
  name: string;
  label: string;
}

export interface Bar extends Bucket {
  /** As many as there are series, in their order, which is that of the stack from the bottom up. */
  values: number[];
}

interface Props {
  bars: Bar[];
  series: Series[];
  ticks: Tick[];
  /** What the chart shows. */
  label: string;
  /** How it is used. */
  hint: string;
  /** It answers an earlier question. */
  busy?: boolean;
  /** In words: when, and how many. */
  when: (span: Bucket) => string;
  what: (values: number[]) => string;
  /** A bar, or what a drag or Shift with the arrow keys span. */
  onSelect?: (span: Bucket) => void;
}

/** Between two bars, by where they begin: the row moves on with time, and what is chosen stays. */
interface Choice {
  anchor: number;
  active: number;
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

/** Of several bars, each series for itself. */
function added(bars: Bar[]): number[] {
  return (bars[0]?.values ?? []).map((_, at) => sum(bars.map((bar) => bar.values[at] ?? 0)));
}

/**
 * Bars over time. They are elements, so that themes, zoom and assistive technology see them: a list of which one entry
 * is active. The focus is on the list, as entries come and go.
 */
export function Bars({ bars, series, ticks, label, hint, busy = false, when, what, onSelect }: Props) {
  const id = useId();
  const plot = useRef<HTMLDivElement>(null);
  const keyed = useSignal<Choice | null>(null);
  const dragged = useSignal<Choice | null>(null);
  const hovered = useSignal<number | null>(null);
  const focused = useSignal(false);

  const top = Math.max(1, ...bars.map((bar) => sum(bar.values)));
  const last = bars.length - 1;
  const chosen = dragged.value ?? (hovered.value !== null ? { anchor: hovered.value, active: hovered.value } : focused.value ? keyed.value : null);
  const [from, to] = chosen ? [indexOf(bars, chosen.anchor), indexOf(bars, chosen.active)] : [-1, -1];
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const active = keyed.value && indexOf(bars, keyed.value.active);
  const entry = (at: number) => `${id}-${bars[at]?.start}`;

  function under(event: PointerEvent): number | null {
    const box = plot.current?.getBoundingClientRect();
    return box && box.width > 0 ? (bars[bucketAt((event.clientX - box.left) / box.width, bars.length)]?.start ?? null) : null;
  }

  function select({ anchor, active }: Choice): void {
    const span = spanOf(bars, indexOf(bars, anchor), indexOf(bars, active));
    if (span) onSelect?.(span);
  }

  function onPointerDown(event: PointerEvent): void {
    const start = under(event);
    if (event.button !== 0 || start === null) return;
    keyed.value = { anchor: start, active: start };
    if (!onSelect) return;
    plot.current?.setPointerCapture(event.pointerId);
    dragged.value = { anchor: start, active: start };
  }

  function onPointerMove(event: PointerEvent): void {
    const start = under(event);
    if (start === null) return;
    if (dragged.value) dragged.value = { ...dragged.value, active: start };
    else hovered.value = start;
  }

  function onPointerUp(): void {
    const drag = dragged.value;
    dragged.value = null;
    if (drag) select(drag);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = active ?? last;
    const steps: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - 10, PageDown: at + 10, Home: 0, End: last };
    const to = steps[event.key];
    const next = to === undefined ? undefined : bars[Math.min(last, Math.max(0, to))];
    if (next) {
      hovered.value = null;
      keyed.value = { anchor: event.shiftKey && onSelect && keyed.value ? keyed.value.anchor : next.start, active: next.start };
    } else if (event.key === 'Escape' && chosen) {
      // The tooltip goes, and the next arrow key brings it back.
      dragged.value = null;
      hovered.value = null;
      keyed.value = null;
    } else if ((event.key === 'Enter' || event.key === ' ') && onSelect) {
      if (keyed.value) select(keyed.value);
    } else return;
    event.preventDefault();
  }

  return (
    <div class={onSelect ? 'chart selectable' : 'chart'} aria-busy={busy}>
      <div class="chart-lines" aria-hidden="true">
        {[0, ...scaleLines(top)].map((line) => (
          <div key={line} class="chart-line" style={{ bottom: `${(line / top) * 100}%` }}>
            <span>{compact(line)}</span>
          </div>
        ))}
      </div>
      <div
        ref={plot}
        class="chart-plot"
        role="listbox"
        tabIndex={0}
        aria-label={label}
        aria-describedby={`${id}-hint`}
        aria-orientation="horizontal"
        aria-multiselectable={onSelect ? true : undefined}
        aria-activedescendant={active === null ? undefined : entry(active)}
        onKeyDown={onKeyDown}
        onFocus={() => {
          focused.value = true;
          const newest = bars[last];
          if (newest) keyed.value ??= { anchor: newest.start, active: newest.start };
        }}
        onBlur={() => (focused.value = false)}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => (dragged.value = null)}
        onPointerLeave={() => (hovered.value = null)}
      >
        {bars.map((bar, at) => {
          const inside = at >= low && at <= high;
          return (
            <div
              key={bar.start}
              id={entry(at)}
              role="option"
              class={`chart-bar${inside ? ' chosen' : ''}${at === active ? ' active' : ''}`}
              aria-selected={inside}
              aria-label={`${when(bar)}: ${what(bar.values)}`}
              data-start={new Date(bar.start).toISOString()}
              data-values={bar.values.join(' ')}
            >
              {series.map(({ name }, i) => {
                const value = bar.values[i] ?? 0;
                return value > 0 && <span key={name} class={`mark-of ${name}`} style={{ height: `${(value / top) * 100}%` }} />;
              })}
            </div>
          );
        })}
      </div>
      {chosen && <Tip bars={bars.slice(low, high + 1)} series={series} at={(low + high + 1) / 2 / bars.length} when={when} />}
      <div class="chart-ticks" aria-hidden="true">
        {ticks.map(({ index, label: word }) => {
          const part = index / bars.length;
          return (
            <span key={word + index} class={part < 0.04 ? 'first' : part > 0.94 ? 'last' : undefined} style={{ left: `${part * 100}%` }}>
              {word}
            </span>
          );
        })}
      </div>
      <p class="offscreen" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}

/** What the active entry says of itself, for those who see it. */
function Tip({ bars, series, at, when }: { bars: Bar[]; series: Series[]; at: number; when: Props['when'] }) {
  const span = spanOf(bars, 0, bars.length - 1);
  const values = added(bars);
  return (
    <div class="chart-tip" aria-hidden="true" style={{ '--at': at }}>
      <p>{span && when(span)}</p>
      <ul>
        {series.map(({ name, label }, i) => (
          <li key={name}>
            {series.length > 1 && <span class={`swatch mark-of ${name}`} />}
            <strong>{count(values[i] ?? 0)}</strong> {label.toLowerCase()}
          </li>
        ))}
      </ul>
    </div>
  );
}
