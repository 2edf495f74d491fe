import { assertEquals, assertStrictEquals } from "@std/assert";
import { GaveUpError, StartError } from "../../src/supervision/supervision_errors.ts";

Deno.test("a failed start names the child and the cause, however many supervisors it went through", () => {
  const cause = new Error("no such file");
  const inner = new StartError("s/a", cause);
  const outer = new StartError("/", new StartError("s", inner));
  for (const error of [inner, outer]) {
    assertEquals(
      [error.name, error.code, error.path, error.message],
      ["StartError", "start_failed", "s/a", "Cannot start 's/a': no such file"],
    );
  }
  assertStrictEquals(inner.cause, cause);
  assertStrictEquals(outer.cause, cause);
});

Deno.test("giving up names the supervisor, its limit and the last cause, if there is one", () => {
  const intensity = { restarts: 2, within: 50 };
  const error = new GaveUpError("s", intensity, new Error("boom"));
  assertEquals([error.name, error.code, error.path], ["GaveUpError", "gave_up", "s"]);
  assertEquals(error.message, "Cannot keep 's' running: more than 2 restarts within 50 ms: boom");
  assertEquals(
    new GaveUpError("s", intensity, undefined).message,
    "Cannot keep 's' running: more than 2 restarts within 50 ms",
  );
});
