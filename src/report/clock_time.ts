/**
 * The local time of the day and the date, as the lines of a timeline have them.
 */

/** Local, `10:02:11.123`. */
export function clockTime(at: number): string {
  const date = new Date(at);
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits);
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** Local, `2026-11-29`. */
export function localDate(at: number): string {
  const date = new Date(at);
  return [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join("-");
}

/** `UTC+02:00`. */
export function utcOffset(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map(twoDigits);
  return `UTC${minutes < 0 ? "-" : "+"}${hours}:${rest}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
