import { useSignal } from '@preact/signals';
import type { Bucket } from '../../format/buckets.ts';
import { count } from '../../format/number.ts';
import { strings } from '../../strings/index.ts';
import type { Bar, Series } from '../../ui/bars.tsx';

interface Props {
  label: string;
  bars: Bar[];
  series: Series[];
  when: (span: Bucket) => string;
  /** What a row's button is called that does what its bar does. */
  choose?: (bar: Bar) => string;
  onSelect?: (span: Bucket) => void;
}

/** What a chart shows, as a table: the newest first, as in the list. */
export function Twin({ label, bars, series, when, choose, onSelect }: Props) {
  const open = useSignal(false);
  const text = strings.overview.chart;
  return (
    <details class="twin" onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>{text.table}</summary>
      {open.value && (
        <div class="twin-scroll" tabIndex={0} role="region" aria-label={label}>
          <table>
            <thead>
              <tr>
                <th scope="col">{text.time}</th>
                {series.map(({ name, label: word }) => (
                  <th key={name} scope="col" class="amount">
                    {word}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {bars.toReversed().map((bar) => (
                <tr key={bar.start} data-start={new Date(bar.start).toISOString()}>
                  <th scope="row">
                    {onSelect && choose ? (
                      <button type="button" class="link" aria-label={choose(bar)} onClick={() => onSelect(bar)}>
                        {when(bar)}
                      </button>
                    ) : (
                      when(bar)
                    )}
                  </th>
                  {bar.values.map((value) => (
                    <td class={value === 0 ? 'amount zero' : 'amount'}>{count(value)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">{text.total}</th>
                {series.map(({ name }, at) => (
                  <td key={name} class="amount">
                    {count(bars.reduce((sum, bar) => sum + (bar.values[at] ?? 0), 0))}
                  </td>
                ))}
              </tr>
            </tfoot>
          </table>
        </div>
      )}
    </details>
  );
}
