/**
 * Finds programs that may hold their output back although something depends on each line of it, and says what helps. Pure;
 * used by `check`.
 *
 * Most programs write to a pipe in blocks of 4 KiB or so, and line by line to a terminal alone. Which ones do is known by
 * their names here: a program that flushes by itself is warned about in vain, so only those are listed that seldom do.
 */

import { isTextual, launcherOf, ptyFault, waitsForStderr } from "../../../options/launcher.ts";
import type { ProgramEntry } from "../../../manifest/resolve/children.ts";
import { protocolNameOf } from "../../talk/wire.ts";

type HeldEntry =
  & Pick<
    ProgramEntry,
    "command" | "env" | "inheritEnv" | "launcher" | "pty" | "protocol" | "ready" | "probes"
  >
  & { readonly args?: unknown };

interface Buffering {
  /** The programs, by the last part of their path. */
  readonly programs: RegExp;
  /** What helps. */
  readonly remedy: string;
  /** The variable that does it. */
  readonly variable?: string;
  /** The argument that does it, or shows that it is done. */
  readonly argument?: RegExp;
  /** Whether a terminal helps as well. */
  readonly orTerminal?: true;
}

const STDBUF = `set "launcher": ["stdbuf", "-oL"]`;
const TERMINAL = `set "pty": true`;

const KNOWN: readonly Buffering[] = [
  {
    programs: /^(?:python|pypy)[\d.]*(?:\.exe)?$/,
    remedy: `set "env": { "PYTHONUNBUFFERED": "1" }`,
    variable: "PYTHONUNBUFFERED",
    argument: /^-[A-Za-z]*u/,
  },
  { programs: /^g?sed$/, remedy: `add "-u" to its args`, argument: /^(?:-[a-z]*[ul][a-z]*|--unbuffered)$/ },
  {
    programs: /^[ef]?grep$/,
    remedy: `add "--line-buffered" to its args`,
    argument: /^--line-buffered$/,
  },
  { programs: /^jq$/, remedy: `add "--unbuffered" to its args`, argument: /^--unbuffered$/ },
  { programs: /^mawk$/, remedy: `add "-W", "interactive" to its args`, argument: /^interactive$/ },
  // They have buffers of their own, which stdbuf does not reach.
  {
    programs: /^(?:perl|ruby)[\d.]*$/,
    remedy: "have it flush each line",
    argument: /\$\||autoflush|sync\s*=\s*true/,
    orTerminal: true,
  },
  { programs: /^(?:tr|cut|g?awk|uniq|fold|paste)$/, remedy: STDBUF },
];

/** Wrapper commands that make a program write line by line. */
const UNBUFFERS = /(?:^|\/)(?:stdbuf|unbuffer|script)$/;

/** Returns the hint for an entry on `os`, as a sentence without its period; `undefined` where there is nothing to say. */
export function heldOutputHint(entry: HeldEntry, os: string): string | undefined {
  const { command, env, inheritEnv } = entry;
  const why = dependsOnLines(entry);
  if (why === undefined || launcherOf(entry)?.some((part) => UNBUFFERS.test(part))) return undefined;
  const name = command.split("/").at(-1)!;
  const known = KNOWN.find(({ programs }) => programs.test(name));
  if (known === undefined) return undefined;
  const { variable, argument, orTerminal = false } = known;
  if (variable !== undefined && (Object.hasOwn(env, variable) || inheritEnv.includes(variable))) {
    return undefined;
  }
  const args = Array.isArray(entry.args) ? entry.args.filter((arg) => typeof arg === "string") : [];
  if (argument !== undefined && args.some((arg) => argument.test(arg))) return undefined;
  // macOS and BSD have no stdbuf, unless the GNU coreutils are installed.
  const isMissing = known.remedy === STDBUF && os !== "linux";
  const remedies = [
    ...(isMissing ? [] : [known.remedy]),
    ...((orTerminal || isMissing) && mayHaveTerminal(entry, os) ? [TERMINAL] : []),
  ];
  if (remedies.length === 0) return undefined;
  return `"${command}" may hold its output back, as stdout is not a terminal, and ${why}: ${
    remedies.join(", or ")
  }`;
}

function mayHaveTerminal({ launcher, protocol, ready, probes }: HeldEntry, os: string): boolean {
  const name = protocol === undefined ? undefined : protocolNameOf(protocol);
  return ptyFault({
    pty: true,
    launcher,
    isText: isTextual(name, protocol),
    waitsForStderr: waitsForStderr({ ready, probes }),
    isWindows: os === "windows",
  }) === undefined;
}

/** Returns what waits for a line as soon as it is written, as a clause. */
function dependsOnLines({ protocol, ready, probes }: HeldEntry): string | undefined {
  if (ready !== "started" && "stdout" in ready) return "its readiness waits for a line of that";
  const isWatched = Object.values(probes ?? {}).some((probe) =>
    typeof probe === "object" && "heartbeat" in probe && "stdout" in probe.heartbeat
  );
  if (isWatched) return "a probe waits for lines of that";
  const name = protocol === undefined ? "bytes" : protocolNameOf(protocol);
  return name === "bytes" ? undefined : "each answer is awaited";
}
