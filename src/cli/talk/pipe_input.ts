/**
 * From the bytes of standard input to numbered messages.
 */

import { asError } from "../../actor/exit.ts";
import type { CodecName } from "../../options/fields/protocol.ts";
import { codecs } from "../../process/codecs/codecs.ts";
import type { Decoder, Malformed } from "../../process/framing/framing.ts";
import { LIGHT_JSON, shapeOf } from "../../process/codecs/json_shape.ts";
import { printableLine } from "../../text/words.ts";
import type { FailureReporter } from "./progress.ts";
import { READ_BYTES, readStdin } from "./stdin.ts";

/** One line or frame. */
export type PipeMessage =
  /** A message to send. */
  | { readonly number: number; readonly message: unknown; readonly size: number }
  /** Input that is not a message, and why. */
  | { readonly number: number; readonly fault: string };

/** Cuts input into messages: lines for `lines`, lines of JSON for `ndjson` and `content-length`, else frames. */
export class PipeInput {
  /** The noun for a message. */
  readonly noun: "line" | "frame";
  readonly #decoder: Decoder;
  readonly #isJson: boolean;
  #items: PipeMessage[] = [];
  #number = 0;
  /** The fault of the next line. */
  #fault: string | undefined;

  /** For a sidecar with that protocol. */
  constructor(protocol: Exclude<CodecName, "bytes">, { maxFrame }: { readonly maxFrame: number }) {
    this.#isJson = protocol === "ndjson" || protocol === "content-length";
    const byLine = this.#isJson || protocol === "lines";
    this.noun = byLine ? "line" : "frame";
    const codec = byLine ? codecs.lines : codecs[protocol];
    this.#decoder = codec.decoder({
      message: (message: string | Uint8Array) => this.#take(message),
      malformed: (fault: Malformed) => this.#malformed(fault, maxFrame),
    } as never, { maxFrame });
  }

  /** Returns the messages that `chunk` completes, in order. */
  push(chunk: Uint8Array): readonly PipeMessage[] {
    this.#decoder.push(chunk);
    return this.#taken();
  }

  /** Returns the unfinished message at the end of the input. */
  end(): readonly PipeMessage[] {
    this.#decoder.end();
    return this.#taken();
  }

  #taken(): readonly PipeMessage[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  #take(message: string | Uint8Array): void {
    const number = ++this.#number;
    if (this.#fault !== undefined) {
      this.#items.push({ number, fault: this.#fault });
      this.#fault = undefined;
    } else if (this.#isJson) this.#json(number, message as string);
    else this.#items.push({ number, message, size: message.length });
  }

  #json(number: number, line: string): void {
    if (line.trim() === "") return; // means nothing in NDJSON
    const shape = line.length > LIGHT_JSON ? shapeOf(line) : "json";
    if (shape === "too_deep" || shape === "too_heavy") {
      const what = shape === "too_deep" ? "it nests too deep" : "there is too much in it to be read at once";
      return void this.#items.push({ number, fault: what });
    }
    try {
      this.#items.push({ number, message: JSON.parse(line), size: line.length });
    } catch (error) {
      this.#items.push({ number, fault: `it is not valid JSON: ${printableLine(asError(error).message)}` });
    }
  }

  #malformed({ kind, bytes, dropped }: Malformed, maxFrame: number): void {
    const fault = kind === "over_cap"
      ? `it is longer than ${maxFrame.toLocaleString("en")} bytes, the maxFrame of the sidecar`
      : kind === "invalid_utf8"
      ? "it is not UTF-8"
      : `it is no ${this.noun}: ${kind}, ${bytes} bytes`;
    if (dropped) this.#items.push({ number: ++this.#number, fault });
    else this.#fault = fault;
  }
}

/**
 * Reads the messages of standard input, yielding those of one read at a time, until `signal` aborts. A failing read is the
 * end of the input, and is reported.
 */
export async function* readMessages(
  input: PipeInput,
  { signal, failures }: { readonly signal: AbortSignal; readonly failures: FailureReporter },
): AsyncGenerator<readonly PipeMessage[], void> {
  const bytes = new Uint8Array(READ_BYTES);
  for (let size: number | undefined = 0; size !== undefined;) {
    try {
      size = await readStdin(bytes, signal);
    } catch (error) {
      failures.count++;
      failures.report(`Cannot read standard input: ${printableLine(asError(error).message)}`);
      size = undefined;
    }
    if (signal.aborted) return;
    yield size === undefined ? input.end() : input.push(bytes.subarray(0, size));
  }
}
