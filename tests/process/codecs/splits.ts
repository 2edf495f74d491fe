/**
 * Holds a codec to what it should make of an input, however the input is split.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Codec } from "../../../src/process/codecs/codec.ts";
import { Collected } from "../fixture.ts";

/** Text, or text and single bytes. */
export function bytesOf(content: string | readonly (string | number)[]): Uint8Array {
  const parts = typeof content === "string" ? [content] : content;
  const encoder = new TextEncoder();
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "number" ? [part] : [...encoder.encode(part)]),
  );
}

/** A fault as it is reported; of what is over the cap, `bytes` is -1. */
export function fault(kind: string, more: { bytes: number; sample: string; dropped?: boolean }): unknown {
  return { kind, dropped: true, ...more };
}

/** Messages and faults must be as expected for every split of the input. */
export function eachSplit(
  codec: Codec<never, unknown>,
  input: { bytes: Uint8Array; maxFrame: number },
  expected: unknown[],
): void {
  for (const cuts of splits(input.bytes.length)) {
    assertEquals(decode(codec, { ...input, cuts }), expected, `cut at ${cuts}`);
  }
}

/** Whole, every split in two, every byte alone, and a hundred random splits. */
function* splits(length: number): Generator<number[]> {
  yield [];
  for (let cut = 0; cut <= length; cut++) yield [cut];
  yield Array.from({ length }, (_, cut) => cut);
  let seed = 1;
  const random = () => (seed = (seed * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
  for (let i = 0; i < 100; i++) {
    const density = random();
    yield Array.from({ length }, (_, cut) => cut).filter(() => random() < density);
  }
}

/** Everything that comes out, in order. */
export function decode(
  codec: Codec<never, unknown>,
  input: { bytes: Uint8Array; cuts: readonly number[]; maxFrame: number },
): unknown[] {
  const sink = new Collected<unknown>();
  const decoder = codec.decoder(sink, { maxFrame: input.maxFrame });
  let from = 0;
  for (const cut of [...input.cuts, input.bytes.length]) {
    decoder.push(input.bytes.slice(from, cut));
    from = cut;
  }
  decoder.end();
  return sink.all;
}
