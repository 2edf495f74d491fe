import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { denoProgram, permissionFlags } from "../../actors/worker_flags.ts";

Deno.test("nothing is allowed unless it is said, and nobody is asked", () => {
  assertEquals(permissionFlags({}), ["--no-prompt", "--cached-only"]);
  assertEquals(permissionFlags({ read: false, net: [], import: [] }), ["--no-prompt", "--cached-only"]);
});

Deno.test("each permission is a flag, with its entries where there are any", () => {
  const flags = permissionFlags({
    read: ["./data", new URL("file:///with%20space/x")],
    write: true,
    net: ["example.com:443", "10.0.0.1"],
    env: ["A", "B"],
    run: ["git"],
    sys: ["hostname"],
    ffi: true,
    import: ["jsr.io"],
  });
  assertEquals(flags, [
    "--no-prompt",
    "--allow-read=./data,/with space/x",
    "--allow-write",
    "--allow-net=example.com:443,10.0.0.1",
    "--allow-env=A,B",
    "--allow-run=git",
    "--allow-sys=hostname",
    "--allow-ffi",
    "--allow-import=jsr.io",
  ]);
});

Deno.test("an entry that would be two, or all, is refused", () => {
  for (const entry of ["a,b", ""]) {
    const error = assertThrows(() => permissionFlags({ read: [entry] }), TypeError);
    assertStringIncludes(error.message, `Cannot grant '${entry}'`);
  }
});

Deno.test("the deno that runs this one runs the worker, but for a compiled program", () => {
  assertEquals(denoProgram(undefined, false), Deno.execPath());
  assertEquals([denoProgram("/opt/deno", false), denoProgram("deno", true)], ["/opt/deno", "deno"]);
  assertStringIncludes(assertThrows(() => denoProgram(undefined, true), TypeError).message, "option deno");
});
