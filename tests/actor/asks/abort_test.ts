import { assertEquals, assertStrictEquals } from "@std/assert";
import { GuardedAbort } from "../../../src/actor/asks/abort.ts";

function guarded(): { abort: GuardedAbort; thrown: unknown[]; calls: string[] } {
  const thrown: unknown[] = [];
  return { abort: new GuardedAbort((error) => thrown.push(error)), thrown, calls: [] };
}

Deno.test("a guarded signal is a signal like any other when nothing is thrown", async () => {
  const { abort, thrown, calls } = guarded();
  const { signal } = abort;
  assertStrictEquals(abort.signal, signal);
  assertEquals([signal instanceof AbortSignal, signal.aborted, abort.aborted, signal.onabort], [
    true,
    false,
    false,
    null,
  ]);
  const twice = () => calls.push("twice");
  const gone = { handleEvent: () => calls.push("gone") };
  const until = new AbortController();
  signal.addEventListener("abort", twice);
  signal.addEventListener("abort", twice);
  signal.addEventListener("abort", null as never);
  signal.addEventListener("abort", gone);
  signal.removeEventListener("abort", gone);
  signal.addEventListener("abort", () => calls.push("until"), { signal: until.signal });
  until.abort();
  signal.addEventListener("abort", function (this: unknown, event: Event) {
    calls.push(`${event.type} ${this === signal} ${event.target === signal}`);
  } as EventListener, { once: true });
  signal.onabort = () => calls.push("first");
  signal.onabort = () => calls.push("onabort");
  const dependent = AbortSignal.any([signal]);
  const command = new Deno.Command("sleep", { args: ["60"], signal }).spawn();
  abort.abort("why");
  abort.abort("again");
  assertEquals(calls, ["twice", "abort true true", "onabort"]);
  assertEquals([signal.aborted, abort.aborted, signal.reason, dependent.reason, thrown], [
    true,
    true,
    "why",
    "why",
    [],
  ]);
  assertEquals((await command.status).success, false);
  const late = new GuardedAbort(() => {});
  late.abort(1);
  assertEquals([late.signal.aborted, late.signal.reason], [true, 1]);
});

Deno.test("each error of a listener is handed over when a guarded signal aborts", () => {
  const { abort, thrown, calls } = guarded();
  const { signal } = abort;
  const boom = (error: unknown) => () => {
    throw error;
  };
  signal.addEventListener("abort", boom(1));
  signal.addEventListener("abort", { handleEvent: boom(2) });
  signal.addEventListener("other", boom(3));
  signal.onabort = boom(4);
  AbortSignal.any([signal]).addEventListener("abort", boom(5));
  signal.addEventListener("abort", () => calls.push("behind"));
  signal.dispatchEvent(new Event("other"));
  assertEquals(thrown, [3]);
  abort.abort("why");
  assertEquals([thrown.toSorted(), calls], [[1, 2, 3, 4, 5], ["behind"]]);
});
