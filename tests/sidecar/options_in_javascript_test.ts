/** Options that no type has checked, as in a program in JavaScript. */
import { assertThrows } from "@std/assert";
import { OptionError, sidecar, type SidecarOptions } from "@outrider/outrider";

function refused(options: unknown, why: string): void {
  assertThrows(() => sidecar("s", { command: "x", ...options as Partial<SidecarOptions> }), OptionError, why);
}

Deno.test("sidecar refuses a protocol by a name that there is not, and says which there are", () => {
  for (const protocol of ["json", "jsonrpc", "toString", "__proto__", ""]) {
    refused({ protocol }, `Cannot talk ${JSON.stringify(protocol)}: protocols with a name are bytes, lines,`);
  }
});

Deno.test("sidecar refuses a stop that lacks a time, and says which", () => {
  refused({ stop: { drain: Infinity } }, "Cannot use a value of type undefined as stop.stdin");
  refused({ stop: { drain: 0, stdin: Infinity } }, "Cannot use a value of type undefined as stop.term");
  refused({ stop: {} }, "Cannot use a value of type undefined as stop.drain");
  for (const name of ["drain", "stdin", "term"]) {
    sidecar("s", { command: "x", stop: { drain: 0, stdin: 0, term: 0, [name]: Infinity } });
  }
});

Deno.test("sidecar refuses a backoff that lacks a time, and says which", () => {
  refused({ backoff: { initial: 100 } }, "Cannot use a value of type undefined as backoff.max");
  refused(
    { backoff: { initial: 100, max: 100 } },
    "Cannot use a value of type undefined as backoff.resetAfter",
  );
});
