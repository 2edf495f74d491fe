/**
 * The laws that each async iterator which is handed out keeps, however it is read: by a loop, by several calls of `next`
 * at a time, or by a reader who leaves while nothing comes.
 */
import { assert, assertEquals } from "@std/assert";
import { WorkerClient } from "../actors/deno_worker/deno_worker.ts";
import { filter, runFilter } from "../actors/filter/filter.ts";
import { PullStream } from "../actors/pull_stream.ts";
import { pool } from "../actors/pool/pool.ts";
import { PoolStream } from "../actors/pool/pool_stream.ts";
import { actor, type Context, sidecar, start, supervisor, type SystemEvent } from "@outrider/outrider";

/** An iterator that is handed out, and what makes its items come. */
interface Source {
  readonly iterator: AsyncIterableIterator<unknown>;
  /** Has an item come; `text` is in it. */
  readonly feed: (text: string) => unknown;
  /** The text of what was read. */
  readonly textOf?: (value: never) => string;
  readonly close: () => Promise<unknown>;
}

const publisher = () =>
  actor(
    "a",
    () => ({ receive: (item: string, context: Context<string, void, string>) => void context.publish(item) }),
  );

/** `cat`, each of whose replies goes on until the line `end`. */
const endless = {
  command: "cat",
  protocol: "lines",
  until: (line: unknown) => line === "end" ? "end" : "more",
} as const;

const SOURCES: Readonly<Record<string, () => Source | Promise<Source>>> = {
  "system.events()": async () => {
    const told = actor("told", () => ({
      receive: (line: string, context) => context.emit({ type: "output", stream: "stdout", line }),
    }));
    const system = await start(supervisor("root", [told]));
    return {
      iterator: system.events({ types: ["output"] }),
      feed: (text) => system.ref("told").tell(text),
      textOf: (event: SystemEvent) => event.type === "output" ? event.line : event.type,
      close: () => system.stop(),
    };
  },
  "ref.subscribe()": async () => {
    const system = await start(supervisor("root", [publisher()]));
    return {
      iterator: system.ref("a").subscribe(),
      feed: (text) => system.ref("a").tell(text),
      close: () => system.stop(),
    };
  },
  "subscription.batches()": async () => {
    const system = await start(supervisor("root", [publisher()]));
    return {
      iterator: system.ref("a").subscribe().batches(),
      feed: (text) => system.ref("a").tell(text),
      textOf: (items: readonly string[]) => items.join(),
      close: () => system.stop(),
    };
  },
  "a reply of many frames": async () => {
    const system = await start(supervisor("root", [sidecar("c", endless)]));
    const iterator = await system.ref("c").ask("first");
    await iterator.next();
    return { iterator, feed: (text) => system.ref("c").tell(text), close: () => system.stop() };
  },
  "a reply of many frames with a time for each": async () => {
    const system = await start(supervisor("root", [sidecar("c", endless)]));
    const iterator = await system.ref("c").ask("first", { idle: "1m" });
    await iterator.next();
    return { iterator, feed: (text) => system.ref("c").tell(text), close: () => system.stop() };
  },
  "a reply of many frames through a pool": async () => {
    const system = await start(supervisor("root", [pool("c", endless, { size: 1, perCopy: 10 })]));
    const iterator = await system.ref("c").ask("first");
    await iterator.next();
    return { iterator, feed: (text) => system.ref("c").tell(text), close: () => system.stop() };
  },
  "what an actor streams through a pool": () => {
    const { outlet, push } = outletOf();
    const iterator = new PoolStream(generated(outlet.readable), () => {});
    return { iterator, feed: push, close: () => Promise.resolve(outlet.end()) };
  },
  "the output of a filter": async () => {
    const system = await start(supervisor("root", [filter("f", { command: "cat" })]));
    let input!: ReadableStreamDefaultController<string>;
    let cancelled = false;
    const stream = new ReadableStream<string>({
      start: (controller) => void (input = controller),
      cancel: () => void (cancelled = true),
    });
    return {
      iterator: runFilter(system.ref("f"), stream, { as: "lines" })[Symbol.asyncIterator](),
      feed: (text) => cancelled || input.enqueue(text),
      close: () => system.stop(),
    };
  },
  "the items of a worker": () => {
    const { outlet, push } = outletOf();
    const ref = { ask: () => Promise.resolve(outlet.readable) };
    const client = new WorkerClient<{ items(): AsyncIterable<string> }>(ref as never);
    return { iterator: client.stream("items"), feed: push, close: () => Promise.resolve(outlet.end()) };
  },
};

function outletOf() {
  const outlet = new PullStream<string>({ capacity: 10, onCancel() {} });
  return { outlet, push: (text: string) => void outlet.push(text) };
}

async function* generated(items: ReadableStream<string>) {
  for await (const item of items) yield item;
}

/** What `promise` comes to, or that it is still pending when a machine under any load would be done. */
async function settled<Value>(promise: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("It is pending")), 20_000);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const DONE = { value: undefined, done: true } as const;

for (const [name, open] of Object.entries(SOURCES)) {
  const law = (title: string, check: (source: Source) => Promise<void>) =>
    Deno.test(`${name}: ${title}`, async () => {
      const source = await open();
      try {
        await check(source);
      } finally {
        await source.iterator.return?.();
        await source.close();
      }
    });

  law("calls of next that wait at the same time get the items in their order", async (source) => {
    const { iterator, feed, textOf = String } = source;
    const calls = [iterator.next(), iterator.next(), iterator.next()];
    for (const [at, text] of ["one", "two", "three"].entries()) {
      feed(text);
      const { value, done } = await settled(calls[at]!);
      assertEquals([textOf(value as never), done ?? false], [text, false]);
    }
  });

  law("return ends the calls of next that wait", async ({ iterator }) => {
    const calls = [iterator.next(), iterator.next()];
    const left = iterator.return!();
    assertEquals((await settled(left)).done, true);
    assertEquals(await settled(Promise.all(calls)), [DONE, DONE]);
    assertEquals(await settled(iterator.next()), DONE);
  });

  law("return before the first next leaves nothing to read", async ({ iterator, feed }) => {
    assertEquals((await settled(iterator.return!())).done, true);
    feed("unread");
    assertEquals(await settled(iterator.next()), DONE);
    assertEquals(await settled(iterator.next()), DONE);
    assertEquals((await settled(iterator.return!())).done, true);
  });

  law("return between two items leaves nothing to read", async ({ iterator, feed, textOf = String }) => {
    feed("one");
    feed("two");
    const { value } = await settled(iterator.next());
    assert(textOf(value as never).startsWith("one"));
    assertEquals((await settled(iterator.return!())).done, true);
    assertEquals(await settled(iterator.next()), DONE);
  });

  law("an iterator is its own iterable", ({ iterator }) => {
    assertEquals(iterator[Symbol.asyncIterator]() === iterator, true);
    return Promise.resolve();
  });
}

for (const kind of ["subscription", "batches"] as const) {
  Deno.test(`a publisher that waits is not held up when the reader leaves ${kind} before the first next`, async () => {
    const waits = actor("a", () => ({
      receive: (item: string, context: Context<string, void, string>) => context.publish(item),
    }));
    await using system = await start(supervisor("root", [waits]));
    const subscription = system.ref("a").subscribe({ capacity: 1 });
    await settled(kind === "batches" ? subscription.batches().return!() : subscription.return());
    for (const item of ["one", "two", "three"]) await settled(system.ref("a").ask(item));
  });
}

Deno.test("a loop over a filter's output that keeps the stream can be left while nothing comes", async () => {
  const outlet = new PullStream<string>({ capacity: 10, onCancel() {} });
  const iterator = outlet.readable.values({ preventCancel: true });
  const next = iterator.next();
  await settled(iterator.return!());
  assertEquals(await settled(next), DONE);
  outlet.push("kept");
  outlet.end();
  assertEquals(await Array.fromAsync(outlet.readable), ["kept"]);
});
