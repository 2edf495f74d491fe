import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { linesToAnyEnd } from "../../../src/process/codecs/lines.ts";
import { UnencodableMessageError } from "../../../src/process/pipes/pipe_errors.ts";
import type { JsonValue } from "../../../src/process/codecs/json.ts";
import { Collected } from "../fixture.ts";

Deno.test("codecs has each codec under its own name", () => {
  for (const [key, codec] of Object.entries(codecs)) assertEquals(codec.name, key);
});

Deno.test("bytes: chunks pass unchanged, and are split when they are over the cap", () => {
  const sink = new Collected<Uint8Array>();
  const decoder = codecs.bytes.decoder(sink, { maxFrame: 2 });
  for (const chunk of [[], [1], [2, 3], [4, 5, 6, 7, 8]]) decoder.push(Uint8Array.from(chunk));
  decoder.end();
  assertEquals(sink.messages.map((chunk) => [...chunk]), [[1], [2, 3], [4, 5], [6, 7], [8]]);
  const message = Uint8Array.of(1);
  assertEquals(codecs.bytes.encode(message), message);
});

Deno.test("lines: a message is refused when it has two lines", () => {
  assertEquals(codecs.lines.encode("é"), "é\n");
  const error = assertThrows(() => codecs.lines.encode("a\nb"), UnencodableMessageError);
  assertEquals([error.code, error.codec], ["unencodable_message", "lines"]);
});

Deno.test("lines: a lone \\r ends a message when the newline may be any, and \\r\\n ends one alone", () => {
  const input = new TextEncoder().encode("start\n\r10%\r20%\r\n\r\n\nend\rlast");
  for (let size = 1; size <= input.length; size++) {
    const sink = new Collected<string>();
    const decoder = linesToAnyEnd.decoder(sink, { maxFrame: 100 });
    for (let at = 0; at < input.length; at += size) decoder.push(input.slice(at, at + size));
    decoder.end();
    assertEquals(sink.messages, ["start", "", "10%", "20%", "", "", "end", "last"]);
  }
});

Deno.test("lines: a message over the cap is reported, and the next one is whole, when the newline may be any", () => {
  const sink = new Collected<string>();
  const decoder = linesToAnyEnd.decoder(sink, { maxFrame: 5 });
  decoder.push(new TextEncoder().encode("toolong\rshort\rtoolong\nb\r"));
  decoder.end();
  assertEquals(sink.messages, ["short", "b"]);
});

Deno.test("ndjson: a message is one line when its texts have newlines", () => {
  assertEquals(codecs.ndjson.encode({ a: "x\ny", b: [1, null] }), '{"a":"x\\ny","b":[1,null]}\n');
});

Deno.test("ndjson: a message is refused when JSON cannot express it", () => {
  const cycle: { [key: string]: JsonValue } = {};
  cycle.self = cycle;
  for (const message of [undefined, () => {}, Symbol(), 1n, cycle]) {
    const error = assertThrows(() => codecs.ndjson.encode(message as JsonValue), UnencodableMessageError);
    assertEquals(error.codec, "ndjson");
  }
  const error = assertThrows(() => codecs.ndjson.encode(cycle), UnencodableMessageError);
  assertInstanceOf(error.cause, TypeError);
});

Deno.test("decoder passes the error on when its sink throws", () => {
  const sink = {
    message: () => {
      throw new SyntaxError("the sink's own");
    },
    malformed: () => {},
  };
  const decoder = codecs.ndjson.decoder(sink, { maxFrame: 100 });
  assertThrows(() => decoder.push(new TextEncoder().encode("1\n")), SyntaxError, "the sink's own");
});
