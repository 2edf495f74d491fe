/**
 * `up -d`: the same command line again, in the background, in a session of its own.
 *
 * Deno does not tell a program its flags, so they are read from the list of processes. What it prints goes to a file in
 * the folder of what runs leave.
 */

import { fileStem, stateFolder } from "../containment/folder.ts";
import { ControlError } from "../control/control_errors.ts";
import type { ChildReport } from "../control/protocol.ts";
import { dirname } from "../permissions/path.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { printableLine } from "../text/words.ts";
import { requireGranted } from "./permission_errors.ts";
import { connectTree, type TreeTarget } from "./target.ts";
import { EXIT, type ExitCode, print, printErrorsEscaped, UsageError } from "./verb.ts";

/** Milliseconds between looks for the runtime. */
const LOOK_MS = 100;
/** Bytes of the log that are shown when it could not start. */
const SHOWN_BYTES = 4_096;

/** Starts `args`, a command line, in the background, and waits until its tree has started, or it has ended. */
export async function detach(
  args: readonly string[],
  { file, target }: { readonly file: string; readonly target: TreeTarget },
): Promise<ExitCode> {
  const folder = stateFolder();
  if (folder === undefined) {
    throw new UsageError(
      "Cannot go into the background: no folder for its log is known; set HOME or XDG_STATE_HOME",
    );
  }
  requireGranted("Cannot go into the background", [
    ...["sh", "ps", Deno.execPath()].map((value) => ({ name: "run", value }) as const),
    { name: "read", value: folder },
    { name: "write", value: folder },
  ]);
  const log = `${await fileStem(folder, file)}.log`;
  Deno.mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  Deno.openSync(log, { append: true, create: true, mode: 0o600 }).close();
  const size = Deno.statSync(log).size;
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$@" >> "$0" 2>&1', log, ...await ownCommand(), ...args],
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.unref();
  let ended: number | undefined;
  void child.status.then(({ code }) => ended = code);
  for (;;) {
    const started = await startedTree(target);
    if (started !== undefined) {
      const { name, left } = started;
      print(`${printableLine(name)}: runs in the background, process ${child.pid}; its log is ${log}`);
      if (left.length > 0) await printErrorsEscaped(`Not ready: ${left.join(", ")}`);
      return EXIT.OK;
    }
    if (ended !== undefined) {
      await printErrorsEscaped(`It has ended at once, with code ${ended}; ${log} has:`, ...tailOf(log, size));
      return ended as ExitCode;
    }
    await sleep(systemClock, LOOK_MS);
  }
}

/** The tree, once it has started; who of it is not ready. */
async function startedTree(
  target: TreeTarget,
): Promise<{ name: string; left: readonly string[] } | undefined> {
  try {
    const client = await connectTree(target);
    try {
      const { name, phase, children } = await client.request({ method: "status" });
      return phase === "starting"
        ? undefined
        : { name, left: children.filter(isUnready).map(({ path }) => printableLine(path)) };
    } finally {
      client.close();
    }
  } catch (error) {
    if (error instanceof ControlError) return undefined;
    throw error;
  }
}

function isUnready({ type, state, ready }: ChildReport): boolean {
  return type === "worker" && ((state !== "running" && state !== "stopped") || ready === false);
}

function tailOf(log: string, from: number): string[] {
  const text = new TextDecoder().decode(Deno.readFileSync(log).subarray(from)).trimEnd();
  return text.slice(-SHOWN_BYTES).split("\n").map((line) => `  ${line}`);
}

/** The command that this process was started by, without its arguments. @throws {UsageError} it can't be read */
async function ownCommand(): Promise<string[]> {
  if (Deno.build.standalone) return [Deno.execPath()];
  const { stdout } = await new Deno.Command("ps", {
    args: ["-ww", "-o", "args=", "-p", String(Deno.pid)],
    stderr: "null",
  }).output();
  const line = new TextDecoder().decode(stdout).trimEnd();
  const own = ` ${Deno.args.join(" ")}`;
  const [, ...flags] = line.endsWith(own) ? line.slice(0, -own.length).split(" ") : [];
  if (flags[0] !== "run") {
    throw new UsageError(
      "Cannot go into the background: how this was started can't be read; use 'nohup outrider up … &'",
    );
  }
  return [Deno.execPath(), ...flags];
}
