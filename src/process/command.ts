/**
 * A program to run, as data; `spawn.ts` runs it.
 */

import type { ChildProcess, SpawnOptions } from "./child_process.ts";
import type { EnvValue } from "./secrets/secret.ts";
import { PRESETS } from "../options/presets.ts";
import type { EnvFileEntry, StdinEntry } from "../options/types.ts";

/** A program to run, as plain data. */
export interface Command {
  /** A name to look up on PATH, or a path; a relative one is relative to `cwd`. */
  readonly program: string;
  /** The arguments, passed on as they are: nothing is split, expanded or quoted. */
  readonly args: readonly string[];
  /** The folder to run in; `undefined` for the runtime's own. */
  readonly cwd: string | undefined;
  /**
   * Variables to set, each to a text, to the content of a file, or to a variable of the runtime, at each start; they
   * override those of `envFile`, and inherited ones.
   */
  readonly env: Readonly<Record<string, EnvValue>>;
  /** Files of variables, read at each start; a later one wins over an earlier one. */
  readonly envFile?: readonly EnvFileEntry[] | undefined;
  /** Names of variables to pass on from the runtime's environment, where they are set. */
  readonly inheritEnv: readonly string[];
  /** A program with its arguments that starts this one: `["nice", "-n", "10"]`. It is spawned in its place. */
  readonly launcher?: readonly string[] | undefined;
  /** Whether it runs in a terminal of its own, through the program `script`. */
  readonly pty?: boolean | undefined;
  /** How much it yields to other programs, -20 to 19, through the program `nice`. Not on Windows. */
  readonly nice?: number | undefined;
  /** The permissions that its new files lack, in octal digits, through `sh`. Not on Windows. */
  readonly umask?: string | undefined;
  /** The SHA-256 of the program's file, in hexadecimal digits: it is run only while it has that. */
  readonly sha256?: string | undefined;
  /** Its stdin: `null` is empty from the start. Default `pipe`. */
  readonly stdin?: StdinEntry | undefined;
  /** The user to run as, by number; only root may. Not on Windows. */
  readonly uid?: number | undefined;
  /** The group to run as, by number; only root may. Not on Windows. */
  readonly gid?: number | undefined;
  /** The user to run as, by name, with its group; only root may. Not on Windows. */
  readonly user?: string | undefined;
  /** The group to run as, by name; only root may. Not on Windows. */
  readonly group?: string | undefined;
}

/** Returns a command for another program, without input, in the context of `command`: its folder, environment and user. */
export function siblingCommand(command: Command, [program = "", ...args]: readonly string[]): Command {
  const own = { launcher: undefined, pty: undefined, nice: undefined, umask: undefined, sha256: undefined };
  return { ...command, program, args, ...own, stdin: "null" };
}

/** The variables that a child inherits by default; on Windows also those a program needs to start at all. */
export const DEFAULT_INHERIT_ENV: readonly string[] = PRESETS.otp.sidecar.inheritEnv as readonly string[];

/** The owner of a process. */
export interface ProcessOwner {
  /** The address in the tree, such as `workers/w1`; for the command of a probe `workers/w1#liveness`. */
  readonly path: string;
  /** The incarnation. */
  readonly generation: number;
}

/** Records the processes of a run: it stands between its actors and `spawn`. */
export interface ProcessRegistry {
  /** Starts `command` as `spawn` does, and has recorded it when this returns. */
  spawn(command: Command, options: SpawnOptions, whose: ProcessOwner): ChildProcess;
}
