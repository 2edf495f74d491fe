/**
 * Standard input.
 */

import { LimitedBytesTransformStream, toBytes } from "@std/streams";
import { asError } from "../../actor/exit.ts";
import { MAX_FRAME } from "../../options/units.ts";
import { UsageError } from "../verb.ts";

/** Bytes that are read at a time. */
export const READ_BYTES = 65_536;

const encoder = new TextEncoder();

/** Reads an argument: its own text, or with `-` all of standard input, up to 1 GiB. @throws {UsageError} */
export async function argument(written: string): Promise<Uint8Array> {
  if (written !== "-") return encoder.encode(written);
  const limit = new LimitedBytesTransformStream(MAX_FRAME, { error: true });
  try {
    return await toBytes(Deno.stdin.readable.pipeThrough(limit));
  } catch (error) {
    throw new UsageError(`Cannot read standard input: ${asError(error).message}`);
  }
}

/**
 * Returns the number of bytes read; `undefined` at the end, or when `signal` aborts. Bytes read after that are lost:
 * a read can't be taken back, so there must be no other.
 */
export function readStdin(bytes: Uint8Array, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const over = () => resolve(undefined);
    if (signal.aborted) return over();
    signal.addEventListener("abort", over, { once: true });
    Deno.stdin.read(bytes).then((size) => resolve(size ?? undefined), reject)
      .finally(() => signal.removeEventListener("abort", over));
  });
}
