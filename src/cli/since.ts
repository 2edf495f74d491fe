/**
 * A point in the past as it is typed: a duration before now, a time of the day, or a date. Pure.
 */

import { quantityOf } from "../options/units.ts";
import { localDate } from "../report/clock_time.ts";

const TIME = String.raw`\d\d?:\d\d(?::\d\d(?:\.\d{1,3})?)?`;
const TIME_OF_DAY = new RegExp(`^${TIME}$`);
const DATE = new RegExp(String.raw`^(\d{4}-\d\d-\d\d)(?:[T ](${TIME})(Z|[+-]\d\d:\d\d)?)?$`);
const DAY_MS = 86_400_000;

/**
 * The milliseconds since 1970 that `text` means, or `undefined`. Times are local, where no zone is given; a time of the
 * day that is still to come is yesterday's.
 */
export function pastTime(text: string, now: number): number | undefined {
  const ago = quantityOf(text, "duration", { min: 0 });
  if (typeof ago === "number") return now - ago;
  if (TIME_OF_DAY.test(text)) {
    const [today, yesterday] = [now, now - DAY_MS].map((at) => parsed(`${localDate(at)}T${padded(text)}`));
    return today !== undefined && today > now ? yesterday : today;
  }
  const [, date, time = "00:00", zone = ""] = DATE.exec(text) ?? [];
  return date === undefined ? undefined : parsed(`${date}T${padded(time)}${zone}`);
}

function parsed(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function padded(time: string): string {
  return time.replace(/^\d:/, "0$&");
}
