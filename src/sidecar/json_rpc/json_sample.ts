/**
 * Formats the beginning of a message as JSON, for error reports.
 */

import { SAMPLE_CHARS, sampleOf } from "../../process/framing/framing.ts";

/**
 * As much of `value`, which JSON made, as a report shows. No more of it is turned into text than that: of ten megabytes
 * all would take longer than reading them did.
 */
export function jsonSample(value: unknown): string {
  return sampleOf(begin(value, SAMPLE_CHARS));
}

/** `value` as JSON, to its end or for `room` characters and some. */
function begin(value: unknown, room: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, room));
  if (typeof value !== "object" || value === null) return String(JSON.stringify(value));
  const isArray = Array.isArray(value);
  let text = isArray ? "[" : "{";
  for (const key in value) {
    if (text.length >= room) return text;
    if (text.length > 1) text += ",";
    if (!isArray) text += `${JSON.stringify(key.slice(0, room))}:`;
    text += begin((value as Record<string, unknown>)[key], room - text.length);
  }
  return text + (isArray ? "]" : "}");
}
