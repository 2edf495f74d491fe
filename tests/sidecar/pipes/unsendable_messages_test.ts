/** A message that can't be made ready fails alone: nothing of it is sent, the process and all other asks stay. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import type { Codec } from "@outrider/outrider";
import { codecs, UnencodableMessageError } from "@outrider/outrider/protocol";
import { revoked, trapped } from "../../actor/biting.ts";
import { failureOf } from "../../support/probes.ts";
import { boom, echo } from "../echo.ts";

const ring: Record<string, unknown> = { a: 1 };
ring.self = ring;

/** What no protocol has a frame for. */
const unsendable: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  "a revoked proxy": revoked,
  "a proxy that throws": () => trapped(),
  bigint: () => ({ a: 1n }),
  ring: () => ring,
  "toJSON that gives undefined": () => ({ toJSON: () => undefined }),
  "toJSON that throws": () => ({ toJSON: boom }),
  "toJSON that gives a BigInt": () => ({ toJSON: () => ({ a: 1n }) }),
  "toJSON that gives a text": () => ({ toJSON: () => "s" }),
  "toJSON that gives a ring": () => ({ toJSON: () => ring }),
  "toJSON within that throws": () => ({ x: { toJSON: boom } }),
  "a getter that throws": () => Object.defineProperty({}, "x", { get: boom, enumerable: true }),
  "a field id that throws": () => Object.defineProperty({}, "id", { get: boom, enumerable: true }),
  "a field toJSON that throws": () => Object.defineProperty({}, "toJSON", { get: boom, enumerable: true }),
  function: () => () => 1,
  symbol: () => Symbol("x"),
};
for (const [name, make] of Object.entries(unsendable)) {
  Deno.test(`a sidecar stays and answers others when a message is ${name}`, async () => {
    await using tree = await echo({});
    const { ref } = tree;
    const before = ref.ask({ n: 1 });
    const failed = failureOf(ref.ask(make()));
    void ref.tell(make());
    const behind = ref.ask({ n: 2 });
    assertInstanceOf(await failed, UnencodableMessageError);
    assertEquals([(await before).n, (await behind).n, ref.generation], [1, 2, 1]);
    assertEquals((await ref.ask({ n: 3 })).n, 3);
  });
}

Deno.test("a message with a field toJSON that is data is sent with it", async () => {
  await using tree = await echo({});
  assertEquals(await tree.ref.ask({ toJSON: 1, a: 1 }), { toJSON: 1, a: 1, id: 1 });
  assertEquals(await tree.ref.ask({ toJSON: () => ({ toJSON: "text" }) }), { toJSON: "text", id: 2 });
});

Deno.test("empty and transferred bytes are refused, and later ones arrive", async () => {
  await using tree = await echo({ protocol: "bytes" });
  const { ref, log } = tree;
  const gone = new Uint8Array([1, 2, 3]);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const refused: unknown[] = [
    "text",
    gone,
    [1],
    new Uint16Array(2),
    new Proxy(new Uint8Array(2), {}),
    revoked(),
  ];
  const read = ref.subscribe();
  for (const message of refused) void ref.tell(message);
  void ref.tell(new Uint8Array([65]));
  assertEquals((await read.next()).value, new Uint8Array([65]));
  await read.return();
  assertEquals(log.events.filter(({ type }) => type === "dead_letter").length, refused.length);
});

Deno.test("bytes that are given away behind tell are lost, and those around them arrive", async () => {
  await using tree = await echo({ protocol: "bytes" });
  const { ref } = tree;
  const read = ref.subscribe();
  const [first, given, last] = [[65], [66], [67]].map((bytes) => new Uint8Array(bytes));
  // It is handed to the process by the next turn, and given away before it is written.
  const transfer = new Proxy({}, {
    get: () => structuredClone(given!.buffer, { transfer: [given!.buffer] }),
  });
  for (const bytes of [first, given]) void ref.tell(bytes);
  await Promise.resolve();
  void (transfer as { now: unknown }).now;
  void ref.tell(last);
  const had: number[] = [];
  for await (const chunk of read) {
    had.push(...chunk);
    if (had.includes(67)) break;
  }
  assertEquals(had.filter((byte) => byte !== 66), [65, 67]);
});

/** Lines, each behind its number; it must be asked for a frame once a message, and never for one that is not sent. */
function numbered(bad: (message: unknown) => unknown): { codec: Codec<unknown, unknown>; made: unknown[] } {
  const made: unknown[] = [];
  return {
    made,
    codec: {
      ...codecs.lines as Codec<unknown, unknown>,
      name: "numbered",
      encode(message) {
        if (typeof message === "object") return bad(message) as string;
        made.push(message);
        return `${made.length} ${message}\n`;
      },
    },
  };
}

/** What an encode of one's own may do to a message. */
const encodes: Readonly<Record<string, (message: unknown) => unknown>> = {
  "throws": boom,
  "throws what can't be read": () => {
    throw revoked();
  },
  "gives nothing": () => undefined,
  "gives a promise": () => Promise.resolve("x\n"),
  "gives a number": () => 7,
  "gives a proxy": () => trapped(new Uint8Array(1)),
};

for (const [name, bad] of Object.entries(encodes)) {
  Deno.test(`a codec with a state goes on when it ${name} for one message`, async () => {
    const { codec, made } = numbered(bad);
    await using tree = await echo({ protocol: { name: "numbered", codec, pairing: "in-order" } });
    const { ref } = tree;
    const first = ref.ask("a");
    const failed = failureOf(ref.ask({}));
    void ref.tell({});
    const second = ref.ask("b");
    assertInstanceOf(await failed, UnencodableMessageError);
    assertEquals([await first, await second, await ref.ask("c")], ["1 a", "2 b", "3 c"]);
    assertEquals(made, ["a", "b", "c"]);
  });
}

Deno.test("an ask with an empty frame is refused, and does not take the next reply", async () => {
  const { codec } = numbered(() => "");
  await using tree = await echo({ protocol: { name: "numbered", codec, pairing: "in-order" } });
  const failed = failureOf(tree.ref.ask({}));
  assertEquals(await tree.ref.ask("a"), "1 a");
  assertInstanceOf(await failed, UnencodableMessageError);
});
