/**
 * Durations and sizes: a text with a unit, or a bare number of milliseconds or bytes.
 */

import { OptionError } from "./option_error.ts";
import { describeValue } from "../text/words.ts";

/** A time: a text with a unit (`"200ms"`, `"1.5s"`, `"3m"`, `"1h"`), or a number of milliseconds. */
export type DurationInput = string | number;

/** A size: a text with a unit (`"10MB"`, `"64KiB"`), or a number of bytes. */
export type SizeInput = string | number;

/** The largest frame that a sidecar may be allowed, in bytes: 1 GiB. */
export const MAX_FRAME: number = 2 ** 30;

/** The most memory that a limit may allow, in bytes: 1 PiB. */
export const MAX_MEMORY: number = 2 ** 50;

/** The longest regular expression, in characters. */
export const MAX_PATTERN = 1_000;

/** The kind of a quantity. */
export type MeasureName = "duration" | "size";

interface Measure {
  readonly noun: string;
  readonly base: string;
  readonly units: Readonly<Record<string, number>>;
  readonly examples: string;
  /** Whether there is nothing between one and two of its base. */
  readonly isWhole: boolean;
}

/** The units of each. */
export const MEASURES: Readonly<Record<MeasureName, Measure>> = {
  duration: {
    noun: "a duration",
    base: "milliseconds",
    units: { ms: 1, s: 1000, m: 60_000, h: 3_600_000 },
    examples: `"200ms", "1.5s", "3m" or "1h"`,
    isWhole: false,
  },
  size: {
    noun: "a size",
    base: "bytes",
    units: { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
    examples: `"64KiB", "10MB" or "1GB"`,
    isWhole: true,
  },
};

/** The bounds of a quantity. */
export interface Bounds {
  readonly min: number;
  /** None where it is `undefined`. */
  readonly max?: number | undefined;
  /** Whether `Infinity` is one, which never comes: in code, not in a manifest. */
  readonly isOpen?: boolean | undefined;
}

/** The number of milliseconds or bytes, if it is within its bounds, or in words what is wrong with the input. */
export function quantityOf(input: unknown, name: MeasureName, bounds: Bounds): number | string {
  const value = amountOf(input, MEASURES[name], bounds.isOpen ?? false);
  if (typeof value === "string") return value;
  if (MEASURES[name].isWhole && value !== Infinity && !Number.isInteger(value)) {
    return `must be a whole number of ${MEASURES[name].base}, got ${describeValue(input)}; write ${
      Math.max(1, Math.round(value))
    }`;
  }
  const { min, max = Infinity, isOpen = false } = bounds;
  if (value >= min && value <= max && (isOpen || value !== Infinity)) return value;
  return `must be ${rangeText(value, MEASURES[name], bounds)}, got ${describeValue(input)}`;
}

function rangeText(value: number, { base }: Measure, { min, max }: Bounds): string {
  const least = min.toLocaleString("en");
  if (max !== undefined) return `between ${least} and ${max.toLocaleString("en")} ${base}`;
  return value === Infinity
    ? `a finite number of ${base}`
    : `${least} ${min === 1 ? base.replace(/s$/, "") : base} or more`;
}

/** Without its bounds. A number in code stands as it is: half a millisecond is half a millisecond. */
function amountOf(
  input: unknown,
  { noun, base, units, examples, isWhole }: Measure,
  isExact: boolean,
): number | string {
  const usual = `expected ${noun} such as ${examples}, or a number of ${base}`;
  if (typeof input === "number") {
    if (Number.isNaN(input)) return `${usual}; got NaN`;
    return isExact || isWhole ? input : Math.round(input);
  }
  if (typeof input !== "string") return `${usual}; got ${describeValue(input)}`;
  const parts = /^(-?\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(input);
  if (parts === null) return `${usual}; got ${describeValue(input)}`;
  const [, digits = "", unit = ""] = parts;
  if (unit === "") return `${usual}; ${describeValue(input)} has no unit`;
  const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (scale === undefined) return `${usual}; ${describeValue(input)} has an unknown unit`;
  const value = Number(digits) * scale;
  // "1.1MB" is 1,100,000 bytes, whatever binary fractions make of it.
  const rounded = Math.round(value);
  return isWhole && Math.abs(value - rounded) > 1e-12 * value ? value : rounded;
}

/**
 * The milliseconds of one duration, `"10s"` or a number of them, `Infinity` too; `usual` where it is left out.
 *
 * @throws {OptionError} it is not one
 */
export function durationOption(name: string, given: unknown, usual?: number): number {
  if (typeof given === "number" && given >= 0) return given;
  if (given === undefined && usual !== undefined) return usual;
  const amount = quantityOf(given, "duration", { min: 0, isOpen: true });
  if (typeof amount === "number") return amount;
  throw new OptionError(`Cannot use that as ${name}: ${amount}`, { path: name });
}

/** Milliseconds of a duration that is known to be one. */
export function ms(duration: DurationInput): number {
  return known(duration, "duration");
}

/** Bytes of a size that is known to be one. */
export function bytesOf(size: SizeInput): number {
  return known(size, "size");
}

function known(input: string | number, name: MeasureName): number {
  const value = quantityOf(input, name, { min: 0, isOpen: true });
  if (typeof value === "number") return value;
  throw new RangeError(value);
}
