/** The example debug_adapter: its pairing, with `cat` as an adapter that asks us what we ask it, and the real debugpy. */
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { AskTimeoutError, IncarnationEndedError, sidecar } from "@outrider/outrider";
import { UnencodableMessageError } from "@outrider/outrider/protocol";
import { debugAdapter, DebugAdapterError } from "../../examples/debug_adapter/debug_adapter.ts";
import { checkout } from "../cli/outrider.ts";
import { AT_ONCE, Probe } from "../sidecar/health/probe.ts";

const PATIENT = { timeout: 60_000 };
const program = `${checkout}examples/debug_adapter/program.py`;

Deno.test("a debug adapter is asked and asks, and each response finds its request", async () => {
  const slow = Promise.withResolvers<void>();
  const goodbye = Promise.withResolvers<unknown>();
  await using probe = await Probe.start(() =>
    sidecar("s", {
      command: "cat",
      protocol: debugAdapter({
        adapterID: "cat",
        handlers: {
          initialize: (args) => args,
          disconnect: (args) => goodbye.resolve(args),
          sum: (args) => (args as number[]).reduce((a, b) => a + b),
          refuse: () => {
            throw new RangeError("too far");
          },
          unwritable: () => 1n,
          slow: () => slow.promise,
          nothing() {},
        },
      }),
    })
  );
  const ask = (command: string, args?: unknown, more = {}) =>
    probe.ref.ask({ command, arguments: args }, more);
  assertEquals((await ask("initialize")).adapterID, "cat");
  const late = await ask("slow", undefined, { timeout: 10 }).catch((error: Error) => error);
  assertInstanceOf(late, AskTimeoutError);
  const sums = Array.from({ length: 50 }, (_, n) => ask("sum", [n, 1]));
  slow.resolve();
  assertEquals(await Promise.all(sums), sums.map((_, n) => n + 1));
  assertEquals(await ask("nothing"), null);
  await assertRejects(() => ask("refuse"), DebugAdapterError, "too far");
  await assertRejects(() => ask("unwritable"), DebugAdapterError, "JSON cannot hold it");
  await assertRejects(() => ask("toString"), DebugAdapterError, "No handler for toString");
  for (const message of [{ arguments: 1 }, null, { command: "sum", arguments: 1n }]) {
    await assertRejects(() => probe.ref.ask(message), UnencodableMessageError);
  }
  await probe.system.stop();
  assertEquals(await goodbye.promise, { terminateDebuggee: true });
  assertEquals(probe.steps(), ["drain", "goodbye", "close_stdin"]);
});

/** A Python that has debugpy: of Debian's package, it is the system's own. */
const python = ["python3", "/usr/bin/python3"].find((command) => {
  try {
    return new Deno.Command(command, { args: ["-c", "import debugpy"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
});
const ignore = python === undefined;
const title = (text: string) => ignore ? `${text} (skipped: needs debugpy)` : text;

Deno.test({
  name: title("debugpy has its program started by a handler, and fails what it was asked when it is killed"),
  ignore,
  fn: async () => {
    let debuggee: Deno.ChildProcess | undefined;
    const runInTerminal = (asked: unknown) => {
      const { args: [command, ...args], cwd, env } = asked as {
        args: [string, ...string[]];
        cwd: string;
        env: Record<string, string>;
      };
      debuggee = new Deno.Command(command, { args, cwd, env, stdout: "null", stderr: "null" }).spawn();
      return { processId: debuggee.pid };
    };
    await using probe = await Probe.start(() =>
      sidecar("s", {
        command: python!,
        args: ["-m", "debugpy.adapter"],
        protocol: debugAdapter({ adapterID: "debugpy", handlers: { runInTerminal } }),
        restart: "temporary",
        stop: AT_ONCE,
      })
    );
    const events = probe.ref.subscribe();
    const ask = (command: string, args?: unknown) => probe.ref.ask({ command, arguments: args }, PATIENT);
    const until = async (name: string) => {
      for (;;) {
        const { value } = await events.next();
        if (value.event === name) return value.body;
      }
    };
    const launched = ask("launch", { program, console: "integratedTerminal", python: [python] });
    await until("initialized");
    await ask("setBreakpoints", { source: { path: program }, breakpoints: [{ line: 5 }] });
    await ask("configurationDone");
    await launched;
    const { threadId } = await until("stopped");
    const { stackFrames: [{ id: frameId }] } = await ask("stackTrace", { threadId });
    await assertRejects(() => ask("source", { sourceReference: 999 }), DebugAdapterError, "999");
    const asked = ask("evaluate", { frameId, expression: "__import__('time').sleep(60)" });
    Deno.kill(probe.all("spawned")[0]!.pid, "SIGKILL");
    assertInstanceOf(await asked.catch((error) => error), IncarnationEndedError);
    try {
      debuggee!.kill("SIGKILL");
    } catch {
      // It had ended with the adapter.
    }
    await debuggee!.status;
  },
});

Deno.test({
  name: title("debug_adapter prints what its README shows"),
  ignore,
  fn: async () => {
    const flags = ["run", "--no-prompt", "--quiet", "--import-map=tests/support/npm/import_map.json"];
    const granted = [`--allow-run=${python}`, "--allow-env", "--allow-read=examples"];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...flags, ...granted, "examples/debug_adapter/main.ts", python!],
      cwd: checkout,
    }).output();
    const decoder = new TextDecoder();
    assertEquals([code, decoder.decode(stderr)], [0, ""]);
    const readme = await Deno.readTextFile(`${checkout}examples/debug_adapter/README.md`);
    assert(readme.includes(`\`\`\`text\n${decoder.decode(stdout)}\`\`\``), decoder.decode(stdout));
  },
});
