/**
 * What starts the program of a sidecar in its place, and as whom: a launcher that is written, and those that give it a
 * terminal, a priority and a umask. Pure.
 */

/** The program that gives another one a terminal. */
export const PTY_LAUNCHER = "script";

/** Returns what to install for a program that is missing and is known here, as a clause. */
export function packageOf(program: string): string | undefined {
  return program === PTY_LAUNCHER
    ? "install util-linux, which has it (on Debian and Ubuntu: bsdutils)"
    : undefined;
}

/** What a shell alone understands. */
const SHELL_SYNTAX = /[|&;<>$`*?(){}~]/;

/**
 * Returns what to write for a program that is missing and has space in its name, and so is a whole command line; a clause,
 * `undefined` for any other.
 */
export function commandLineHint(program: string): string | undefined {
  // A folder may have space in its name.
  if (!/\s/.test(program) || /\s[^-\s][^/]*\//.test(program) && !/\s-/.test(program)) return undefined;
  const words = [...program.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) =>
    double ?? single ?? bare ?? ""
  );
  const isOfShell = SHELL_SYNTAX.test(program) || /^\w+=/.test(program);
  const [command = "", ...args] = isOfShell ? ["sh", "-c", program] : words;
  const written = `"command": ${JSON.stringify(command)}, "args": [${
    args.map((arg) => JSON.stringify(arg)).join(", ")
  }]`;
  return `write its arguments apart, into "args": ${written}`;
}

/** What may stand before a program. */
interface Launched {
  readonly launcher?: readonly string[] | undefined;
  readonly pty?: boolean | undefined;
  readonly nice?: number | undefined;
  readonly umask?: string | undefined;
}

/** Sets the umask and becomes the program, without the variables that a shell exports by itself. */
const SET_UMASK = 'umask "$1"; shift; unset PWD OLDPWD SHLVL; exec "$@"';

/** Returns the launcher of a sidecar, its program first; `undefined` where its own program is started. */
export function launcherOf(
  { launcher = [], pty, nice, umask }: Launched,
): readonly [string, ...string[]] | undefined {
  const all = [
    ...pty === true ? [PTY_LAUNCHER] : [],
    ...nice === undefined ? [] : ["nice", "-n", `${nice}`],
    ...umask === undefined ? [] : ["sh", "-c", SET_UMASK, "sh", umask],
    ...launcher,
  ];
  return all.length === 0 ? undefined : all as [string, ...string[]];
}

/** Whom a program runs as; without any of them, as the runtime. */
export interface Identity {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly user?: string | undefined;
  readonly group?: string | undefined;
}

/** The system's files of users and groups. */
export const USERS = "/etc/passwd";
export const GROUPS = "/etc/group";

/** Whether a program is to run as another user or group. */
export function hasIdentity({ uid, gid, user, group }: Identity): boolean {
  return (uid ?? gid ?? user ?? group) !== undefined;
}

/** Returns the files that its names are looked up in. */
export function accountFiles({ user, group }: Identity): readonly string[] {
  return [...user === undefined ? [] : [USERS], ...group === undefined ? [] : [GROUPS]];
}

/** Returns why a sidecar can't have its user, group, priority or umask, with the way out; `undefined` where it can. */
export function identityFault(
  { uid, gid, user, group, nice, umask, isWindows }: {
    readonly uid?: unknown;
    readonly gid?: unknown;
    readonly user?: unknown;
    readonly group?: unknown;
    readonly nice?: unknown;
    readonly umask?: unknown;
    readonly isWindows: boolean;
  },
): string | undefined {
  if (user !== undefined && uid !== undefined) {
    return `"user" and "uid" say the same; leave out one of the two`;
  }
  if (group !== undefined && gid !== undefined) {
    return `"group" and "gid" say the same; leave out one of the two`;
  }
  if (!isWindows || (nice ?? umask) === undefined) return undefined;
  return `Windows has no ${nice === undefined ? `"umask"` : `"nice"`}; leave it out there`;
}

/** Returns the program of its launcher in a list, which is empty where its own program is started. */
export function launcherProgram(launched: Launched): readonly string[] {
  return (launcherOf(launched) ?? []).slice(0, 1);
}

/** Returns why a sidecar can't have a terminal, with the way out; `undefined` where it can, or wants none. */
export function ptyFault({ pty, launcher, isText, waitsForStderr, isWindows = false }: {
  readonly pty?: unknown;
  readonly launcher?: unknown;
  /** Whether its stdin and stdout are lines of text, as far as that is known. */
  readonly isText: boolean;
  /** Whether something waits for a line of stderr. */
  readonly waitsForStderr: boolean;
  readonly isWindows?: boolean;
}): string | undefined {
  if (pty !== true) return undefined;
  if (isWindows) {
    return `Windows has no "${PTY_LAUNCHER}"; leave it out there, and set it under "on" elsewhere`;
  }
  if (launcher !== undefined) return "it is a launcher itself; leave out one of the two";
  if (!isText) return `a terminal alters bytes; use "lines" or "ndjson" as the protocol, or leave it out`;
  if (waitsForStderr) return `stderr comes on stdout there; wait for the line on "stdout"`;
  return undefined;
}

/** Whether a protocol, by its name and as it is written, is lines of text; one that is wrong is reported elsewhere. */
export function isTextual(name: string | undefined, written: unknown): boolean {
  if (name !== "jsonrpc") return name === undefined || ["lines", "ndjson", "mcp"].includes(name);
  return typeof written !== "object" || written === null || Reflect.get(written, "framing") !== "headers";
}

/** Whether readiness or a probe, as they are written, waits for a line of stderr. */
export function waitsForStderr(
  { ready, probes }: { readonly ready?: unknown; readonly probes?: unknown },
): boolean {
  const has = (value: unknown, key: string): value is object =>
    typeof value === "object" && value !== null && Object.hasOwn(value, key);
  const all: unknown[] = typeof probes === "object" && probes !== null ? Object.values(probes) : [];
  const heartbeats = all.map((probe) =>
    has(probe, "heartbeat") ? Reflect.get(probe, "heartbeat") : undefined
  );
  return [ready, ...heartbeats].some((wait) => has(wait, "stderr"));
}
