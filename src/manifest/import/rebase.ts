/**
 * Moves a manifest to another folder: the same programs, run in the same folders with the same files. Pure.
 */

import { isAbsolute, relative, resolve as absolute } from "node:path";
import { programAt } from "../program_path.ts";
import type { EntryInput, ManifestInput } from "../fields/types.ts";
import type { EnvFileInput, EnvInput, LogInput, ProbesInput } from "../../options/types.ts";

/** A manifest for the folder `from`, for the folder `to`. Both are absolute paths. */
export function rebaseManifest(manifest: ManifestInput, from: string, to: string): ManifestInput {
  if (from === to) return manifest;
  const moved = movedFrom(from, to);
  return {
    ...manifest,
    ...settingsMoved(manifest, moved),
    children: manifest.children.map((child) => entryMoved(child, moved)),
    ...(manifest.templates && { templates: manifest.templates.map((one) => programMoved(one, moved)) }),
  };
}

/** What becomes of the paths in a manifest. */
interface Moved {
  /** A file or a folder. */
  path(path: string): string;
  /** A program, which is a path where it has a slash. */
  program(command: string): string;
}

function movedFrom(from: string, to: string): Moved {
  const path = (path: string) =>
    isAbsolute(path) ? path : relative(to, absolute(from, path)).replaceAll("\\", "/") || ".";
  return {
    path,
    program: (command) => programAt(command, path),
  };
}

function entryMoved(entry: EntryInput, moved: Moved): EntryInput {
  if ("children" in entry) {
    const children = entry.children.map((child) => entryMoved(child, moved));
    return { ...entry, ...settingsMoved(entry, moved), children };
  }
  if ("sidecar" in entry) return { ...entry, sidecar: programMoved(entry.sidecar, moved) };
  return programMoved(entry, moved);
}

/** What a supervisor has as well as a program. */
interface Settings {
  readonly env?: Readonly<Record<string, EnvInput>> | undefined;
  readonly envFile?: EnvFileInput | undefined;
  readonly log?: LogInput | undefined;
}

interface Program extends Settings {
  readonly command: string;
  readonly cwd?: string | undefined;
  readonly stop?: { readonly command?: readonly string[] | undefined } | undefined;
  readonly probes?: ProbesInput | undefined;
  readonly on?: Readonly<Record<string, { readonly command?: string | undefined } | undefined>> | undefined;
}

function programMoved<Fields extends Program>(fields: Fields, moved: Moved): Fields {
  const { command, cwd = ".", stop, probes, on } = fields;
  return {
    ...fields,
    command: moved.program(command),
    cwd: moved.path(cwd),
    ...settingsMoved(fields, moved),
    ...(stop?.command && { stop: { ...stop, command: lineMoved(stop.command, moved) } }),
    ...(probes && {
      probes: mapped({ ...probes }, (probe) => ({
        ...probe,
        ...(probe?.command && { command: lineMoved(probe.command, moved) }),
      })),
    }),
    ...(on && {
      on: mapped(on, (there) => ({
        ...there,
        ...(there?.command !== undefined && { command: moved.program(there.command) }),
      })),
    }),
  };
}

function settingsMoved({ env, envFile, log }: Settings, moved: Moved): Settings {
  const file = (file: string | { readonly path: string }) =>
    typeof file === "string" ? moved.path(file) : { ...file, path: moved.path(file.path) };
  return {
    ...(env && {
      env: mapped(env, (value) => isFile(value) ? { file: moved.path(value.file) } : value),
    }),
    ...(envFile !== undefined &&
      { envFile: Array.isArray(envFile) ? envFile.map(file) : file(envFile as string) }),
    ...(log && {
      log: {
        ...log,
        ...(log.file !== undefined && { file: moved.path(log.file) }),
        ...(log.dir !== undefined && { dir: moved.path(log.dir) }),
      },
    }),
  };
}

function isFile(value: EnvInput): value is { readonly file: string } {
  return typeof value === "object" && "file" in value;
}

function lineMoved([program = "", ...args]: readonly string[], moved: Moved): readonly string[] {
  return [moved.program(program), ...args];
}

/** Another object with the same keys. */
function mapped<Value, Result>(
  values: Readonly<Record<string, Value>>,
  map: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
