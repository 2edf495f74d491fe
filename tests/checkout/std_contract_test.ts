/**
 * What Outrider needs of the four @std packages, as a contract that both providers meet: `jsr:@std/…` through
 * deno.json, and `npm:deno-std` with the stand-in for `@std/log` through tests/support/npm. Bare names only.
 */
import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertInstanceOf,
  AssertionError,
  assertMatch,
  assertNotEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import { abortable, deadline, delay, MuxAsyncIterator, pooledMap, retry, tee } from "@std/async";
import {
  Buffer,
  concatReadableStreams,
  LimitedBytesTransformStream,
  mergeReadableStreams,
  TextLineStream,
  toBytes,
  toText,
} from "@std/streams";

const never = (): Promise<never> => new Promise(() => {});
const bytes = (...sizes: number[]): ReadableStream<Uint8Array> =>
  ReadableStream.from(sizes.map((size) => new Uint8Array(size)));

Deno.test("assert: narrows types, and fails with an AssertionError", () => {
  const value: unknown = new RangeError("far");
  assertInstanceOf(value, Error);
  assertStrictEquals(value.message, "far");
  const maybe: { n: number } | undefined = [{ n: 1 }].find(({ n }) => n === 1);
  assertExists(maybe);
  assert(maybe.n === 1);
  assertFalse(0);
  assertNotEquals({ a: [1] }, { a: [2] });
  assertObjectMatch({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } });
  assertArrayIncludes([1, 2, 3], [3, 1]);
  assertMatch("pid 12", /\d+/);
  const failure = assertThrows(() => assertEquals({ a: [1] }, { a: [2] }), AssertionError, "not equal");
  assertStringIncludes(failure.name, "AssertionError");
  assertThrows(() => fail("why"), AssertionError, "why");
});

Deno.test("assert: assertRejects returns the error, and refuses a synchronous throw", async () => {
  const cause = new TypeError("no");
  assertStrictEquals(await assertRejects(() => Promise.reject(cause), TypeError, "no"), cause);
  await assertRejects(() => assertRejects(() => Promise.resolve()), AssertionError);
});

Deno.test("delay: rejects with the signal's reason and leaves no timer", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const waiting = delay(60_000, { signal: controller.signal });
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => waiting), reason);
  assertStrictEquals(await assertRejects(() => delay(1, { signal: AbortSignal.abort(reason) })), reason);
});

Deno.test("deadline: gives the value in time, else a TimeoutError; a signal's reason goes first", async () => {
  assertEquals(await deadline(Promise.resolve(7), 60_000), 7);
  const late = await assertRejects(() => deadline(never(), 1), DOMException);
  assertEquals(late.name, "TimeoutError");
  const aborted = deadline(never(), 60_000, { signal: AbortSignal.abort(new Error("stop")) });
  await assertRejects(() => aborted, Error, "stop");
});

Deno.test("abortable: ends a promise and an iteration", async () => {
  const signal = AbortSignal.abort();
  assertEquals((await assertRejects(() => abortable(never(), signal), DOMException)).name, "AbortError");
  await assertRejects(async () => {
    for await (const _ of abortable(ReadableStream.from([1]), signal)) fail("yielded after the abort");
  }, DOMException);
});

Deno.test("MuxAsyncIterator, tee and pooledMap lose nothing; retry ends with the value", async () => {
  const mux = new MuxAsyncIterator<number>();
  mux.add(ReadableStream.from([1, 2]));
  mux.add(ReadableStream.from([3]));
  assertEquals((await Array.fromAsync(mux)).toSorted(), [1, 2, 3]);
  const [left, right] = tee(ReadableStream.from([1, 2]));
  assertEquals([await Array.fromAsync(left), await Array.fromAsync(right)], [[1, 2], [1, 2]]);
  const doubled = pooledMap(2, [1, 2, 3], (n) => Promise.resolve(n * 2));
  assertEquals(await Array.fromAsync(doubled), [2, 4, 6]);
  let tries = 0;
  const third = () => ++tries < 3 ? Promise.reject(new Error("not yet")) : Promise.resolve(tries);
  assertEquals(await retry(third, { minTimeout: 1, maxTimeout: 1 }), 3);
});

for (const text of ["a\r\nb\n\nc", "a\nb\r\n\r\nc\n"]) {
  for (const size of [1, 2, 3, text.length]) {
    Deno.test(`TextLineStream: ${JSON.stringify(text)} in chunks of ${size}`, async () => {
      const chunks = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
      const lines = ReadableStream.from(chunks).pipeThrough(new TextLineStream());
      assertEquals(await Array.fromAsync(lines), ["a", "b", "", "c"]);
    });
  }
}

Deno.test("toText and toBytes: whole, across a split character", async () => {
  const euro = new TextEncoder().encode("1 €");
  const split = () => ReadableStream.from([euro.slice(0, 3), euro.slice(3)]);
  assertEquals(await toText(split()), "1 €");
  assertEquals(await toText(ReadableStream.from(["a", "b"])), "ab");
  assertEquals([...await toBytes(split())], [...euro]);
});

Deno.test("LimitedBytesTransformStream: the whole of a chunk or nothing; error: true fails", async () => {
  assertEquals((await toBytes(bytes(2, 2).pipeThrough(new LimitedBytesTransformStream(4)))).length, 4);
  assertEquals((await toBytes(bytes(2, 3).pipeThrough(new LimitedBytesTransformStream(4)))).length, 2);
  const strict = bytes(2, 3).pipeThrough(new LimitedBytesTransformStream(4, { error: true }));
  await assertRejects(() => Array.fromAsync(strict), RangeError);
});

Deno.test("mergeReadableStreams, concatReadableStreams and Buffer", async () => {
  const two = () => [ReadableStream.from([1, 2]), ReadableStream.from([3])] as const;
  assertEquals((await Array.fromAsync(mergeReadableStreams(...two()))).toSorted(), [1, 2, 3]);
  assertEquals(await Array.fromAsync(concatReadableStreams(...two())), [1, 2, 3]);
  const buffer = new Buffer();
  await bytes(3, 4).pipeTo(buffer.writable);
  assertEquals([buffer.length, buffer.bytes().length, buffer.empty()], [7, 7, false]);
});
