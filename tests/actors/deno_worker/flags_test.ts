import { OptionError } from "@outrider/outrider";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { denoProgram, runFlags, workerPermissionFlags } from "../../../actors/deno_worker/flags.ts";

Deno.test("a worker's flags grant nothing by default, and never prompt", () => {
  assertEquals(workerPermissionFlags({}), ["--no-prompt", "--cached-only"]);
  assertEquals(workerPermissionFlags({ read: false, net: [], import: [] }), ["--no-prompt", "--cached-only"]);
});

Deno.test("each permission is a flag, with its entries where there are any", () => {
  const flags = workerPermissionFlags({
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
    const error = assertThrows(() => workerPermissionFlags({ read: [entry] }), OptionError);
    assertStringIncludes(error.message, `Cannot grant '${entry}'`);
  }
});

const readFlags = (module: string | URL, options: Partial<Parameters<typeof runFlags>[0]> = {}) =>
  runFlags({ module, permissions: {}, flags: [], ...options }).filter((flag) =>
    flag.startsWith("--allow-read")
  );

Deno.test("reading the module's own folder is granted, and no more when it has none, or lies in the root", () => {
  assertEquals(readFlags("file:///srv/my%20app/worker.ts"), ["--allow-read=/srv/my app"]);
  assertEquals(readFlags(new URL("file:///srv/worker.ts?a#b")), ["--allow-read=/srv"]);
  assertEquals([readFlags("worker.ts"), readFlags("../w/worker.ts")], [["--allow-read=."], [
    "--allow-read=../w",
  ]]);
  assertEquals(readFlags("file:///worker.ts"), ["--allow-read=/worker.ts"]);
  assertEquals(readFlags("./worker.ts", { cwd: "/" }), ["--allow-read=./worker.ts"]);
  for (const remote of ["data:text/javascript,1", "https://example.com/w.ts", "jsr:@a/b", "npm:a"]) {
    assertEquals(readFlags(remote), []);
  }
});

Deno.test("read of the module's folder adds to granted values, and is left out beside a whole grant", () => {
  assertEquals(readFlags("/srv/w.ts", { permissions: { read: ["/data"] } }), ["--allow-read=/srv,/data"]);
  assertEquals(readFlags("/srv/w.ts", { permissions: { read: true } }), ["--allow-read"]);
  assertEquals(readFlags("/srv/w.ts", { flags: ["-A"] }), []);
  assertStringIncludes(
    assertThrows(() => readFlags("/a,b/w.ts"), OptionError).message,
    "Cannot grant '/a,b'",
  );
});

Deno.test("the module is loaded by the last of the flags", () => {
  const flags = runFlags({ module: "/srv/w.ts", permissions: {}, flags: ["--preload=./mine.ts"] });
  assertStringIncludes(flags.at(-1)!, "--preload=data:text/javascript,");
});

Deno.test("the deno that runs this one runs the worker, but for a compiled program", () => {
  assertEquals(denoProgram(undefined, false), Deno.execPath());
  assertEquals([denoProgram("/opt/deno", false), denoProgram("deno", true)], ["/opt/deno", "deno"]);
  assertStringIncludes(assertThrows(() => denoProgram(undefined, true), OptionError).message, "option deno");
});
