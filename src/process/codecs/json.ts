/**
 * Reads and writes JSON as the content of a frame.
 *
 * Values have the shape the other side gave them: check before use. They are the values of `JSON.parse`: `1e999` is
 * `Infinity`, an integer over 2^53 is the nearest representable number, of a duplicate key the last counts, and
 * `__proto__` is a key like any other.
 */
import { UnencodableMessageError } from "../pipes/pipe_errors.ts";
import type { MalformedKind } from "../framing/framing.ts";
import { LIGHT_JSON, MAX_JSON_DEPTH, shapeOf } from "./json_shape.ts";

/** A value that JSON can express. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** The number of texts that are checked before parsing after an invalid one: see {@linkcode shapeOf} for why. */
const WARY = 32;

/** Returns the JSON text of a message for the protocol `codec`. @throws {UnencodableMessageError} if there is none */
export function jsonText(message: JsonValue, codec: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(message);
  } catch (cause) {
    throw new UnencodableMessageError(codec, { reason: "JSON cannot hold it; see the cause", cause });
  }
  if (text === undefined) {
    const reason = typeof message === "object" ? "its toJSON gives nothing" : `JSON has no ${typeof message}`;
    throw new UnencodableMessageError(codec, { reason: `${reason}; send null` });
  }
  return text;
}

/** Parses the texts of one stream. Garbage costs about as much as JSON of the same length. */
export class JsonReader {
  #wary = 0;
  #fault: MalformedKind = "not_json";

  get fault(): MalformedKind {
    return this.#fault;
  }

  /** Returns the value, or `undefined` if the text is not a message. Never throws because of the text. */
  read(text: string): JsonValue | undefined {
    // A longer one is checked before it is parsed: parsing could take seconds.
    const looked = this.#wary > 0 || text.length > LIGHT_JSON;
    if (looked) {
      const shape = shapeOf(text);
      if (shape !== "json") return this.#refuse(shape);
      if (this.#wary > 0) this.#wary--;
    }
    let value: JsonValue;
    try {
      value = JSON.parse(text);
    } catch (error) {
      // The engine refuses a text that is too much for it with a RangeError.
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      const shape = shapeOf(text);
      return this.#refuse(shape === "json" ? "not_json" : shape);
    }
    // Each level has two characters at least.
    if (!looked && text.length > 2 * MAX_JSON_DEPTH && deeper(value, MAX_JSON_DEPTH)) {
      return this.#refuse("too_deep");
    }
    return value;
  }

  #refuse(fault: MalformedKind): undefined {
    this.#wary = WARY;
    this.#fault = fault;
  }
}

/** Whether there are more than `levels` arrays and objects within one another. */
function deeper(value: JsonValue, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && deeper(item, levels - 1)) return true;
    return false;
  }
  for (const key in value) {
    const item = value[key]!;
    if (typeof item === "object" && deeper(item, levels - 1)) return true;
  }
  return false;
}
