import { assertEquals } from "@std/assert";
import type { Codec } from "../../../src/process/codecs/codec.ts";
import { codecs } from "../../../src/process/codecs/codecs.ts";

const encoder = new TextEncoder();
const long = "x".repeat(300);

/** Of each codec, frames and what is none. */
const samples: { readonly [name in keyof typeof codecs]: readonly (string | Uint8Array)[] } = {
  bytes: ["some", "bytes"],
  lines: ["one\n", `${long}\r\n`, Uint8Array.of(0xff, 10), "ü\n", "last"],
  ndjson: ['{"a":[1]}\n', "not json\n", `"${long}"\n`, "\n", '"ü"\n', Uint8Array.of(0xff, 10), "3"],
  "content-length": [
    "Content-Length: 2\r\n\r\n{}",
    `stray ${long}\n`,
    'Content-Length: 4\n\n"ü"',
    "Content-Length: 9",
  ],
  "length-prefixed-be": [
    Uint8Array.of(0, 0, 0, 2, 7, 8),
    Uint8Array.of(0, 0, 1, 0),
    long,
    Uint8Array.of(0, 0),
  ],
  "length-prefixed-le": [
    Uint8Array.of(2, 0, 0, 0, 7, 8),
    Uint8Array.of(0, 1, 0, 0),
    long,
    Uint8Array.of(9, 0, 0, 0, 1),
  ],
  netstring: ["3:abc,", `stray ${long}\n`, `300:${long},`, "2:xx;", "5:abc"],
};

/** Everything that a decoder makes of `input` in pieces of `size`; `reuse`: each in the memory of the one before. */
function decoded(
  codec: Codec<never, unknown>,
  input: Uint8Array,
  { size, reuse }: { size: number; reuse: boolean },
) {
  const seen: unknown[] = [];
  const decoder = codec.decoder({
    message: (message) => seen.push(message),
    malformed: (fault) => seen.push(fault),
    skipped: (bytes) => seen.push(bytes),
  }, { maxFrame: 1_000 });
  const room = new Uint8Array(size);
  for (let at = 0; at < input.length; at += size) {
    const piece = input.subarray(at, at + size);
    room.set(piece);
    decoder.push(reuse ? room.subarray(0, piece.length) : piece.slice());
    room.fill(0xee);
  }
  decoder.end();
  return seen;
}

Deno.test("codec that copies gives the same messages when the memory of chunks is reused", () => {
  for (const [name, codec] of Object.entries(codecs)) {
    const frames = samples[name as keyof typeof codecs].map((frame) =>
      typeof frame === "string" ? encoder.encode(frame) : frame
    );
    const input = Uint8Array.from(frames.flatMap((frame) => [...frame]));
    for (const size of [1, 3, 7, 64, input.length]) {
      const own = decoded(codec as Codec<never, unknown>, input, { size, reuse: false });
      const shared = decoded(codec as Codec<never, unknown>, input, { size, reuse: true });
      if (codec.copies) assertEquals(shared, own, `${name}, in pieces of ${size}`);
    }
  }
  assertEquals(Object.values(codecs).filter(({ copies }) => !copies).map(({ name }) => name), ["bytes"]);
});
