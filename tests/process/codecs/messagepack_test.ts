/** The example of a codec of one's own keeps the promises of a codec, and speaks with its worker. */
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { encode } from "npm:@msgpack/msgpack@^3";
import fc from "npm:fast-check@^4";
import { messagepack, type Value } from "../../../examples/messagepack/codec.ts";
import { isSound } from "../../../examples/messagepack/sound.ts";
import { codecs } from "../../../src/process/codecs/codecs.ts";
import { spawn } from "../../../src/process/spawn.ts";
import { UnencodableMessageError } from "../../../src/process/pipes/pipe_errors.ts";
import { Collected, command } from "../fixture.ts";
import { fuzzed } from "../fuzz/runs.ts";
import { eachSplit, fault } from "./splits.ts";

const framed = (content: Uint8Array | number[]) =>
  codecs["length-prefixed-be"].encode(Uint8Array.from(content)) as Uint8Array;

const values = fc.oneof(
  fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__")),
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.date({ noInvalidDate: true, min: new Date("1900-01-01"), max: new Date("2100-01-01") })),
  fc.string({ minLength: 250, maxLength: 70_000 }),
) as fc.Arbitrary<Value>;

fuzzed("messagepack: what is encoded is decoded", {
  cases: values,
  law: (value) => {
    const sink = new Collected<Value>();
    messagepack.decoder(sink, { maxFrame: 1_000_000 }).push(messagepack.encode(value) as Uint8Array);
    assertEquals([sink.messages, sink.faults], [[value], []]);
  },
});

fuzzed(
  "messagepack: any content at all is a message or a fault",
  {
    cases: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      // Nearly right: a value with some bytes changed.
      fc.tuple(values, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })).map(
        ([value, changes]) => {
          const content = encode(value).slice(0, 1_000);
          for (const [at, byte] of changes) content[at % content.length] = byte;
          return content;
        },
      ),
    ),
    law: (content) => {
      const sink = new Collected<Value>();
      messagepack.decoder(sink, { maxFrame: 1_000 }).push(framed(content));
      assertEquals(sink.all.length, 1);
    },
  },
);

Deno.test("messagepack: the next message is read when contents are bad, which is reported", () => {
  const bad = [[], [0xc1], [1, 2], [0x92, 1], [0xdd, 0xff, 0xff, 0xff, 0xff], [0x81, 0x90, 1]];
  const frames = bad.flatMap((
    content,
  ) => [...framed(content), ...messagepack.encode({ ok: true }) as Uint8Array]);
  const samples = ["", "\\xc1", "\\x01\\x02", "\\x92\\x01", "\\xdd\\xff\\xff\\xff\\xff", "\\x81\\x90\\x01"];
  eachSplit(
    messagepack,
    { bytes: Uint8Array.from(frames), maxFrame: 100 },
    bad.flatMap((content, at) => [
      fault("bad_content", { bytes: content.length, sample: samples[at]! }),
      { ok: true },
    ]),
  );
});

Deno.test("messagepack: a message is refused at no cost when it announces more than there is, or is over 100 deep", () => {
  const bomb = Uint8Array.from(Array.from({ length: 100 }, () => [0xdd, 1, 0xff, 0xff, 0xff]).flat());
  const start = performance.now();
  assert(!isSound(bomb));
  assert(!isSound(new Uint8Array(1_000_000).fill(0x91)));
  assert(isSound(Uint8Array.of(...Array(100).fill(0x91), 1)));
  assert(!isSound(Uint8Array.of(...Array(101).fill(0x91), 1)));
  assert(!isSound(Uint8Array.of(1, 2)));
  assertLess(performance.now() - start, 500);
});

Deno.test("messagepack: a message is refused when it cannot express it", () => {
  const error = assertThrows(
    () => messagepack.encode((() => {}) as unknown as Value),
    UnencodableMessageError,
  );
  assertEquals(error.codec, "messagepack");
});

Deno.test("messagepack: the manual shows the codec as it is", async () => {
  const [code, manual] = await Promise.all(
    ["examples/messagepack/codec.ts", "docs/protocols.md"].map((path) =>
      Deno.readTextFile(new URL(`../../../${path}`, import.meta.url))
    ),
  );
  assert(manual!.includes(code!.slice(code!.indexOf("import "))));
});

Deno.test("messagepack: the worker of the example answers", async () => {
  const worker = new URL("../../../examples/messagepack/worker.ts", import.meta.url).pathname;
  const child = spawn({
    ...command(Deno.execPath(), "run", "--quiet", "--no-prompt", worker),
    inheritEnv: ["PATH", "HOME", "DENO_DIR"],
  });
  const sink = new Collected<Value>();
  const decoder = messagepack.decoder(sink, { maxFrame: 1_000 });
  const reading = child.readStdout((chunk) => decoder.push(chunk));
  const bytes = new TextEncoder().encode("abc");
  for (const id of [1, 2]) void child.write(messagepack.encode({ id, bytes }), id);
  await child.closeStdin();
  await reading;
  assertEquals((await child.closed).status.code, 0);
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  assertEquals(
    sink.messages.map((message) => ({ ...message as object, at: undefined })),
    [1, 2].map((id) => ({ id, sha256, size: 3, at: undefined })),
  );
  assert((sink.messages[0] as { at: Value }).at instanceof Date);
});
