/**
 * `up -d`: the same command line again, in the background, in a session of its own.
 *
 * Deno does not tell a program its flags, and reads no `/proc` for one: so they are read by the shell that starts it again,
 * or, where there is no `/proc`, by `ps`, which does not tell where one ends. What happens in its tree goes to a log file;
 * what it says beside that, as why it could not start, to a file in the state folder that is kept short.
 */

import { fileStem, openOwnFile, openStateFolder, stateFolder } from "../containment/folder.ts";
import { ControlError } from "../control/control_errors.ts";
import type { ChildReport, TreeReport } from "../control/protocol.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { printableLine } from "../text/words.ts";
import { requireGranted } from "./permission_errors.ts";
import { connectTree, type TreeTarget } from "./control/target.ts";
import { EXIT, type ExitCode, print, printErrorsEscaped, UsageError } from "./verb.ts";

/** Milliseconds between looks for the runtime. */
const LOOK_MS = 100;
/** Milliseconds until it is told that the runtime which is taken over is waited for. */
const TELL_AFTER_MS = 2_000;
/** Milliseconds that a tree has, beyond its time to be ready, to begin to stop. */
const JUDGED_MS = 1_000;
/** Whether the arguments of a process can be read one by one. */
const HAS_PROC = Deno.build.os === "linux";
/** Flags of Deno whose value is a word of its own. */
const TAKES_WORD = /^(?:-c|-L|--(?:cert|config|ext|import-map|location|lock|log-level|seed))$/;
/** Bytes of what runtimes have said that the next one finds; more are removed. */
const KEPT_BYTES = 262_144;
/** Bytes of it that are shown when one could not start. */
const SHOWN_BYTES = 4_096;

/** What is to run in the background. */
interface DetachedRun {
  /** The manifest, absolute. */
  readonly file: string;
  /** Where it will listen. */
  readonly target: TreeTarget;
  /** Milliseconds after which it has ended, unless all were ready by then. */
  readonly waitReady: number | undefined;
  /** Whether another runtime may still have its place. */
  readonly takesOver: boolean;
}

/**
 * Starts `args`, a command line, in the background, and waits until its tree has started, or it has ended: what another
 * runtime at the same place says does not count.
 */
export async function detach(
  args: readonly string[],
  { file, ...wait }: DetachedRun,
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
  const why = openStateFolder(folder);
  if (why !== undefined) {
    throw new UsageError(
      `Cannot go into the background: ${folder} can't be used: ${why}; XDG_STATE_HOME names another one`,
    );
  }
  const said = `${await fileStem(folder, file)}.err`;
  const size = openShort(said);
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$@" 2>> "$0"', said, ...await ownCommand(), ...args],
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.unref();
  const outcome = await startOf(child, wait);
  if (typeof outcome === "number") {
    const lines = tailOf(said, size);
    await printErrorsEscaped(
      `It has ended with code ${outcome}${lines.length === 0 ? "" : `; ${said} has:`}`,
      ...lines,
    );
    return outcome as ExitCode;
  }
  const { name, log, left } = outcome;
  print(
    `${printableLine(name)}: runs in the background, process ${child.pid}; its log is ${printableLine(log)}`,
  );
  if (left.length > 0) await printErrorsEscaped(`Not ready: ${left.join(", ")}`);
  return EXIT.OK;
}

/** A tree that has started. */
interface StartedTree {
  readonly name: string;
  /** The file or folder of its log. */
  readonly log: string;
  /** Its children that are not ready. */
  readonly left: readonly string[];
}

/** What is seen of the runtime that was started: its tree, or the process that still has its place. */
type Look = { readonly tree: TreeReport; readonly log: string } | { readonly other: number } | undefined;

/** Waits until the runtime has started its tree, or has ended, which gives its exit code. */
async function startOf(
  { pid, status }: Deno.ChildProcess,
  { target, waitReady, takesOver }: Omit<DetachedRun, "file">,
): Promise<StartedTree | number> {
  const ended = status.then(({ code }) => code);
  const tellAt = takesOver ? performance.now() + TELL_AFTER_MS : Infinity;
  let told: number | undefined;
  for (;;) {
    const seen = await Promise.race([ended, lookAtTree(target, pid)]);
    if (typeof seen === "number") return seen;
    if (seen !== undefined && "tree" in seen) {
      const started = startedTree(seen, waitReady);
      if (started !== undefined) return started;
    } else if (seen !== undefined && seen.other !== told && performance.now() > tellAt) {
      told = seen.other;
      await printErrorsEscaped(`Process ${told} still has the tree; its end is waited for`);
    }
    const code = await Promise.race([ended, sleep(systemClock, LOOK_MS)]);
    if (typeof code === "number") return code;
  }
}

/** Looks for the runtime of process `pid`; another one may listen at its place, until that is taken over. */
async function lookAtTree(target: TreeTarget, pid: number): Promise<Look> {
  try {
    const client = await connectTree(target);
    try {
      const { pid: other, log = "" } = await client.request({ method: "hello" });
      return other === pid ? { tree: await client.request({ method: "status" }), log } : { other };
    } finally {
      client.close();
    }
  } catch (error) {
    if (error instanceof ControlError) return undefined;
    throw error;
  }
}

/** The tree, unless its start is under way, or it stops: then its end says what became of it. */
function startedTree(
  { tree: { name, phase, children, now, startedAt }, log }: Extract<Look, { log: string }>,
  waitReady: number | undefined,
): StartedTree | undefined {
  if (phase !== "running") return undefined;
  const left = children.filter(isUnready).map(({ path }) => printableLine(path));
  // One that runs on after that time has been ready as a whole, whatever has happened since.
  const isJudged = waitReady === undefined || now - startedAt > waitReady + JUDGED_MS;
  return left.length === 0 || isJudged ? { name, log, left } : undefined;
}

function isUnready({ type, state, ready }: ChildReport): boolean {
  return type === "worker" && ((state !== "running" && state !== "stopped") || ready === false);
}

/** Makes the file, if need be, and empties it where it is long; returns its size. */
function openShort(path: string): number {
  using file = openOwnFile(path);
  const { size } = file.statSync();
  if (size <= KEPT_BYTES) return size;
  file.truncateSync();
  return 0;
}

/** The last lines of what was written behind `from`. */
function tailOf(path: string, from: number): string[] {
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  const bytes = new Uint8Array(Math.max(0, Math.min(size - from, SHOWN_BYTES)));
  file.seekSync(size - bytes.length, Deno.SeekMode.Start);
  const count = file.readSync(bytes) ?? 0;
  const text = new TextDecoder().decode(bytes.subarray(0, count)).trimEnd();
  return text === "" ? [] : text.split("\n").map((line) => `  ${line}`);
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
