const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Zone = 'local' | 'utc';

type Style = 'exact' | 'day' | 'clock' | 'short' | 'weekday' | 'date' | 'named';
const STYLES: Record<Style, Intl.DateTimeFormatOptions> = {
  exact: { dateStyle: 'medium', timeStyle: 'long' },
  day: { day: 'numeric', month: 'short', year: 'numeric' },
  clock: { hour: '2-digit', minute: '2-digit' },
  short: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  weekday: { weekday: 'short', day: 'numeric', month: 'short' },
  date: { day: 'numeric', month: 'short' },
  named: { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
};

const formats = new Map<string, Intl.DateTimeFormat>();

export function format(style: Style, zone: Zone): Intl.DateTimeFormat {
  const name = `${style} ${zone}`;
  let made = formats.get(name);
  if (!made) {
    made = new Intl.DateTimeFormat('en-GB', { ...STYLES[style], ...(zone === 'utc' && { timeZone: 'UTC' }) });
    formats.set(name, made);
  }
  return made;
}

/** "3 minutes ago" up to a week away in either direction, the date beyond; an unreadable instant comes back as it is. */
export function relativeTime(iso: string, now: number, zone: Zone = 'local'): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const delta = at - now;
  const size = Math.abs(delta);
  if (size < 45_000) return 'just now';
  if (size < HOUR) return relativeFormat.format(Math.round(delta / MINUTE), 'minute');
  if (size < DAY) return relativeFormat.format(Math.round(delta / HOUR), 'hour');
  if (size < 7 * DAY) return relativeFormat.format(Math.round(delta / DAY), 'day');
  return format('day', zone).format(at);
}

function formatted(style: Style, iso: string, zone: Zone): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : format(style, zone).format(at);
}

/** Date and time with the zone. */
export function zonedTime(iso: string, zone: Zone = 'local'): string {
  return formatted('exact', iso, zone);
}

/** "29 Nov, 14:05" */
export function shortTime(iso: string, zone: Zone = 'local'): string {
  return formatted('short', iso, zone);
}

/** For a tooltip: for people, then the instant exactly as stored. */
export function exactTime(iso: string, zone: Zone = 'local'): string {
  return `${zonedTime(iso, zone)}\n${iso}`;
}

/** Short age for "last message … ago". */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** For a field of `datetime-local`, to the second. */
export function toField(iso: string, zone: Zone): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return '';
  const shift = zone === 'utc' ? 0 : new Date(at).getTimezoneOffset() * MINUTE;
  return new Date(at - shift).toISOString().slice(0, 19);
}

/** What such a field says, as an instant; empty where it says none. */
export function fromField(text: string, zone: Zone): string {
  const at = text ? Date.parse(zone === 'utc' ? `${text}Z` : text) : NaN;
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}
