import { assertEquals, assertNotStrictEquals, assertThrows } from "@std/assert";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { UnencodableMessageError } from "../../../src/process/pipes/pipe_errors.ts";
import { Collected } from "../fixture.ts";
import { bytesOf, eachSplit, fault } from "./splits.ts";

type Inputs = Record<string, [content: string | (string | number)[], expected: unknown[]]>;
const LONG = "x".repeat(200);
const over = (sample: string) => fault("over_cap", { bytes: -1, sample });

/** What becomes of each input under a cap of 100 bytes. */
const netstrings: Inputs = {
  "nothing": ["", []],
  "one after the other": [
    "5:hello,0:,3:a,b,1:\n,",
    ["hello", "", "a,b", "\n"].map(bytesOf),
  ],
  "any bytes": [["3:", 0x00, 0xff, 0x0a, ","], [Uint8Array.of(0, 255, 10)]],
  "blanks and newlines between frames": ["\n5:hello,\r\n 1:a,\n", [bytesOf("hello"), bytesOf("a")]],
  "over the cap, of the cap, over it in part": [
    `200:${LONG},100:${LONG.slice(100)},1:a,200:${LONG.slice(100)}`,
    [over("200:"), bytesOf(LONG.slice(100)), bytesOf("a"), over("200:")],
  ],
  "stray lines": [
    "12:30:05 ready\n5:hello,listening on 8080: ok, really\n1:a,bye",
    [
      fault("bad_length", { bytes: 15, sample: "12:30:05 ready" }),
      bytesOf("hello"),
      fault("stray", { bytes: 30, sample: "listening on 8080: ok, really" }),
      bytesOf("a"),
      fault("stray", { bytes: 3, sample: "bye" }),
    ],
  ],
  "lengths that are none": [
    "01:a,-1:a,+1:a,1.0:a,:a,4294967296:a,99999999999999999999:a,1 :a,1:b,",
    [
      fault("bad_length", {
        bytes: 65,
        sample: "01:a,-1:a,+1:a,1.0:a,:a,4294967296:a,99999999999999999999:a,1 :a,",
      }),
      bytesOf("b"),
    ],
  ],
  "a length that is too small": [
    "3:hello,1:a,",
    [fault("bad_length", { bytes: 8, sample: "3:hello," }), bytesOf("a")],
  ],
  "a length that is too large, within the next frame": [
    "8:hello,1:a,1:b,",
    [fault("bad_length", { bytes: 8, sample: "8:hello," }), bytesOf("a"), bytesOf("b")],
  ],
  "another byte where the comma should be": [
    "1:a;1:b,1:c,",
    [fault("bad_length", { bytes: 8, sample: "1:a;1:b," }), bytesOf("c")],
  ],
  "cut off": ["1:a,5:hel", [bytesOf("a"), fault("truncated", { bytes: 5, sample: "5:hel" })]],
  "cut off before the comma": ["5:hello", [fault("truncated", { bytes: 7, sample: "5:hello" })]],
  "cut off in a length": ["1:a,12", [bytesOf("a"), fault("truncated", { bytes: 2, sample: "12" })]],
};

/** The same for four bytes of length, the highest first. */
const prefixed: Inputs = {
  "nothing": ["", []],
  "one after the other": [
    [0, 0, 0, 2, "hi", 0, 0, 0, 0, 0, 0, 0, 1, 0xff],
    [bytesOf("hi"), bytesOf(""), Uint8Array.of(0xff)],
  ],
  "over the cap, of the cap, over it in part": [
    [0, 0, 0, 200, LONG, 0, 0, 0, 100, LONG.slice(100), 0, 0, 0, 1, "a", 0, 0, 1, 0, LONG],
    [over("\\x00\\x00\\x00\\xc8"), bytesOf(LONG.slice(100)), bytesOf("a"), over("\\x00\\x00\\x01\\x00")],
  ],
  "a length of 4 GiB": [[0xff, 0xff, 0xff, 0xff, LONG, 0, 0, 0, 1, "a"], [over("\\xff\\xff\\xff\\xff")]],
  "cut off": [[0, 0, 0, 3, "hi"], [fault("truncated", { bytes: 6, sample: "\\x00\\x00\\x00\\x03hi" })]],
  "cut off in a length": [
    [0, 0, 0, 1, "a", 0, 0],
    [bytesOf("a"), fault("truncated", { bytes: 2, sample: "\\x00\\x00" })],
  ],
};

for (const [name, [content, expected]] of Object.entries(netstrings)) {
  Deno.test(`netstring, any split: ${name}`, () => {
    eachSplit(codecs.netstring, { bytes: bytesOf(content), maxFrame: 100 }, expected);
  });
}

for (const [name, [content, expected]] of Object.entries(prefixed)) {
  Deno.test(`length-prefixed-be, any split: ${name}`, () => {
    eachSplit(codecs["length-prefixed-be"], { bytes: bytesOf(content), maxFrame: 100 }, expected);
  });
}

Deno.test("length-prefixed-le has the lowest byte first", () => {
  const bytes = bytesOf([2, 0, 0, 0, "hi", 0, 0, 0, 1, "a", 1, 0, 0, 0, "a"]);
  const expected = [bytesOf("hi"), over("\\x00\\x00\\x00\\x01")];
  eachSplit(codecs["length-prefixed-le"], { bytes, maxFrame: 100 }, expected);
  assertEquals(codecs["length-prefixed-le"].encode(bytesOf("hi")), bytesOf([2, 0, 0, 0, "hi"]));
  assertEquals(codecs["length-prefixed-be"].encode(bytesOf("hi")), bytesOf([0, 0, 0, 2, "hi"]));
});

Deno.test("netstring: a frame is its length, a colon, the content and a comma", () => {
  assertEquals(codecs.netstring.encode(bytesOf("hello, world")), bytesOf("12:hello, world,"));
  assertEquals(codecs.netstring.encode(bytesOf("")), bytesOf("0:,"));
});

for (const name of ["netstring", "length-prefixed-be", "length-prefixed-le"] as const) {
  Deno.test(`${name}: a message is refused when it is not bytes`, () => {
    const error = assertThrows(
      () => codecs[name].encode("text" as unknown as Uint8Array),
      UnencodableMessageError,
    );
    assertEquals(error.codec, name);
  });

  Deno.test(`${name}: a message has memory of its own`, () => {
    const sink = new Collected<Uint8Array>();
    const decoder = codecs[name].decoder(sink, { maxFrame: 100 });
    const chunk = codecs[name].encode(bytesOf("hello")) as Uint8Array;
    decoder.push(chunk);
    decoder.push(chunk.slice(0, 3));
    decoder.push(chunk.slice(3));
    chunk.fill(0);
    assertEquals(sink.messages, [bytesOf("hello"), bytesOf("hello")]);
    assertEquals(sink.messages.map(({ buffer }) => buffer.byteLength), [5, 5]);
    assertNotStrictEquals(sink.messages[0]!.buffer, sink.messages[1]!.buffer);
  });

  Deno.test(`${name}: 10 MB arrive whole when they come in pieces of any size, and are released`, () => {
    const content = new Uint8Array(10_000_000).map((_, at) => at * 31);
    const frame = codecs[name].encode(content) as Uint8Array;
    for (const size of [7_777, 65_536]) {
      const sink = new Collected<Uint8Array>();
      const decoder = codecs[name].decoder(sink, { maxFrame: 10_000_000 });
      for (let at = 0; at < frame.length; at += size) decoder.push(frame.subarray(at, at + size));
      assertEquals(sink.faults, []);
      assertEquals(sink.messages.length, 1);
      // assertEquals looks at each byte on its own.
      assertEquals(difference(sink.messages[0]!, content), -1);
      assertEquals((decoder as unknown as { buffered: number }).buffered, 0);
    }
  });
}

/** Where two arrays of bytes first differ, or -1. */
function difference(one: Uint8Array, other: Uint8Array): number {
  return one.length === other.length ? one.findIndex((byte, at) => byte !== other[at]) : 0;
}
