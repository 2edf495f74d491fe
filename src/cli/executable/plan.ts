/**
 * What goes into an executable. Pure.
 *
 * Hold in mind: permissions are fixed when it is made, so every path that they name must be known by then. That is why
 * what is embedded is unpacked to a folder whose name follows from its content, and not to a new one each time.
 *
 * @module
 */

import { basename, isAbsolute, join, relative } from "node:path";
import type { Entry, Manifest } from "../../manifest/entries.ts";
import { type Need, ownNeed } from "../../manifest/permissions.ts";
import type { CopyEntry } from "../../manifest/pool_entries.ts";
import type { ProbeEntry, ProbesEntry } from "../../manifest/probe_entries.ts";

/** A program in the executable. */
export interface Embedded {
  /** Where it is unpacked to: a name in the folder. */
  readonly name: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** All that an executable knows; plain data. */
export interface Compiled {
  /** Which Outrider made it. */
  readonly version: string;
  /** Resolved: nothing is to be filled in. */
  readonly manifest: Manifest;
  /** The flags that it was made with. */
  readonly flags: readonly string[];
  /** Where it listens for `status`, `restart` and `terminate`; absolute. */
  readonly control?: string | undefined;
  /** What is unpacked before anything starts, and where to. */
  readonly unpack?: { readonly folder: string; readonly programs: readonly Embedded[] } | undefined;
}

/** A program to embed. */
export interface Program {
  /** Absolute. */
  readonly path: string;
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** The programs that a resolved manifest gives by path, each once, in its order; those of probes too. */
export function programPaths(manifest: Manifest): string[] {
  const found: string[] = [];
  eachCommand(manifest, (command) => (found.push(command), command));
  return [...new Set(found.filter(isAbsolute))];
}

/** The folder under `parent` that programs are unpacked to: its name follows from what is in it. */
export async function unpackFolder(parent: string, programs: readonly Embedded[]): Promise<string> {
  const text = programs.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("");
  return join(parent, `outrider-${(await sha256(new TextEncoder().encode(text))).slice(0, 16)}`);
}

/** The names that programs are unpacked under: their own, with a number where two have the same. */
export function embeddedNames(programs: readonly Program[]): Embedded[] {
  const taken = new Set<string>(["lock"]);
  return programs.map(({ path, sha256 }) => {
    const own = basename(path);
    let name = own;
    for (let number = 2; taken.has(name); number++) name = `${number}-${own}`;
    taken.add(name);
    return { name, sha256 };
  });
}

/**
 * The manifest with its programs in `folder`. What ran in the manifest's folder `dir`, or below it, runs in the folder
 * that the executable is started in, or below that: its own may not be there.
 */
export function relocated(
  manifest: Manifest,
  { programs, names, folder, dir }: {
    readonly programs: readonly Program[];
    readonly names: readonly Embedded[];
    readonly folder: string;
    readonly dir: string;
  },
): Manifest {
  const places = new Map(programs.map(({ path }, index) => [path, join(folder, names[index]!.name)]));
  return eachCommand(
    manifest,
    (command) => places.get(command) ?? command,
    (cwd) => {
      const below = relative(dir, cwd);
      return below.startsWith("..") || isAbsolute(below) ? cwd : below || ".";
    },
  );
}

/**
 * What the executable needs to unpack and to run what it has unpacked. Who may write a program and start it may start
 * anything, so Deno does not let one be written to whose path `--allow-run` names: it takes all of `--allow-run`.
 */
export function unpackNeeds(folder: string): Need[] {
  return [
    ownNeed({ name: "run", value: undefined }, "embedded"),
    ownNeed({ name: "read", value: folder }, "embedded"),
    ownNeed({ name: "write", value: folder }, "embedded"),
  ];
}

/** In hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A copy with every program, and every working directory, replaced; of what sidecars are told, nothing is. */
function eachCommand(
  manifest: Manifest,
  onCommand: (command: string) => string,
  onCwd: (cwd: string) => string = (cwd) => cwd,
): Manifest {
  const probesOf = (probes: ProbesEntry): ProbesEntry =>
    Object.fromEntries(
      Object.entries(probes).map(([kind, probe]: [string, ProbeEntry]) => {
        if (!("command" in probe)) return [kind, probe];
        const [program = "", ...args] = probe.command;
        return [kind, { ...probe, command: [onCommand(program), ...args] }];
      }),
    );
  const launcherOf = ([first, ...args]: readonly [string, ...string[]]) =>
    [onCommand(first), ...args] as const;
  const programOf = <Program extends CopyEntry>(program: Program): Program => ({
    ...program,
    command: onCommand(program.command),
    ...(program.launcher && { launcher: launcherOf(program.launcher) }),
    cwd: onCwd(program.cwd),
    ...(program.probes && { probes: probesOf(program.probes) }),
  });
  const entryOf = (entry: Entry): Entry => {
    if ("children" in entry) return { ...entry, children: entry.children.map(entryOf) };
    return "sidecar" in entry ? { ...entry, sidecar: programOf(entry.sidecar) } : programOf(entry);
  };
  return { ...manifest, children: manifest.children.map(entryOf) };
}
