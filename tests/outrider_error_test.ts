/** The class of all errors: what extends it, and what it says. */
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { ActorError } from "@outrider/outrider/actor";
import {
  AskTimeoutError,
  IncarnationEndedError,
  OptionError,
  OutriderError,
  sidecar,
  start,
  supervisor,
} from "@outrider/outrider";
import deno from "../deno.json" with { type: "json" };
import { sources } from "./cli/sources.ts";

Deno.test("OutriderError is the base of every exported class of errors", async () => {
  const bare = sources().flatMap(({ path, text }) =>
    [...text.matchAll(/^export (?:abstract )?class (\w+) extends (?:Type|Range)?Error\b/gm)]
      .map(([, name]) => `${path}: ${name}`)
  );
  assertEquals(bare, ["src/outrider_error.ts: OutriderError"]);
  let found = 0;
  for (const [entry, file] of Object.entries(deno.exports)) {
    if (entry === "./cli") continue;
    const exported: Record<string, unknown> = await import(new URL(`../${file}`, import.meta.url).href);
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value !== "function" || !(value.prototype instanceof Error)) continue;
      found++;
      assert(value === OutriderError || value.prototype instanceof OutriderError, `${entry}: ${name}`);
    }
  }
  assert(found > 40, `${found}`);
});

Deno.test("OutriderError has the code, the cause and the name of its subclass", async () => {
  const error = new AskTimeoutError("db", 5, { cause: new Error("late") });
  assertInstanceOf(error, ActorError);
  assertEquals([error.code, error.name, (error.cause as Error).message], [
    "ask_timeout",
    "TimeoutError",
    "late",
  ]);
  await using system = await start(
    supervisor("root", [
      sidecar("sh", { command: "sh", args: ["-c", "read line; exit 3"], protocol: "lines" }),
    ]),
  );
  const ended = await assertRejects(() => system.ref("sh").ask("go"), IncarnationEndedError);
  assertInstanceOf(ended.cause, OutriderError);
  assertEquals(ended.cause.code, "sidecar_exited");
});

Deno.test("OutriderError is thrown when an option is invalid", () => {
  try {
    sidecar("sh", { command: "sh", launcher: [] });
  } catch (error) {
    assertInstanceOf(error, OutriderError);
    assertInstanceOf(error, OptionError);
    assertEquals(error.code, "invalid_option");
    return;
  }
  assert(false, "it was taken");
});
