/** What the types of an address follow from, and what a wrong program is told. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  actor,
  type ActorRef,
  type Codec,
  jsonrpc,
  type JsonValue,
  sidecar,
  type SidecarSpec,
  start,
  supervisor,
  type System,
} from "@outrider/outrider";
import { codecs, type JsonRpcCall, type JsonRpcNotification } from "@outrider/outrider/protocol";
import { pool } from "@outrider/outrider/actors/pool";
import { tap } from "@outrider/outrider/actors/tap";
import { z } from "zod";
import { checkout } from "../cli/outrider.ts";
import { stepsOf } from "../support/transcript.ts";

/** Compiles only where `Actual` is `Expected`, and neither more nor less. */
type Same<Actual, Expected> = (<T>() => T extends Actual ? 1 : 2) extends
  (<T>() => T extends Expected ? 1 : 2) ? true
  : never;
const same = <Actual, Expected>(_: Same<Actual, Expected>) => {};

const command = "cat";
declare const dates: Codec<Date, Map<string, number>>;

/** Compiles only where a ref that takes, answers or publishes nothing fits where any ref will do. */
export function fitting(
  nothing: ActorRef<never, never, never>,
  silent: ActorRef<string, string, never>,
): unknown {
  // deno-lint-ignore no-explicit-any -- the types of any ref
  const refs: ActorRef<any, any, any>[] = [nothing, silent];
  return refs;
}

/** Never called: what compiles here is the test. */
export function inferred(system: System): void {
  const lines = system.ref(sidecar("x", { command, protocol: "lines" }));
  same<typeof lines, ActorRef<string, string, string>>(true);
  const json = system.ref(sidecar("x", { command, protocol: "ndjson" }));
  same<typeof json, ActorRef<unknown, JsonValue, JsonValue>>(true);
  const framed = system.ref(sidecar("x", { command, protocol: "netstring" }));
  same<typeof framed, ActorRef<Uint8Array, Uint8Array, Uint8Array<ArrayBuffer>>>(true);
  const bytes = system.ref(sidecar("x", { command, protocol: "bytes" }));
  same<typeof bytes, ActorRef<Uint8Array, never, Uint8Array<ArrayBuffer>>>(true);
  const paired = system.ref(sidecar("x", { command, protocol: "bytes", pairing: "in-order" }));
  same<typeof paired, ActorRef<Uint8Array, Uint8Array, Uint8Array<ArrayBuffer>>>(true);
  const told = system.ref(sidecar("x", { command, protocol: "lines", pairing: "none" }));
  same<typeof told, ActorRef<string, never, string>>(true);
  const silent = system.ref(sidecar("x", { command }));
  same<typeof silent, ActorRef<never, never, string>>(true);
  const many = system.ref(
    sidecar("x", { command, protocol: "lines", until: (frame) => frame === "." ? "end" : "more" }),
  );
  same<typeof many, ActorRef<string, AsyncIterable<string>, string>>(true);
  // `idle` is for replies of many frames.
  void many.ask("x", { idle: "1s", timeout: 10 });
  void many.ask("x", { idle: 1_000, detailed: true });
  void system.ref("path").ask("x", { idle: "1s" });
  // @ts-expect-error a reply of one frame has no further one
  void lines.ask("x", { idle: "1s" });
  const rpc = system.ref(sidecar("x", { command, protocol: jsonrpc() }));
  // deno-lint-ignore no-explicit-any -- what comes back depends on the method
  same<typeof rpc, ActorRef<JsonRpcCall | readonly JsonRpcCall[], any, JsonRpcNotification>>(true);
  const own = system.ref(
    sidecar("x", { command, protocol: { name: "own", codec: dates, pairing: "in-order" } }),
  );
  same<typeof own, ActorRef<Date, Map<string, number>, Map<string, number>>>(true);
  const unpaired = system.ref(
    sidecar("x", { command, protocol: { name: "own", codec: dates, pairing: "none" } }),
  );
  same<typeof unpaired, ActorRef<Date, never, Map<string, number>>>(true);
  const tapped = system.ref(sidecar("x", { command, protocol: tap("lines", () => {}) }));
  same<typeof tapped, ActorRef<string, string, string>>(true);

  const schemas = {
    message: z.object({ at: z.string().transform(Number) }),
    reply: z.object({ n: z.number() }),
  };
  const checked = system.ref(sidecar("x", { command, protocol: "ndjson", schemas }));
  same<typeof checked, ActorRef<{ at: string }, { n: number }, JsonValue>>(true);
  const annotated: SidecarSpec<{ a: 1 }, { b: 1 }> = sidecar("x", { command, protocol: "ndjson" });
  same<ReturnType<typeof system.ref<{ a: 1 }, { b: 1 }, { b: 1 }>>, ActorRef<{ a: 1 }, { b: 1 }, { b: 1 }>>(
    true,
  );
  void annotated;

  const workers = system.ref(pool("x", { command, protocol: "lines" }, { size: 2 }));
  same<typeof workers, ActorRef<string, string, string>>(true);
  const made = system.ref(
    pool("x", (id) => actor(id, () => ({ receive: (n: number) => `${n}` })), { size: 2 }),
  );
  same<typeof made, ActorRef<number, string, never>>(true);

  // What `until` is asked of follows from the protocol, where that stands beside it.
  sidecar("x", {
    command,
    until: (frame) => (same<typeof frame, string>(true), "more"),
    protocol: "lines",
  });
  sidecar("x", {
    command,
    protocol: "ndjson",
    until: (frame) => (same<typeof frame, JsonValue>(true), "more"),
  });
  sidecar("x", {
    command,
    protocol: "netstring",
    until: (frame) => (same<typeof frame, Uint8Array>(true), "more"),
  });
  const talk = "lines" as "lines" | "ndjson" | "bytes";
  sidecar("x", {
    command,
    protocol: talk,
    until: (frame) => (same<typeof frame, string | JsonValue | Uint8Array>(true), "more"),
  });
  // In options that are put together it may be any frame.
  sidecar("x", {
    command,
    protocol: talk === "lines" ? "lines" : jsonrpc(),
    ...talk === "lines" ? { until: (frame) => (same<typeof frame, unknown>(true), "more") } : {},
  });
  const last = (frame: unknown) => frame === "." ? "last" as const : "more" as const;
  sidecar("x", { command, protocol: "lines", until: last });
  const ends = (line: string) => line === "." ? "last" as const : "more" as const;
  pool("x", { command, protocol: "lines", until: ends }, { size: 1 });
  pool("x", { command, protocol: "lines", until: (frame) => (same<typeof frame, string>(true), "more") }, {
    size: 1,
  });
  // @ts-expect-error -- a frame is bytes
  sidecar("x", { command, protocol: "netstring", until: ends });

  // @ts-expect-error -- it takes lines
  void lines.ask(1);
  // @ts-expect-error -- a sidecar without protocol takes nothing
  void silent.tell("hello");
}

Deno.test("an address by spec has the types of the protocol when that is named", async () => {
  const upper = sidecar("upper", { command, protocol: "lines" });
  const count = sidecar("count", {
    command,
    protocol: {
      name: "count",
      codec: { ...codecs.lines, encode: (n: number) => `${n}\n` },
      pairing: "in-order",
    },
  });
  await using system = await start(supervisor("root", [upper, count]));
  const hello: string = await system.ref(upper).ask("hello");
  const one: string = await system.ref(count).ask(1);
  assertEquals([hello, one], ["hello", "1"]);
});

/** Each a program with one mistake: what stands in `[` and `]` is where the one error is to be. */
const WRONG: Readonly<Record<string, string>> = {
  "a key that does not exist": 'sidecar("x", { command: "cat", [protocool]: "lines" });',
  "a misspelt required key": 'sidecar("x", { [comand]: "cat", protocol: "lines" });',
  "a missing required key": 'sidecar("x", [{ protocol: "lines" }]);',
  "a protocol that does not exist": 'sidecar("x", { command: "cat", [protocol]: "line" });',
  "a restart type of systemd": 'sidecar("x", { command: "cat", protocol: "lines", [restart]: "sometimes" });',
  "a word for a port":
    'sidecar("x", { command: "cat", probes: { liveness: { tcp: { [port]: "eighty" } } } });',
  "a half protocol": 'sidecar("x", { command: "cat", [protocol]: { name: "x", pairing: "none" } });',
  "a text for a function": 'sidecar("x", { command: "cat", protocol: "lines", [until]: "." });',
  "options left out": '[sidecar]("x");',
  "a pool without a program": 'pool("x", { [comand]: "cat", protocol: "lines" }, { size: 1 });',
};

/** Writes the programs of the tutorial into `folder`, as its reader has them; returns their paths. */
function writeTutorial(folder: string): string[] {
  return stepsOf(Deno.readTextFileSync(`${checkout}docs/tutorial.md`)).flatMap((step) => {
    if (!("name" in step)) return [];
    Deno.writeTextFileSync(`${folder}/${step.name}`, step.text);
    return step.name.endsWith(".ts") ? [`${folder}/${step.name}`] : [];
  });
}

Deno.test("sidecar is refused with one error, which names the key, when its options are wrong, and the tutorial has none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const programs = Object.entries(WRONG).map(([what, line], at) => {
      const [before = "", key = ""] = line.split(/[[\]]/);
      const file = `${folder}/${at}.ts`;
      const text = 'import { sidecar } from "@outrider/outrider/actors/sidecar";\n' +
        `import { pool } from "@outrider/outrider/actors/pool";\nvoid pool; void sidecar;\n${
          line.replace(/[[\]]/g, "")
        }\n`;
      Deno.writeTextFileSync(file, text);
      return { what, file, key, column: before.length + 1 };
    });
    const tutorial = writeTutorial(folder);
    assertEquals(tutorial.length, 2);
    const map = `--import-map=${checkout}tests/support/npm/import_map.json`;
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", map, ...programs.map(({ file }) => file), ...tutorial],
      env: { NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(code, 1);
    assert(!said.includes("No overload"), said);
    assertStringIncludes(said, `Found ${programs.length} errors`);
    for (const { what, file, column } of programs) {
      assertMatch(said, new RegExp(`TS\\d+ \\[ERROR\\][^]*?at file://${file}:4:${column}\\n`), what);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
