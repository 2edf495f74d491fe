import { assertEquals, assertInstanceOf } from "@std/assert";
import { OptionError } from "@outrider/outrider";
import { pool } from "@outrider/outrider/actors/pool";
import { revoked } from "../../actor/biting.ts";
import { failureOf } from "../../support/probes.ts";
import { Planted } from "../planted.ts";

/** What a key of one's own making may be instead of a string. */
const keys: Readonly<Record<string, () => unknown>> = {
  symbol: () => Symbol("k"),
  nothing: () => undefined,
  "an object without a text": () => Object.create(null),
  "a promise": () => Promise.resolve("k"),
  "a revoked proxy": revoked,
};

Deno.test("a pool routes by a key when it is a number", async () => {
  const key = (message: string) => message.length as unknown as string;
  const spec = pool("s", { command: "cat", protocol: "lines" }, { size: 2, routing: { by: "hash", key } });
  await using planted = await Planted.start(spec);
  assertEquals(await planted.ref.ask("hello"), "hello");
});

for (const [name, bad] of Object.entries(keys)) {
  Deno.test(`a pool refuses one message, and its copies go on, when a key is ${name}`, async () => {
    const key = (message: string) => (message === "bad" ? bad() : message) as string;
    const spec = pool("s", { command: "cat", protocol: "lines" }, { size: 2, routing: { by: "hash", key } });
    await using planted = await Planted.start(spec);
    const before = planted.ref.ask("before");
    const failed = failureOf(planted.ref.ask("bad"));
    void planted.ref.tell("bad");
    assertInstanceOf(await failed, OptionError);
    assertEquals([await before, await planted.ref.ask("behind"), planted.ref.generation], [
      "before",
      "behind",
      1,
    ]);
    assertEquals(planted.all("dead_letter").map(({ reason, message }) => `${reason}: ${message}`), [
      "refused: bad",
    ]);
  });
}
