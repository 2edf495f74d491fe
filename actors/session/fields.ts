/** The fields of objects that come from a client or a server: anything may be missing, or of another type. */

import type { JsonValue } from "@outrider/outrider";

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, JsonValue | undefined>>;

/** `value`, if it is an object; else one without fields. */
export function fields(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonObject : {};
}

/** The paths of what was declared `before` and is not `now`. */
export function lostOf(before: JsonObject, now: JsonObject, within = ""): readonly string[] {
  return Object.entries(before).flatMap(([name, value]) => {
    const path = within + name;
    const other = now[name];
    if (value === false || value === null || value === undefined) return [];
    if (other === undefined || other === false || other === null) return [path];
    return lostOf(fields(value), fields(other), `${path}.`);
  });
}
