/** The end of a sidecar, with something that fails on its way: it is a crash, and nothing else comes of it. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { type ChildProcess, spawn } from "@outrider/outrider/process";
import { codecs, type ReplyCorrelation } from "@outrider/outrider/protocol";
import {
  type Exit,
  IncarnationEndedError,
  NO_BACKOFF,
  type Protocol,
  sidecar,
  SidecarExitedError,
} from "@outrider/outrider";
import { filter, runFilter } from "@outrider/outrider/actors/filter";
// Loaded before the first start, which is then as fast as any other.
import "../../src/sidecar/incarnation/sidecar_process.ts";
import { tap } from "@outrider/outrider/actors/tap";
import { alive, ended } from "../process/fixture.ts";
import { failureOf } from "../support/probes.ts";
import { Planted } from "../actors/planted.ts";
import { AT_ONCE, Probe, sh } from "./health/probe.ts";

/** A real process that says other things of itself than it would. */
function altered(own: Partial<ChildProcess>, real: ChildProcess): ChildProcess {
  return new Proxy(real, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return Reflect.get(own, name);
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const causeOf = (exit: Exit) => exit.reason === "crash" ? exit.cause : undefined;

Deno.test("a user's process whose closed rejects is a crash, is ended, and is replaced", async () => {
  let first = true;
  await using probe = await Probe.start({
    command: "cat",
    protocol: "lines",
    stop: AT_ONCE,
    spawn: (command, options) => {
      const real = spawn(command, options);
      if (!first) return real;
      first = false;
      return altered({ closed: Promise.reject(new RangeError("closed")) }, real);
    },
  });
  const { exit } = await probe.event("exited");
  assertInstanceOf(causeOf(exit), RangeError);
  await ended(await probe.pid());
  await probe.event("ready", ({ generation }) => generation === 2);
  assertEquals(await probe.ref.ask("again"), "again");
});

Deno.test("a user's process whose exited and closed reject is a crash, and is replaced", async () => {
  let first = true;
  await using probe = await Probe.start({
    command: "cat",
    protocol: "lines",
    spawn: (command, options) => {
      const real = spawn(command, options);
      if (!first) return real;
      first = false;
      const rejected = async (): Promise<never> => {
        await real.closed;
        throw new RangeError("not told");
      };
      return altered({ exited: rejected(), closed: rejected() }, real);
    },
  });
  Deno.kill(await probe.pid(), "SIGKILL");
  const { exit } = await probe.event("exited");
  assertInstanceOf(causeOf(exit), RangeError);
  await probe.event("ready", ({ generation }) => generation === 2);
  assertEquals(await probe.ref.ask("again"), "again");
});

Deno.test("a stop command is ended with its sidecar when that is a user's process whose exited rejects", async () => {
  await using probe = await Probe.start({
    command: "cat",
    protocol: "lines",
    stop: { command: ["sh", "-c", 'kill "$MAINPID"; exec sleep 1000'], term: 60_000 },
    spawn: (command, options) => {
      const real = spawn(command, options);
      if (command.program !== "cat") return real;
      const rejected = async (): Promise<never> => {
        await real.closed;
        throw new RangeError("not told");
      };
      return altered({ exited: rejected(), closed: rejected() }, real);
    },
  });
  await probe.system.stop();
  assertEquals(probe.steps().at(-1), "command");
});

Deno.test("a process that ends badly during another failure is reported with both", async () => {
  await using probe = await Probe.start({
    ...sh("exit 3"),
    restart: "temporary",
    spawn: (command, options) => {
      const real = spawn(command, options);
      const closed = real.closed.then(() => {
        throw new RangeError("closed");
      });
      return altered({ closed }, real);
    },
  });
  const cause = causeOf((await probe.event("exited")).exit);
  assertInstanceOf(cause, SidecarExitedError);
  assertEquals([cause.exitCode, cause.death.kind], [3, "exit_code"]);
  assertInstanceOf(cause.cause, RangeError);
});

/** Lines in order, with a pairing that fails where `own` says so. */
function failing(own: Partial<ReplyCorrelation>): Protocol {
  const nobody: ReplyCorrelation = {
    frame: (message) => codecs.lines.encode(message as string),
    request: () => "",
    withdraw() {},
    match: () => false,
    lost() {},
    onStdoutClosed() {},
    below: () => Promise.resolve(),
    close() {},
    size: 0,
    isFull: false,
    hasPending: false,
    isAwaited: false,
  };
  return { name: "failing", codec: codecs.lines, pairing: () => ({ ...nobody, ...own }) };
}

const boom = () => {
  throw new RangeError("boom");
};

Deno.test("a correlation that throws at the end is the cause of the crash", async () => {
  await using probe = await Probe.start({
    ...sh("read -r line; exit 0"),
    protocol: failing({ close: boom }),
    restart: "temporary",
  });
  void probe.ref.tell("end");
  assertInstanceOf(causeOf((await probe.event("exited")).exit), RangeError);
});

Deno.test("a correlation that throws when stdout ends early is the cause of the crash", async () => {
  await using probe = await Probe.start({
    ...sh("exec >&-; exec sleep 60"),
    protocol: failing({ onStdoutClosed: boom }),
    restart: "temporary",
    stop: AT_ONCE,
  });
  assertInstanceOf(causeOf((await probe.event("exited")).exit), RangeError);
});

Deno.test("a tap whose sink throws a value without text is reported, without further effect", async () => {
  const protocol = tap("lines", () => {
    throw Object.create(null);
  });
  await using probe = await Probe.start({ command: "cat", protocol });
  assertEquals(await probe.ref.ask("one"), "one");
  await probe.event("output", ({ line }) => line.startsWith("Cannot go on with the tap: "));
  assertEquals([await probe.ref.ask("two"), probe.ref.generation], ["two", 1]);
});

Deno.test("strict: a process that is killed within a frame died of the signal", async () => {
  await using probe = await Probe.start({
    ...sh("read -r line; printf '{\"id\":1,'; kill -KILL $$"),
    protocol: "ndjson",
    strict: true,
    restart: "temporary",
  });
  const error = await failureOf(probe.ref.ask({}));
  assertInstanceOf(error, IncarnationEndedError);
  const cause = causeOf((await probe.event("exited")).exit);
  assertInstanceOf(cause, SidecarExitedError);
  assertEquals(cause.signal, "SIGKILL");
});

Deno.test("in order: half a frame before the end is not a reply, and its caller learns of the end", async () => {
  await using probe = await Probe.start({
    ...sh("head -c 1 >/dev/null; printf '\\0\\0\\0\\11half'; exit 3"),
    protocol: "length-prefixed-be",
    restart: "temporary",
  });
  const error = await failureOf(probe.ref.ask(new Uint8Array([1])));
  assertInstanceOf(error, IncarnationEndedError);
  assertInstanceOf(error.cause, SidecarExitedError);
});

Deno.test("a probe whose process's end is unknown has failed, and the sidecar goes on", async () => {
  let probes = 0;
  await using s = await Planted.start(sidecar("s", {
    command: "cat",
    protocol: "lines",
    backoff: NO_BACKOFF,
    probes: { readiness: { command: ["true"], period: 1, failureThreshold: 1_000 } },
    spawn: (command, options) => {
      const real = spawn(command, options);
      if (command.program !== "true" || ++probes > 1) return real;
      const closed = real.closed.then(() => {
        throw new RangeError("closed");
      });
      return altered({ closed }, real);
    },
  }));
  assert(probes >= 2);
  assertEquals([await s.ref.ask("one"), s.ref.generation], ["one", 1]);
});

Deno.test("a filter that is stopped waits for all its processes when one of them can't be signalled", async () => {
  const pids: number[] = [];
  await using s = await Planted.start(filter("s", {
    command: "sh",
    args: ["-c", "trap '' TERM; echo up; exec sleep 60"],
    concurrency: 2,
    stop: { drain: 0, term: 100 },
    spawn: (command, options) => {
      const real = spawn(command, options);
      pids.push(real.pid);
      if (pids.length > 1) return real;
      const signal = () => {
        real.signal("SIGKILL");
        throw new Deno.errors.PermissionDenied("Operation not permitted");
      };
      return altered({ signal }, real);
    },
  }));
  const jobs = [1, 2].map(() => runFilter(s.ref, "x", { as: "lines" }).getReader());
  for (const job of jobs) assertEquals((await job.read()).value, "up");
  await s.system.stop();
  assertEquals(pids.filter(alive), []);
  for (const job of jobs) await failureOf(job.read());
});

Deno.test("a process that may not be signalled is left behind when it is stopped, and its exit says why", async () => {
  let real!: ChildProcess;
  const probe = await Probe.start({
    ...sh("trap '' TERM; echo up >&2; exec sleep 60"),
    ready: { stderr: "up" },
    stop: { drain: 0, stdin: 0, term: 50 },
    spawn: (command, options) => {
      real = spawn(command, options);
      return altered({
        signal: () => {
          throw new Deno.errors.PermissionDenied("Operation not permitted");
        },
      }, real);
    },
  });
  await probe.system.stop();
  const { exit } = await probe.event("stopped");
  assertInstanceOf(causeOf(exit), Deno.errors.PermissionDenied);
  assert(alive(real.pid));
  real.signal("SIGKILL");
  await real.closed;
});

/** What `tests/fixtures/reports_an_end.ts` prints when `line` starts it, a line of bash in which it is `"$@"`. */
async function report(line: string, env: Record<string, string> = {}): Promise<string[]> {
  const path = (relative: string) => new URL(relative, import.meta.url).pathname;
  const map = path("../support/npm/import_map.json");
  const { stdout, stderr, success } = await new Deno.Command("bash", {
    args: [
      ...["-c", line, "bash", Deno.execPath(), "run", "--allow-all", `--import-map=${map}`],
      path("../fixtures/reports_an_end.ts"),
    ],
    env,
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  return text.decode(stdout).trim().split("\n");
}

Deno.test({
  name: "an end is told, and what was left is ended, when ps can't be started",
  ignore: Deno.build.os !== "linux", // where a file that is open for writing can't be run
  async fn() {
    const folder = await Deno.makeTempDir();
    {
      using _busy = await Deno.open(`${folder}/ps`, { write: true, create: true, mode: 0o755 });
      const [left, how, again] = await report('exec "$@"', { PATH: `${folder}:${Deno.env.get("PATH")}` });
      assertMatch(how!, /^Cannot go on: the process of 's' exited with code 3/);
      assertEquals(again, "again");
      await ended(Number(left));
    }
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test({
  name: "an end is told when the system does not tell it, as SIGCHLD is ignored",
  ignore: Deno.build.os !== "linux", // where a child is waited for by its own descriptor
  async fn() {
    const [left, how, again] = await report("trap '' CHLD; exec \"$@\"");
    // The first end of all is the one that the system keeps to itself; a later one may be told.
    assertMatch(
      how!,
      /^Cannot (tell how process \d+ ended: No child processes|go on: .* exited with code 3)/,
    );
    assertEquals(again, "again");
    await ended(Number(left));
  },
});
