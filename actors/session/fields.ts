/** The fields of objects that come from a client or a server: anything may be missing, or of another type. */

/** An object with whatever fields. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** `value`, if it is an object; else one without fields. */
export function fields(value: unknown): JsonObject {
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
