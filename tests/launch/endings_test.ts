/** How a program ends, and what is left of its sidecars then: with `launch` nothing, with `start` what its doc says. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkout, command, Folder, Running } from "../cli/outrider.ts";
import { Witness } from "../containment/witness.ts";

const BROAD = ["--allow-run", "--allow-read", "--allow-write", "--allow-env"];
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  "--allow-run": BROAD,
  "--allow-run=sh": ["--allow-run=sh", "--allow-read", "--allow-env"],
  "--allow-run=sh,kill": ["--allow-run=sh,kill", "--allow-read", "--allow-env"],
  "--allow-run=sh,kill,ps": ["--allow-run=sh,kill,ps", ...BROAD.slice(1)],
};

interface Ending {
  /** What the program is told to do; by default it waits for a signal. */
  readonly act?: string;
  readonly signals?: readonly Deno.Signal[];
  readonly code: number;
  readonly stderr?: RegExp;
  /** `start` leaves sidecars behind then. */
  readonly startLeaves?: boolean;
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  "SIGINT": { signals: ["SIGINT"], code: 130, startLeaves: true },
  "SIGTERM": { signals: ["SIGTERM"], code: 143, startLeaves: true },
  "SIGHUP": { signals: ["SIGHUP"], code: 129, startLeaves: true },
  "SIGKILL": { signals: ["SIGKILL"], code: 137, startLeaves: true },
  "an uncaught error": {
    act: "throw",
    code: 1,
    stderr: /^error: Uncaught Error: a fault of mine$/m,
    startLeaves: true,
  },
  "an unhandled rejection": {
    act: "reject",
    code: 1,
    stderr: /^error: Uncaught \(in promise\) Error: a fault of mine$/m,
    startLeaves: true,
  },
  "a throw at top level": {
    act: "bare",
    code: 1,
    stderr: /^error: Uncaught \(in promise\) Error: thrown at top level$/m,
    startLeaves: true,
  },
  "a throw within await using": {
    act: "top",
    code: 1,
    stderr: /^error: Uncaught \(in promise\) Error: thrown at top level, within await using$/m,
  },
  "Deno.exit()": { act: "exit", code: 7, startLeaves: true },
  "its normal end": { act: "normal", code: 0 },
};

/** Tried under fewer permissions, too. */
const SCOPED: readonly string[] = ["SIGTERM", "SIGKILL", "an uncaught error", "Deno.exit()"];

/** A program that runs until it ends as it is told. */
function program(
  how: "launch" | "start",
  { act = "wait", flags = BROAD, sidecar, state, launch = {} }: {
    act?: string;
    flags?: readonly string[];
    sidecar: Record<string, unknown>;
    state: string;
    launch?: Record<string, unknown>;
  },
): Running {
  const { id: _, ...options } = sidecar;
  const args = [how, act, JSON.stringify({ sidecar: options, launch })];
  const fixture = { program: `${checkout}tests/fixtures/ends_like.ts` };
  return new Running(command(args, { flags, env: { XDG_STATE_HOME: state } }, fixture));
}

/** A sidecar that starts another process in its group; neither of the two reads its stdin. */
function family(witness: Witness, more: Record<string, unknown> = {}): Record<string, unknown> {
  return witness.sidecar("db", "ignores_term", {
    args: ["-c", "sleep 600 & echo $!; exec sleep 600"],
    stop: { drain: 0, stdin: 0, term: 1_000 },
    ...more,
  });
}

for (const how of ["launch", "start"] as const) {
  for (const [when, flags] of Object.entries(FLAGS)) {
    for (const [end, { act, signals = [], code, stderr, startLeaves = false }] of Object.entries(ENDINGS)) {
      // Under fewer permissions what matters is how much of an end is ours to do.
      if (flags !== BROAD && (how === "start" || !SCOPED.includes(end))) continue;
      const leaves = how === "start" && startLeaves;
      Deno.test(`${how} leaves ${leaves ? "sidecars" : "nothing"} behind at ${end} with ${when}`, async () => {
        await using witness = new Witness();
        await using folder = new Folder();
        await using running = program(how, { act, flags, sidecar: family(witness), state: folder.path });
        await running.line(/^up$/);
        if (act === undefined) assertEquals((await witness.alive()).length, 2);
        for (const signal of signals) running.signal(signal);
        const ended = await running.ended();
        if (how === "launch") assertEquals(ended.code, code, ended.stderr);
        const said = ended.stderr.replace(
          /^Outrider: Under this program's permissions, what its sidecars start .*\n/,
          "",
        );
        if (stderr !== undefined) assertMatch(said, stderr);
        else if (how === "launch") assertEquals(said, "");
        if (leaves) assert((await witness.alive()).length > 0);
        else assertEquals(typeof await witness.gone(5_000), "number");
      });
    }
  }
}

Deno.test("launch rejects with start_cancelled, and leaves nothing, when it is stopped while it starts", async () => {
  for (const launch of [{ runFor: "1s" }, { onSignal: "stop" }]) {
    await using witness = new Witness();
    await using folder = new Folder();
    const sidecar = family(witness, { ready: { stdout: "^never", within: "1h" } });
    const report = { report: { to: "stdout" } };
    await using running = program("launch", {
      sidecar,
      state: folder.path,
      launch: { ...launch, ...report },
    });
    await running.line(/db#1 +started/);
    if ("onSignal" in launch) running.signal("SIGTERM");
    const { code, stderr } = await running.ended();
    assertEquals(code, 1);
    assertStringIncludes(stderr, "StartCancelledError: Cannot start '/': told to stop before it was ready");
    assertEquals(typeof await witness.gone(5_000), "number");
  }
});

Deno.test("launch ends at once when a second signal comes", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const sidecar = witness.sidecar("db", "family_ignores_term", {
    stop: { drain: 0, stdin: 0, term: 3_600_000 },
  });
  await using running = program("launch", {
    sidecar,
    state: folder.path,
    launch: { report: { to: "stdout" } },
  });
  await running.line(/^up$/);
  running.signal("SIGINT");
  await running.line(/app +stopping/);
  running.signal("SIGHUP");
  assertEquals((await running.ended()).code, 129);
  assertEquals(typeof await witness.gone(5_000), "number");
});

for (const [when, flags] of Object.entries(FLAGS)) {
  // Without `kill`, the guardian alone can end what a sidecar has started.
  if (when === "--allow-run=sh") continue;
  Deno.test(`launch leaves nothing behind at Deno.exit() without a guardian with ${when}`, async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const launch = { onHostDeath: "eof" };
    await using running = program("launch", {
      act: "exit",
      flags,
      sidecar: family(witness),
      state: folder.path,
      launch,
    });
    assertEquals((await running.ended()).code, 7);
    assertEquals(typeof await witness.gone(1_000), "number");
  });
}

Deno.test("launch says once what it can't do when only the sidecar's program may be run", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const sidecar = family(witness, { args: ["-c", "echo up; exec sleep 600"], ready: { stdout: "up" } });
  const options = { command: "/bin/sh", inheritEnv: [], ...sidecar };
  for (const [act, code] of [["exit", 7], ["throw", 1], ["normal", 0]] as const) {
    await using running = program("launch", {
      act,
      flags: ["--allow-run=/bin/sleep,/bin/sh"],
      sidecar: { ...options, command: "/bin/sh" },
      state: folder.path,
    });
    const ended = await running.ended();
    assertEquals(ended.code, code, ended.stderr);
    assertEquals(
      ended.stderr.split("\n")[0],
      "Outrider: Under this program's permissions, what its sidecars start is not ended with them " +
        "(--allow-run=kill); if it is killed by SIGKILL, only the end of their stdin tells its sidecars (--allow-run=sh)",
    );
    assertEquals(typeof await witness.gone(5_000), "number");
  }
});

Deno.test("launch is quiet about an ask that fails when Ctrl-C stops its sidecar", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const sidecar = { ...family(witness), protocol: "lines", ready: "started" };
  await using running = program("launch", { act: "ask", sidecar, state: folder.path });
  await running.line(/^up$/);
  running.signal("SIGINT");
  assertEquals(await running.ended(), { code: 130, stderr: "" });
  assertEquals(typeof await witness.gone(5_000), "number");
});

Deno.test("launch goes on when the program handles an uncaught error itself", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  await using running = program("launch", { act: "caught", sidecar: family(witness), state: folder.path });
  await running.line(/^caught$/);
  assertEquals((await witness.alive()).length, 2);
  running.signal("SIGTERM");
  assertEquals(await running.ended(), { code: 143, stderr: "" });
  assertEquals(typeof await witness.gone(5_000), "number");
});

Deno.test("launch goes on after a signal when it is told to leave signals to the program", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const launch = { onSignal: "stop" };
  await using running = program("launch", { sidecar: family(witness), state: folder.path, launch });
  await running.line(/^up$/);
  running.signal("SIGTERM");
  await running.line(/^ended$/);
  assertEquals(typeof await witness.gone(5_000), "number");
  // Nothing of Outrider listens to it any more.
  running.signal("SIGINT");
  assertEquals((await running.ended()).code, 130);
});

Deno.test("launch ends what a run before left behind when that was killed", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const options = { sidecar: family(witness), state: folder.path, launch: { onHostDeath: "eof" } };
  await using first = program("launch", options);
  await first.line(/^up$/);
  // Beside the first one, on a record of its own.
  await using second = program("launch", options);
  await second.line(/^up$/);
  assertEquals((await witness.alive()).length, 4);
  second.signal("SIGKILL");
  first.signal("SIGKILL");
  await first.ended();
  await second.ended();
  const left = (await witness.alive()).map(({ pid }) => pid);
  assertEquals(left.length, 4);
  await using third = program("launch", { ...options, act: "normal" });
  assertEquals((await third.ended()).code, 0);
  assertEquals(typeof await witness.gone(1_000), "number");
  assertEquals([...Deno.readDirSync(`${folder.path}/outrider`)], []);
});

Deno.test("launch refuses a second run when it is exclusive, and only then", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const options = { sidecar: family(witness), state: folder.path };
  await using first = program("launch", { ...options, launch: { exclusive: true } });
  await first.line(/^up$/);
  await using refused = program("launch", { ...options, launch: { exclusive: true } });
  const { code, stderr } = await refused.ended();
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /ContainmentError: Cannot start 'app' of .*ends_like.ts: process \d+ has been running it since .*; stop that one, or launch it without 'exclusive'/,
  );
  await using other = program("launch", {
    ...options,
    act: "normal",
    launch: { exclusive: true, name: "other" },
  });
  assertEquals((await other.ended()).code, 0);
  await using shared = program("launch", { ...options, act: "normal" });
  assertEquals((await shared.ended()).code, 0);
  first.signal("SIGTERM");
  assertEquals((await first.ended()).code, 143);
  assertStringIncludes(stderr, `process ${first.pid} has been running it`);
});
