import { exactTime, relativeTime } from '../format/time.ts';
import { tenSeconds } from '../state/clock.ts';

/** Relative for reading, exact in the tooltip and for machines. */
export function Time({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={exactTime(iso)}>
      {relativeTime(iso, tenSeconds.value)}
    </time>
  );
}
