import { assertEquals, assertInstanceOf, assertLess } from "@std/assert";
import { PullStream } from "../../actors/pull_stream.ts";
import { failureOf, stateOf } from "../support/probes.ts";

function outlet(capacity = 4) {
  const left: unknown[] = [];
  const made = new PullStream<number>({ capacity, onCancel: (reason) => left.push(reason) });
  return { outlet: made, left };
}

Deno.test("a pull stream asks its writer to wait at capacity, until half of it is read", async () => {
  const { outlet: out } = outlet(4);
  assertEquals([1, 2, 3].map((n) => out.push(n)), [undefined, undefined, undefined]);
  const room = out.push(4);
  const reader = out.readable.getReader();
  await reader.read();
  assertEquals(await stateOf(room), "pending");
  await reader.read();
  assertEquals(await stateOf(room), "fulfilled");
});

Deno.test("an end, and an error, come behind unread items", async () => {
  const { outlet: ended } = outlet();
  ended.push(1);
  ended.end();
  assertEquals([ended.push(2), await Array.fromAsync(ended.readable)], [undefined, [1]]);
  const { outlet: failed } = outlet(1);
  const room = failed.push(1);
  failed.fail(new RangeError("over"));
  failed.fail(new TypeError("later"));
  assertEquals(await stateOf(room), "fulfilled");
  const got: number[] = [];
  const error = await failureOf((async () => {
    for await (const item of failed.readable) got.push(item);
  })());
  assertInstanceOf(error, RangeError);
  assertEquals(got, [1]);
});

Deno.test("a waiting reader learns of the end", async () => {
  const { outlet: out } = outlet();
  const next = out.readable.getReader().read();
  assertEquals(await stateOf(next), "pending");
  out.end();
  assertEquals((await next).done, true);
});

Deno.test("a reader that leaves releases waiting writers, and drops unread items", async () => {
  const { outlet: out, left } = outlet(1);
  const room = out.push(1);
  await out.readable.cancel("enough");
  assertEquals([await stateOf(room), left, out.isOver, out.push(2)], [
    "fulfilled",
    ["enough"],
    true,
    undefined,
  ]);
  const { outlet: ended, left: none } = outlet(1);
  ended.push(1);
  ended.end();
  await ended.readable.cancel();
  assertEquals(none, []); // that was no early leave
});

Deno.test("read items are released, also by a queue that never runs empty", async () => {
  const { outlet: out } = outlet(Infinity);
  const reader = out.readable.getReader();
  out.push(0);
  let largest = 0;
  for (let n = 0; n < 10_000; n++) {
    out.push(n);
    await reader.read();
    largest = Math.max(largest, out.buffered);
  }
  assertLess(largest, 10);
});
