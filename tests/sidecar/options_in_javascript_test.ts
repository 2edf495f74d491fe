/** Options that no type has checked, as in a program in JavaScript. */
import { assertEquals, assertThrows } from "@std/assert";
import { OptionError, sidecar, type SidecarOptions } from "@outrider/outrider";

function refused(options: unknown, why: string): void {
  assertThrows(() => sidecar("s", { command: "x", ...options as Partial<SidecarOptions> }), OptionError, why);
}

Deno.test("sidecar refuses a protocol by a name that there is not, and says which there are", () => {
  for (const protocol of ["json", "toString", "__proto__", ""]) {
    refused({ protocol }, `protocol: expected "bytes", "lines", "ndjson",`);
  }
  refused({ protocol: "jsonrpc" }, `"jsonrpc" can't be given here; jsonrpc() makes that protocol`);
  refused({ protocol: "json-lines" }, `did you mean "ndjson"?`);
});

Deno.test("sidecar fills in the steps of a stop that are left out", () => {
  const shutdown = (stop: object) => sidecar("s", { command: "x", stop }).shutdown;
  assertEquals(shutdown({}), shutdown({ drain: 0, stdin: 0, term: 5_000 }));
  assertEquals(shutdown({ drain: "1s" }), shutdown({ drain: 1_000, stdin: 0, term: 5_000 }));
  for (const name of ["drain", "stdin", "term"]) assertEquals(shutdown({ [name]: Infinity }), Infinity);
});

Deno.test("sidecar fills in the times of a backoff that are left out", () => {
  const { backoff } = sidecar("s", { command: "x", backoff: { initial: "50ms" } });
  assertEquals(backoff, { initial: 50, factor: 2, max: 30_000, jitter: 0.25, resetAfter: 60_000 });
  refused({ backoff: { initial: "1m" } }, `backoff: "initial" (60000 ms) must not be above "max" (30000 ms)`);
});
