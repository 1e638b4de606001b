import { dayStart, type Bucket, type Span } from './buckets.ts';
import { format, type Zone } from './time.ts';

const isMidnight = (at: number, zone: Zone) => dayStart(at, 0, zone) === at;

/** "Sat 29 Nov", "Mon 24 Nov – Sat 29 Nov", "Sat 29 Nov, 14:00 – 15:00": from when until when, exactly. */
export function spanLabel({ start, end }: Bucket, zone: Zone): string {
  const lastDay = format('weekday', zone).format(end - 1);
  const firstDay = format('weekday', zone).format(start);
  if (isMidnight(start, zone) && isMidnight(end, zone)) return firstDay === lastDay ? firstDay : `${firstDay} – ${lastDay}`;
  // In the hour in which clocks are put back, the same digits come twice.
  const turned = zone === 'local' && new Date(start).getTimezoneOffset() !== new Date(end).getTimezoneOffset();
  const clock = turned ? 'named' : 'clock';
  const [from, to] = [format(clock, zone).format(start), format(clock, zone).format(end)];
  return firstDay === lastDay ? `${firstDay}, ${from} – ${to}` : `${firstDay}, ${from} – ${format('weekday', zone).format(end)}, ${to}`;
}

export interface Tick {
  /** Of the bucket at whose beginning it stands. */
  index: number;
  label: string;
}

/** A few round places on the axis of time: quarters of an hour, noons and midnights, Mondays. */
export function timeTicks(buckets: readonly Bucket[], span: Span, zone: Zone): Tick[] {
  const ticks: Tick[] = [];
  buckets.forEach(({ start }, index) => {
    const date = new Date(start);
    const [weekday, hour, minute] =
      zone === 'utc'
        ? [date.getUTCDay(), date.getUTCHours(), date.getUTCMinutes()]
        : [date.getDay(), date.getHours(), date.getMinutes()];
    const isRound = span === 'days' ? weekday === 1 : span === '' ? hour % 12 === 0 : minute % 15 === 0;
    if (!isRound) return;
    const label = span === 'days' || (span === '' && isMidnight(start, zone)) ? 'date' : 'clock';
    ticks.push({ index, label: format(label, zone).format(start) });
  });
  return ticks;
}
