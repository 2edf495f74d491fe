/**
 * `up -d`: the same command line again, in the background, in a session of its own.
 *
 * Deno does not tell a program its flags, and reads no `/proc` for one: so they are read by the shell that starts it again,
 * or, where there is no `/proc`, by `ps`, which does not tell where one ends. What it prints goes to a file in the folder of
 * what runs leave.
 */

import { fileStem, stateFolder } from "../containment/folder.ts";
import { ControlError } from "../control/control_errors.ts";
import type { ChildReport } from "../control/protocol.ts";
import { dirname } from "../permissions/path.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { printableLine } from "../text/words.ts";
import { requireGranted } from "./permission_errors.ts";
import { connectTree, type TreeTarget } from "./control/target.ts";
import { EXIT, type ExitCode, print, printErrorsEscaped, UsageError } from "./verb.ts";

/** Milliseconds between looks for the runtime. */
const LOOK_MS = 100;
/** Whether the arguments of a process can be read one by one. */
const HAS_PROC = Deno.build.os === "linux";
/** Flags of Deno whose value is a word of its own. */
const TAKES_WORD = /^(?:-c|-L|--(?:cert|config|ext|import-map|location|lock|log-level|seed))$/;
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
    ...["sh", ...HAS_PROC ? [] : ["ps"], Deno.execPath()].map((value) => ({ name: "run", value }) as const),
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
  const [program, args] = HAS_PROC
    ? ["sh", ["-c", 'exec cat "/proc/$0/cmdline"', String(Deno.pid)]] as const
    : ["ps", ["-ww", "-o", "args=", "-p", String(Deno.pid)]] as const;
  const { stdout } = await new Deno.Command(program, { args: [...args], stderr: "null" }).output();
  const text = new TextDecoder().decode(stdout);
  const flags = HAS_PROC ? flagsOf(text.split("\0").slice(0, -1)) : flagsOfLine(text.trimEnd());
  if (flags !== undefined) return [Deno.execPath(), ...flags];
  throw new UsageError(
    "Cannot go into the background: how this was started can't be read; use 'nohup outrider up … &'",
  );
}

/** What stands between the program and our own arguments; `undefined`: that is not what stands there. */
function flagsOf([_, ...words]: readonly string[], own: readonly string[] = Deno.args): string[] | undefined {
  const flags = words.slice(0, words.length - own.length);
  return flags[0] === "run" && own.every((arg, index) => arg === words[flags.length + index])
    ? flags
    : undefined;
}

/** The same of one line; `undefined` also where a flag, or the program, seems to have a space in it. */
export function flagsOfLine(line: string, own: readonly string[] = Deno.args): string[] | undefined {
  const end = own.map((arg) => ` ${arg}`).join("");
  if (!line.endsWith(end)) return undefined;
  const flags = flagsOf(line.slice(0, line.length - end.length).split(" "), []);
  const isWhole = flags?.every((word, index) =>
    index === 0 || index === flags.length - 1 || word.startsWith("-") || TAKES_WORD.test(flags[index - 1]!)
  );
  return isWhole ? flags : undefined;
}
