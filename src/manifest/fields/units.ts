/**
 * Durations and sizes: a string with a unit, or a bare number of milliseconds or bytes. Both come out as whole
 * numbers, rounded.
 *
 * @module
 */

import { z } from "zod";
import { describeValue, nearestKey, quote } from "../../text/words.ts";

/** A time: a string with a unit (`"200ms"`, `"1.5s"`, `"3m"`, `"1h"`), or a number of milliseconds. */
export type DurationInput = string | number;

/** A size: a string with a unit (`"10MB"`, `"64KiB"`), or a number of bytes. */
export type SizeInput = string | number;

/** The largest frame a manifest may allow, in bytes: 1 GiB. */
export const MAX_FRAME = 2 ** 30;

/** The most memory that a limit may allow, in bytes: 1 PiB. */
export const MAX_MEMORY = 2 ** 50;

interface Measure {
  readonly noun: string;
  readonly base: string;
  readonly units: Readonly<Record<string, number>>;
  readonly examples: string;
}

const TIME: Measure = {
  noun: "a duration",
  base: "milliseconds",
  units: { ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
  examples: `"200ms", "1.5s", "3m" or "1h"`,
};

const SIZE: Measure = {
  noun: "a size",
  base: "bytes",
  units: { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
  examples: `"64KiB", "10MB" or "1GB"`,
};

interface Bounds {
  readonly min: number;
  /** None where it is `undefined`. */
  readonly max: number | undefined;
}

/** The number of ms or bytes, or in words what is wrong with the input. */
function measure(input: unknown, { noun, base, units, examples }: Measure): number | string {
  const usual = `expected ${noun} such as ${examples}, or a number of ${base}`;
  if (typeof input === "number") return Number.isNaN(input) ? `${usual}; got NaN` : Math.round(input);
  if (typeof input !== "string") return `${usual}; got ${describeValue(input)}`;
  const parts = /^(-?\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(input);
  if (parts === null) return `${usual}; got ${describeValue(input)}`;
  const [, digits = "", unit = ""] = parts;
  if (unit === "") return `${usual}; ${describeValue(input)} has no unit`;
  const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (scale === undefined) return `${usual}; ${describeValue(input)} has an unknown unit`;
  return Math.round(Number(digits) * scale);
}

/** The number of ms or bytes, if it is within its bounds, or in words what is wrong with the input. */
function checkBounds(input: unknown, kind: Measure, { min, max }: Bounds): number | string {
  const value = measure(input, kind);
  if (typeof value === "string") return value;
  if (max === undefined) {
    if (value === Infinity) return `must be a finite number of ${kind.base}, got ${describeValue(input)}`;
    return value >= min
      ? value
      : `must be ${min.toLocaleString("en")} ${kind.base} or more, got ${describeValue(input)}`;
  }
  const range = `must be between ${min.toLocaleString("en")} and ${max.toLocaleString("en")} ${kind.base}`;
  return value < min || value > max ? `${range}, got ${describeValue(input)}` : value;
}

function quantity(kind: Measure, bounds: Bounds): z.ZodType<number, string | number> {
  const { min, max } = bounds;
  const pattern = new RegExp(`^\\d+(\\.\\d+)?(${Object.keys(kind.units).join("|")})$`);
  // The bounds are checked once, below, for both spellings; here they are only for the JSON Schema.
  const error = (issue: { readonly input?: unknown }): string =>
    String(checkBounds(issue.input, kind, bounds));
  const least = z.number({ error }).min(min, { error });
  return z.union([
    z.string().regex(pattern, { error }),
    max === undefined ? least : least.max(max, { error }),
  ], {
    error,
  }).transform((input, context) => {
    const value = checkBounds(input, kind, bounds);
    if (typeof value === "number") return value;
    context.addIssue({ code: "custom", message: value });
    return z.NEVER;
  });
}

/** A schema for a duration of at least `min` ms, and at most `max` where that is given; whole milliseconds out. */
export function durationSchema(min: number, max?: number): z.ZodType<number, string | number> {
  return quantity(TIME, { min, max });
}

/** The same, or `"infinity"`. */
export function durationOrInfinitySchema(min: number): z.ZodType<number | "infinity", string | number> {
  return z.union([z.literal("infinity"), durationSchema(min)], {
    error: ({ input }) => {
      const { message } = durationSchema(min).safeParse(input).error!.issues[0]!;
      const near = typeof input === "string" && nearestKey(input, ["infinity"]) !== undefined;
      return near
        ? `expected a duration, or "infinity", got ${quote(input)}; did you mean "infinity"?`
        : message;
    },
  });
}

/** A schema for a size of 1 byte to {@link MAX_FRAME}, whole bytes out. */
export function sizeSchema(): z.ZodType<number, string | number> {
  return quantity(SIZE, { min: 1, max: MAX_FRAME });
}

/** A schema for an amount of memory of 1 byte to {@link MAX_MEMORY}, whole bytes out. */
export function memorySchema(): z.ZodType<number, string | number> {
  return quantity(SIZE, { min: 1, max: MAX_MEMORY });
}
