import { exactTime, relativeTime } from '../format/time.ts';
import { tenSeconds } from '../state/clock.ts';
import { zone } from '../state/zone.ts';

/** Relative for reading, exact in the tooltip and for machines. */
export function Time({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={exactTime(iso, zone.value)}>
      {relativeTime(iso, tenSeconds.value, zone.value)}
    </time>
  );
}
