/** Dates of a `datetime-local` control, which has no time zone: it means the one of this machine. */

export function inDays(nowMs: number, days: number): Date {
  const date = new Date(nowMs);
  date.setDate(date.getDate() + days);
  date.setMinutes(0, 0, 0);
  return date;
}

/** As the control wants it: "2026-03-08T09:00". */
export function toLocalText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** @returns null when it is no date */
export function toInstant(text: string): string | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
