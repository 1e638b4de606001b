const exactFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "3 minutes ago" up to a week away in either direction, the date beyond; an unreadable instant comes back as it is. */
export function relativeTime(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const delta = at - now;
  const size = Math.abs(delta);
  if (size < 45_000) return 'just now';
  if (size < HOUR) return relativeFormat.format(Math.round(delta / MINUTE), 'minute');
  if (size < DAY) return relativeFormat.format(Math.round(delta / HOUR), 'hour');
  if (size < 7 * DAY) return relativeFormat.format(Math.round(delta / DAY), 'day');
  return dayFormat.format(at);
}

/** Local date and time with its zone. */
export function localTime(iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? iso : exactFormat.format(at);
}

/** For a tooltip: local for people, then the instant exactly as stored. */
export function exactTime(iso: string): string {
  return `${localTime(iso)}\n${iso}`;
}

/** Short age for "updated … ago". */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
