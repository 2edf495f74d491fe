/**
 * Lists the keys of an object that nothing reads, so that no setting of an app vanishes in silence. Pure.
 */

import { isPlainObject } from "../issue.ts";
import type { IgnoredPart } from "../resolve/platform.ts";

/** Keys that are not read, and why. */
export type UnreadReasons = Readonly<Record<string, string>>;

/** Why a key that Tauri has no use for has no effect here. */
export const NOT_TAURIS = "Tauri has no such key";

/**
 * The keys of `value` beyond `read`, one part for all that have the same reason: the one in `reasons`, or `otherwise`.
 * `$schema` matters to an editor alone.
 */
export function unreadKeys(
  value: unknown,
  place: string,
  { read, reasons = {}, otherwise = NOT_TAURIS }: {
    readonly read: readonly string[];
    readonly reasons?: UnreadReasons;
    readonly otherwise?: string;
  },
): IgnoredPart[] {
  if (!isPlainObject(value)) return [];
  const unread = Object.keys(value).filter((key) => key !== "$schema" && !read.includes(key));
  const why = (key: string) => Object.hasOwn(reasons, key) ? reasons[key]! : otherwise;
  return [...Map.groupBy(unread, why)].map(([why, keys]) => setting(`${place}: ${keys.join(", ")}`, why));
}

/** An object without those of `keys` that are `null`, which Tauri takes for none given. */
export function withoutNull(value: unknown, ...keys: readonly string[]): unknown {
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key, inner]) => inner !== null || !keys.includes(key)),
  );
}

/** A setting without a counterpart. */
export function setting(path: string, why: string): IgnoredPart {
  return { path, kind: "setting", why };
}

/** A sidecar that does not start. */
export function notStarted(path: string, why: string): IgnoredPart {
  return { path, kind: "sidecar", why };
}
