/**
 * JSON Merge Patch (RFC 7396), which is how Tauri lays the configuration of a platform over the common one.
 *
 * Hold in mind: an object is merged key by key, `null` removes a key, and anything else, a list too, takes the place of
 * what was there.
 *
 * @module
 */

import { isObject } from "../value.ts";

/** `value` with `patch` laid over it; neither is changed. */
export function mergePatch(value: unknown, patch: unknown): unknown {
  if (!isPlain(patch)) return patch;
  const merged = new Map(isPlain(value) ? Object.entries(value) : []);
  for (const [key, inner] of Object.entries(patch)) {
    if (inner === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), inner));
  }
  return Object.fromEntries(merged);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}
