import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { sidecar, type SidecarOptions, SidecarSchemaError, start, supervisor } from "@outrider/outrider";
import { z } from "zod";

/** What is sent comes back. */
async function echo(options: Partial<SidecarOptions>) {
  const spec = sidecar("echo", { command: "cat", protocol: "ndjson", ...options });
  const system = await start(supervisor("root", [spec]));
  return { system, ref: system.ref("echo"), [Symbol.asyncDispose]: () => system[Symbol.asyncDispose]() };
}

const Point = z.object({ id: z.number().optional(), x: z.number(), label: z.string().default("none") });

Deno.test("a message that does not fit is refused, with the field named, and never sent", async () => {
  await using tree = await echo({ schemas: { message: Point } });
  const error = await assertRejects(() => tree.ref.ask({ x: "one" }), SidecarSchemaError);
  assertEquals([error.path, error.role, error.field], ["echo", "message", "x"]);
  assertEquals(error.sample, '{"x":"one"}');
  assertEquals(error.message.startsWith("Cannot send this to 'echo': x: "), true);
  assertEquals(await tree.ref.ask({ x: 1 }), { id: 1, x: 1, label: "none" }); // the default was sent
});

Deno.test("a reply that does not fit fails its ask, and no other", async () => {
  await using tree = await echo({ schemas: { reply: Point } });
  const wrong = tree.ref.ask({ x: [1] });
  const right = tree.ref.ask({ x: 2 });
  const error = await assertRejects(() => wrong, SidecarSchemaError);
  assertEquals([error.role, error.field], ["reply", "x"]);
  assertEquals(await right, { id: 2, x: 2, label: "none" });
});

Deno.test("a published value that does not match its schema is dropped and reported", async () => {
  await using tree = await echo({ schemas: { published: Point } });
  const events = tree.system.events();
  const published = tree.ref.subscribe();
  void tree.ref.tell({ x: null });
  void tree.ref.tell({ x: 3 });
  assertEquals((await published.next()).value, { x: 3, label: "none" });
  for await (const event of events) {
    if (event.type !== "malformed") continue;
    assertEquals([event.kind, event.total, event.sample], ["schema", 1, '{"x":null}']);
    break;
  }
});

Deno.test("a strict sidecar ends when a value does not match its schema", async () => {
  await using tree = await echo({ schemas: { published: Point }, strict: true, restart: "temporary" });
  const events = tree.system.events();
  const reading = tree.ref.subscribe();
  void tree.ref.tell({ x: null });
  for await (const event of events) {
    if (event.type !== "exited") continue;
    assertEquals(event.exit.reason, "crash");
    assertInstanceOf((event.exit as { cause: Error }).cause, SidecarSchemaError);
    break;
  }
  await reading.return();
});

Deno.test("a message is refused with the way out when its schema is asynchronous", async () => {
  await using tree = await echo({ schemas: { message: z.string().refine(() => Promise.resolve(true)) } });
  const error = await assertRejects(() => tree.ref.ask("x"), SidecarSchemaError);
  assertEquals(error.message, `Cannot send this to 'echo': its schema is asynchronous: "x"`);
  assertEquals(
    (error.cause as Error).message,
    "Cannot check the message of 'echo': its schema is asynchronous; give one that answers at once",
  );
});
