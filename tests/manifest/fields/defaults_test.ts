/** What a manifest means: every default, unit and path, filled in. */
import { assertEquals, assertThrows } from "@std/assert";
import { OptionError, sidecar as codeSidecar } from "@outrider/outrider";
import { define } from "../../../src/manifest/fields/manifest.ts";
import { parse } from "../../../src/manifest/parse.ts";
import {
  asSidecar,
  asSupervisor,
  faultsOf,
  FILE,
  resolveManifest,
  sidecar,
  sidecarFaults,
  treeOf,
} from "../probe.ts";
import { PRESETS } from "../../../src/options/presets.ts";

Deno.test("a sidecar with an id and a command gets every default", () => {
  assertEquals(sidecar({ protocol: "lines" }), {
    id: "a",
    command: "cat",
    args: [],
    protocol: "lines",
    cwd: "/srv",
    env: {},
    envFile: [],
    inheritEnv: ["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER"],
    restart: "permanent",
    significant: false,
    backoff: { initial: 200, factor: 2, max: 30_000, jitter: 0.25, resetAfter: 60_000 },
    ready: "started",
    mailbox: { capacity: 1024, overflow: "wait" },
    maxFrame: 10_000_000,
    stop: { drain: 1000, goodbye: 2000, stdin: 2000, term: 5000, signal: "SIGTERM", scope: "group" },
    strict: false,
    startWithin: 90_000,
    onDeath: "fail",
    attempts: 3,
  });
});

Deno.test("without a protocol, stopping sends SIGTERM at once", () => {
  assertEquals(sidecar().stop, {
    drain: 0,
    goodbye: 2000,
    stdin: 0,
    term: 5000,
    signal: "SIGTERM",
    scope: "group",
  });
  assertEquals(sidecar({ stop: { stdin: "1s" } }).stop, {
    drain: 0,
    goodbye: 2000,
    stdin: 1000,
    term: 5000,
    signal: "SIGTERM",
    scope: "group",
  });
});

Deno.test("a step of stopping that is not named keeps its default", () => {
  assertEquals(sidecar({ protocol: "bytes", stop: { term: 0 } }).stop, {
    drain: 1000,
    goodbye: 2000,
    stdin: 2000,
    term: 0,
    signal: "SIGTERM",
    scope: "group",
  });
  const { children } = resolveManifest({
    name: "tree",
    children: [{ id: "a", command: "cat", protocol: "lines", stop: { drain: undefined } }],
  }, { file: FILE });
  assertEquals(asSidecar(children[0]).stop, {
    drain: 1000,
    goodbye: 2000,
    stdin: 2000,
    term: 5000,
    signal: "SIGTERM",
    scope: "group",
  });
});

Deno.test("the root and a nested supervisor get their defaults", () => {
  const leaf = { id: "a", command: "cat" };
  const { children, ...root } = parse(treeOf({ id: "sub", children: [leaf] }), { file: FILE });
  const usual = {
    strategy: "one_for_one",
    intensity: { restarts: 5, within: 180_000, per: "child" },
    onLimit: { quarantine: { coolDown: 30_000, factor: 2, max: 600_000 } },
    onStartFailure: "retry",
    autoShutdown: "never",
  };
  assertEquals(
    root,
    {
      version: 1,
      defaults: "operator",
      name: "tree",
      onHostDeath: "eof",
      permissions: "enough",
      ...usual,
    } as typeof root,
  );
  const { children: _, ...sub } = asSupervisor(children[0]);
  assertEquals(
    sub,
    {
      id: "sub",
      restart: "permanent",
      significant: false,
      startWithin: "infinity",
      ...usual,
    } as typeof sub,
  );
});

Deno.test("readiness waits 10 s by default", () => {
  assertEquals(sidecar({ ready: { stdout: "^ready" } }).ready, { stdout: "^ready", within: 10_000 });
  assertEquals(sidecar({ ready: { stderr: "up", within: "1m" } }).ready, { stderr: "up", within: 60_000 });
  const ready = { reply: { ping: [1, null] } };
  assertEquals(sidecar({ protocol: "ndjson", ready }).ready, { ...ready, within: 10_000 });
});

Deno.test("durations take units and numbers", () => {
  const cases = { "200ms": 200, "1.5s": 1500, "3m": 180_000, "2h": 7_200_000, "0ms": 0, "1.4ms": 1 };
  for (const [written, ms] of Object.entries(cases)) {
    assertEquals(sidecar({ stop: { term: written } }).stop.term, ms, written);
  }
  assertEquals(sidecar({ stop: { term: 250 } }).stop.term, 250);
  assertEquals(sidecar({ stop: { term: 2 ** 40 } }).stop.term, 2 ** 40);
  assertEquals(sidecar({ stop: { term: "720h" } }).stop.term, 2_592_000_000);
});

Deno.test("sizes take decimal and binary units and numbers", () => {
  const cases = {
    "1B": 1,
    "10MB": 1e7,
    "64KiB": 65_536,
    "1KB": 1000,
    "1GB": 1e9,
    "1GiB": 2 ** 30,
    "0.5MiB": 524_288,
  };
  for (const [written, bytes] of Object.entries(cases)) {
    assertEquals(sidecar({ maxFrame: written }).maxFrame, bytes, written);
  }
  assertEquals(sidecar({ maxFrame: 4096 }).maxFrame, 4096);
  assertEquals(sidecar({ maxFrame: "1.1MB" }).maxFrame, 1_100_000);
});

Deno.test("a size that is not a whole number of bytes is refused with the nearest one", () => {
  const written = (value: unknown, whole: number) =>
    `must be a whole number of bytes, got ${JSON.stringify(value)}; write ${whole}`;
  for (const [value, whole] of [["1.6B", 2], ["0.1KiB", 102], [1.5, 2], [0.4, 1]] as const) {
    assertEquals(sidecarFaults({ maxFrame: value }), [
      `children[0].maxFrame: ${written(value, whole)}`,
    ]);
    const error = assertThrows(
      () => codeSidecar("x", { command: "cat", mailbox: { bytes: value } }),
      OptionError,
    );
    assertEquals([error.path, error.message], [
      "mailbox.bytes",
      `Cannot make the sidecar 'x': mailbox.bytes: ${written(value, whole)}`,
    ]);
  }
});

Deno.test("factor 1, jitter 0 and equal pauses are legal", () => {
  const backoff = { initial: "1s", factor: 1, max: 1000, jitter: 0 };
  assertEquals(sidecar({ backoff }).backoff, {
    initial: 1000,
    factor: 1,
    max: 1000,
    jitter: 0,
    resetAfter: 60_000,
  });
});

Deno.test("paths are relative to the manifest, bare commands and arguments are not", () => {
  const { command, cwd, args } = sidecar({ command: "./bin/../w", cwd: "data", args: ["./x"] });
  assertEquals([command, cwd, args], ["/srv/w", "/srv/data", ["./x"]]);
  assertEquals(sidecar({ command: "/usr/bin/tr", cwd: "/" }).command, "/usr/bin/tr");
  assertEquals(sidecar({ cwd: "/" }).cwd, "/");
  const nested = parse(treeOf({ id: "s", children: [{ id: "a", command: "bin/w" }] }), { file: FILE });
  assertEquals(
    asSidecar(asSupervisor(nested.children[0]).children[0]).command,
    "/srv/bin/w",
  );
});

Deno.test("emoji, U+2028 and newlines pass through text as they are", () => {
  const args = ["🚀", "\u2028", "a\nb", ""];
  assertEquals(sidecar({ args, env: { E: "🚀" } }).args, args);
});

Deno.test("an id may be as long as 64 characters", () => {
  assertEquals(sidecar({ id: "x".repeat(64) }).id.length, 64);
  assertEquals(sidecarFaults({ id: "x".repeat(65) }), ["children[0].id: must have 64 characters at most"]);
});

Deno.test("define returns its argument", () => {
  const manifest = define({ name: "quick", children: [{ id: "a", command: "cat", maxFrame: "1MB" }] });
  assertEquals(resolveManifest(manifest, { file: FILE }).name, "quick");
});

Deno.test("a manifest of a later version is refused, and so is a preset that there is not", () => {
  const children = [{ id: "a", command: "cat" }];
  const faults = (fields: object) => faultsOf(JSON.stringify({ name: "t", children, ...fields }));
  assertEquals(
    parse(JSON.stringify({ name: "t", version: 1, defaults: "otp", children }), { file: FILE }).version,
    1,
  );
  assertEquals(parse(JSON.stringify({ name: "t", version: 2, children }), { file: FILE }).version, 2);
  assertEquals(faults({ version: 3 }).map((fault) => fault.replace(/^\S+ /, "")), [
    "version: expected 1 or 2, the newest version that this Outrider knows, got 3; a newer Outrider reads it",
  ]);
  assertEquals(faults({ defaults: "operators" }).map((fault) => fault.replace(/^\S+ /, "")), [
    `defaults: expected "otp" or "operator", got "operators"; did you mean "operator"?`,
  ]);
});

Deno.test("a manifest's preset is written out: nothing is left to the defaults of the library", () => {
  for (const name of ["otp", "operator"] as const) {
    const preset = PRESETS[name];
    const text = JSON.stringify({
      name: "t",
      defaults: name,
      children: [
        { id: "a", command: "cat", ready: { stderr: "up" }, probes: { liveness: { tcp: { port: 1 } } } },
        { id: "w", size: 1, sidecar: { command: "cat" } },
        { id: "s", children: [{ id: "b", command: "cat" }] },
      ],
    });
    const manifest = parse(text, { file: FILE });
    const [a, w, s] = manifest.children as unknown as Record<string, Record<string, unknown>>[];
    // What no manifest can say is the library's own: it is not a child's but a supervisor's, and the same in both.
    const said = (keys: object) => Object.keys(keys).filter((key) => key !== "backoff" && key !== "shutdown");
    assertEquals(manifest.defaults, name);
    assertEquals(said(preset.root).filter((key) => !(key in manifest)), []);
    assertEquals(Object.keys(preset.sidecar).filter((key) => !(key in a!)), []);
    assertEquals(said(preset.pool).filter((key) => !(key in w!)), []);
    assertEquals(said(preset.supervisor).filter((key) => !(key in s!)), []);
    for (const part of ["backoff", "mailbox", "ready", "stop", "speakingStop"] as const) {
      const written = part === "speakingStop" ? a!.stop! : a![part]!;
      assertEquals(Object.keys(preset[part]).filter((key) => !(key in written)), [], part);
    }
    assertEquals(Object.keys(preset.probe).filter((key) => !(key in (a!.probes!.liveness as object))), []);
    assertEquals(Object.keys(preset.intensity).filter((key) => !(key in manifest.intensity)), []);
  }
});
