import { dayStart, type Bucket, type Span } from './buckets.ts';
import type { Zone } from './time.ts';

type Style = 'day' | 'clock' | 'named' | 'axisDay';
const STYLES: Record<Style, Intl.DateTimeFormatOptions> = {
  day: { weekday: 'short', day: 'numeric', month: 'short' },
  clock: { hour: '2-digit', minute: '2-digit' },
  named: { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
  axisDay: { day: 'numeric', month: 'short' },
};

const formats = new Map<string, Intl.DateTimeFormat>();

function format(style: Style, at: number, zone: Zone): string {
  const name = `${style} ${zone}`;
  let made = formats.get(name);
  if (!made) {
    made = new Intl.DateTimeFormat('en-GB', { ...STYLES[style], ...(zone === 'utc' && { timeZone: 'UTC' }) });
    formats.set(name, made);
  }
  return made.format(at);
}

const isMidnight = (at: number, zone: Zone) => dayStart(at, 0, zone) === at;

/** "Sat 29 Nov", "Mon 24 Nov – Sat 29 Nov", "Sat 29 Nov, 14:00 – 15:00": from when until when, exactly. */
export function spanLabel({ start, end }: Bucket, zone: Zone): string {
  const lastDay = format('day', end - 1, zone);
  const firstDay = format('day', start, zone);
  if (isMidnight(start, zone) && isMidnight(end, zone)) return firstDay === lastDay ? firstDay : `${firstDay} – ${lastDay}`;
  // In the hour in which clocks are put back, the same digits come twice.
  const turned = zone === 'local' && new Date(start).getTimezoneOffset() !== new Date(end).getTimezoneOffset();
  const clock = turned ? 'named' : 'clock';
  const [from, to] = [format(clock, start, zone), format(clock, end, zone)];
  return firstDay === lastDay ? `${firstDay}, ${from} – ${to}` : `${firstDay}, ${from} – ${format('day', end, zone)}, ${to}`;
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
    const label = span === 'days' || (span === '' && isMidnight(start, zone)) ? 'axisDay' : 'clock';
    ticks.push({ index, label: format(label, start, zone) });
  });
  return ticks;
}
