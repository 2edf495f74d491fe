/**
 * The programs and working directories of a manifest, replaced one by one. Pure.
 */

import { isAbsolute, join } from "../../permissions/path.ts";
import type { CopyEntry, Entry, Manifest, TemplateEntry } from "../fields/types.ts";
import type { LogEntry, ProbeEntry, ProbesEntry } from "../../options/types.ts";

/** The role of a program for a sidecar: its own, its launcher, a probe's command, or its stop command. */
export interface ProgramRole {
  readonly entry: CopyEntry | TemplateEntry;
  readonly role: "program" | "launcher" | "probe" | "stop";
}

/** The replacements of {@link mapPrograms}; what is left out stays as it is. */
export interface ProgramReplacements {
  readonly program: (command: string, of: ProgramRole) => string;
  /** Of a working directory, or a workspace's folder. */
  readonly cwd?: (cwd: string) => string;
  /** Of a file that variables are read from, and of a log. */
  readonly file?: (file: string) => string;
}

/** Returns a copy with every program, working directory and file of variables replaced; arguments and messages stay. */
export function mapPrograms(
  manifest: Manifest,
  { program, cwd = (cwd) => cwd, file }: ProgramReplacements,
): Manifest {
  const programOf = <Program extends CopyEntry | TemplateEntry>(entry: Program): Program => ({
    ...entry,
    command: program(entry.command, { entry, role: "program" }),
    ...(entry.launcher && { launcher: first(entry.launcher, { entry, role: "launcher" }) }),
    cwd: cwd(entry.cwd),
    ...(file && {
      env: envOf(entry.env, file),
      envFile: entry.envFile.map((one) => ({ ...one, path: file(one.path) })),
    }),
    ...("protocol" in entry && { protocol: protocolOf(entry.protocol, (path) => folderOf(path, entry.cwd)) }),
    ...(file && "log" in entry && { log: logOf(entry.log, file) }),
    ...(entry.probes && { probes: probesOf(entry.probes, entry) }),
    ...(typeof entry.stop === "object" && entry.stop.command && {
      stop: { ...entry.stop, command: line(entry.stop.command, { entry, role: "stop" }) },
    }),
  });
  /** A folder of a workspace; a relative one is relative to the working directory. */
  const folderOf = (folder: string, from: string): string => {
    const [moved, movedFrom] = [cwd(folder), cwd(from)];
    if (isAbsolute(moved) || movedFrom === ".") return moved;
    return isAbsolute(movedFrom) ? folder : join(...movedFrom.split(/[\\/]/).map(() => ".."), moved);
  };
  const first = ([command, ...args]: readonly [string, ...string[]], of: ProgramRole) =>
    [program(command, of), ...args] as const;
  const line = (
    [program = "", ...args]: readonly string[],
    of: ProgramRole,
  ) => [...first([program, ...args], of)];
  const probesOf = (probes: ProbesEntry, entry: ProgramRole["entry"]): ProbesEntry =>
    Object.fromEntries(
      Object.entries(probes).map(([kind, probe]: [string, ProbeEntry]) => {
        if (!("command" in probe)) return [kind, probe];
        return [kind, { ...probe, command: line(probe.command, { entry, role: "probe" }) }];
      }),
    );
  const entryOf = (entry: Entry): Entry => {
    if ("children" in entry) {
      const { log, children } = entry;
      return { ...entry, ...(file && log && { log: logOf(log, file) }), children: children.map(entryOf) };
    }
    return "sidecar" in entry ? { ...entry, sidecar: programOf(entry.sidecar) } : programOf(entry);
  };
  const { children, templates, log } = manifest;
  return {
    ...manifest,
    ...(file && log && { log: logOf(log, file) }),
    children: children.map(entryOf),
    ...(templates && { templates: templates.map(programOf) }),
  };
}

function logOf(log: LogEntry | undefined, path: (file: string) => string): LogEntry | undefined {
  if (log === undefined) return undefined;
  const { file, dir } = log;
  return { ...log, ...(file && { file: path(file) }), ...(dir && { dir: path(dir) }) };
}

/** A workspace's folders are paths like any other, unless they are URLs. */
function protocolOf(
  protocol: CopyEntry["protocol"],
  path: (folder: string) => string,
): CopyEntry["protocol"] {
  if (typeof protocol !== "object" || protocol.type !== "lsp") return protocol;
  const folder = (written: string) => written.startsWith("file:") ? written : path(written);
  const { rootUri, workspaceFolders } = protocol;
  return {
    ...protocol,
    ...rootUri !== undefined && { rootUri: folder(rootUri) },
    ...workspaceFolders && {
      workspaceFolders: workspaceFolders.map((one) =>
        typeof one === "string" ? folder(one) : { ...one, uri: folder(one.uri) }
      ),
    },
  };
}

function envOf(env: CopyEntry["env"], path: (file: string) => string): CopyEntry["env"] {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      typeof value === "object" && "file" in value ? { file: path(value.file) } : value,
    ]),
  );
}

/** Finds a bare name in the folders of a PATH; without `path`, on the runtime's own. */
export type Find = (
  command: string,
  around: { readonly path: string | undefined; readonly cwd: string },
) => string | undefined;

/**
 * A copy in which names that are looked up by Outrider, and not by Deno, are the paths that `find` knows: those that
 * are pinned by a SHA-256, whose file is read, and those of sidecars with a PATH of their own. Permissions are for a
 * file, and fixed when an executable is made, so it is settled then which file that is.
 */
export function resolveNames(manifest: Manifest, find: Find): Manifest {
  return mapPrograms(manifest, {
    program(command, { entry, role }) {
      const path = typeof entry.env.PATH === "string" ? entry.env.PATH : undefined;
      const pinned = role === "program" && entry.sha256 !== undefined;
      // An executable holds no deno: the PATH of the place where it runs decides.
      const own = path !== undefined && command !== "deno";
      if (/[\\/]/.test(command) || !(pinned || own)) return command;
      return find(command, { path, cwd: entry.cwd }) ?? command;
    },
  });
}
