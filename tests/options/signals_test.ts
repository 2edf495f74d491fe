/** Signals in options: what is none is refused before anything is registered, and no end calls what a program has put there. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { actor, launch, OptionError, start, supervisor } from "@outrider/outrider";
import { runFilter } from "@outrider/outrider/actors/filter";
import { pool, replaceAll } from "@outrider/outrider/actors/pool";
import { failureOf } from "../support/probes.ts";

const echo = actor("echo", () => ({ receive: (message: string) => message }));
const root = supervisor("root", [echo]);
const copies = pool("copies", (id) => actor(id, () => ({ receive: (message: string) => message })), {
  size: 1,
});

const thrower = (): never => {
  throw new TypeError("no");
};
const NO_SIGNALS: Readonly<Record<string, unknown>> = {
  "an empty object": {},
  "a text": "stop",
  "an object with methods that throw": {
    aborted: false,
    addEventListener: () => {},
    removeEventListener: thrower,
  },
  "an object made of the prototype of signals": Object.create(AbortSignal.prototype),
};

for (const [what, value] of Object.entries(NO_SIGNALS)) {
  const signal = value as AbortSignal;
  Deno.test(`a signal is refused when it is ${what}`, async () => {
    await assertRejects(() => launch(root, { signal }), OptionError, "signal");
    await assertRejects(() => start(root, { signal }), OptionError, "signal");
    await using system = await start(root);
    const ref = system.ref(echo);
    assertThrows(() => ref.subscribe({ signal }), OptionError, "signal");
    assertThrows(() => ref.readable({ signal }), OptionError, "signal");
    assertThrows(() => system.events({ signal }), OptionError, "signal");
    const other = actor("other", () => ({ receive: () => {} }));
    const refused = await failureOf((async () => await system.startChild("/", other, { signal }))());
    assertStringIncludes(`${refused.name} ${refused.message}`, "signal");
    const error = await failureOf((async () => await ref.ask("x", { signal }))());
    assertEquals([error instanceof OptionError, (error as OptionError).path], [true, "signal"]);
    const input = new ReadableStream<string>();
    assertThrows(() => runFilter(ref, input, { signal }), OptionError, "signal");
    assertEquals(input.locked, false);
    assertEquals(await ref.ask("still"), "still");
  });

  Deno.test(`replaceAll refuses a signal when it is ${what}`, async () => {
    await using system = await start(supervisor("root", [copies]));
    await assertRejects(() => replaceAll(system.ref("copies"), { signal }), OptionError, "signal");
    assertEquals(system.ref("copies/1").generation, 1);
  });
}

Deno.test("replaceAll replaces a copy when the methods of its signal throw", async () => {
  const { signal } = new AbortController();
  for (const name of ["addEventListener", "removeEventListener", "throwIfAborted"]) {
    Object.defineProperty(signal, name, { value: thrower });
  }
  await using system = await start(supervisor("root", [copies]));
  assertEquals(await replaceAll(system.ref("copies"), { signal }), ["copies/1"]);
});

Deno.test("what a signal ends comes to its end when the signal's own methods throw", async () => {
  const { signal } = new AbortController();
  Object.defineProperties(signal, {
    addEventListener: { value: thrower },
    removeEventListener: { value: thrower },
  });
  const system = await start(root, { signal });
  const ref = system.ref(echo);
  const subscription = ref.subscribe({ signal });
  const events = system.events({ signal });
  assertEquals(await ref.ask("x", { signal, timeout: "1h" }), "x");
  await subscription.return();
  await events.return!();
  await system.stop();
});

Deno.test("launch is refused when it is called in a Web Worker", async () => {
  const module = `
    import { actor, launch } from ${JSON.stringify(import.meta.resolve("@outrider/outrider"))};
    try {
      await using app = await launch(actor("a", () => ({ receive: () => {} })));
      postMessage("launched");
    } catch (error) {
      postMessage(error.name + ": " + error.message);
    }`;
  const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  const said = Promise.withResolvers<string>();
  worker.onmessage = ({ data }) => said.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    said.resolve(event.message);
  };
  assertStringIncludes(await said.promise, "OptionError: Cannot launch in a Web Worker");
  worker.terminate();
  URL.revokeObjectURL(url);
});
