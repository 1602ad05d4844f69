/** Numbers and times as the page shows them. What is not known is "not yet", never 0. */
export const NOT_YET = 'not yet';

const numbers = new Intl.NumberFormat('en-US');
const rates = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function formatCount(value: number | null): string {
  return value === null ? NOT_YET : numbers.format(value);
}

/** "3 jobs", "1 job", "no jobs". */
export function formatThings(count: number, one: string, many = `${one}s`): string {
  if (count === 0) return `no ${many}`;
  return `${numbers.format(count)} ${count === 1 ? one : many}`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** @param durationMs milliseconds */
export function formatDuration(durationMs: number): string {
  if (durationMs < SECOND) return `${Math.max(0, Math.round(durationMs))} ms`;
  if (durationMs < 10 * SECOND) return `${(durationMs / SECOND).toFixed(1)} s`;
  if (durationMs < MINUTE) return `${Math.round(durationMs / SECOND)} s`;
  if (durationMs < HOUR)
    return `${Math.floor(durationMs / MINUTE)} min ${Math.floor((durationMs % MINUTE) / SECOND)} s`;
  return `${Math.floor(durationMs / HOUR)} h ${Math.floor((durationMs % HOUR) / MINUTE)} min`;
}

/** @param perSecond records a second */
export function formatRate(perSecond: number): string {
  return `${rates.format(perSecond)} rows/s`;
}

const pad = (value: number): string => String(value).padStart(2, '0');
const clock = (date: Date): string => `${pad(date.getHours())}:${pad(date.getMinutes())}`;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function calendarDaysBetween(earlier: Date, later: Date): number {
  const from = Date.UTC(earlier.getFullYear(), earlier.getMonth(), earlier.getDate());
  const to = Date.UTC(later.getFullYear(), later.getMonth(), later.getDate());
  return Math.round((to - from) / DAY);
}

/** How long ago, in the words of the list: "6 min ago", "yesterday 02:10", "3 days ago", "12 Mar". */
export function formatAgo(instant: string, nowMs: number): string {
  const date = new Date(instant);
  const ageMs = nowMs - date.getTime();
  if (ageMs < -MINUTE) return formatExact(instant);
  if (ageMs < MINUTE) return 'just now';
  if (ageMs < HOUR) return `${Math.floor(ageMs / MINUTE)} min ago`;
  const days = calendarDaysBetween(date, new Date(nowMs));
  if (days === 0 || ageMs < 6 * HOUR) return `${Math.floor(ageMs / HOUR)} h ago`;
  if (days === 1) return `yesterday ${clock(date)}`;
  if (days < 14) return `${days} days ago`;
  return formatDay(date, nowMs);
}

function formatDay(date: Date, nowMs: number): string {
  const day = `${date.getDate()} ${MONTHS[date.getMonth()]}`;
  return date.getFullYear() === new Date(nowMs).getFullYear() ? day : `${day} ${date.getFullYear()}`;
}

/** "14:02" within the day, "yesterday 14:02", else the day. */
export function formatAsOf(instant: string, nowMs: number): string {
  const date = new Date(instant);
  const days = calendarDaysBetween(date, new Date(nowMs));
  if (days === 0 || nowMs - date.getTime() < 12 * HOUR) return clock(date);
  if (days === 1) return `yesterday ${clock(date)}`;
  return formatDay(date, nowMs);
}

/** The local time to the second, for hovering and for tables. */
export function formatExact(instant: string): string {
  const date = new Date(instant);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock(date)}:${pad(date.getSeconds())}`;
}
