/**
 * Whether anything of a manifest can start here: some have templates alone, and some have programs for other platforms
 * alone. Used by the verbs that start something.
 */

import { TARGETS } from "../../manifest/fields/platforms.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { HERE } from "../../manifest/resolve/platform.ts";
import { sidecarsOf } from "../../manifest/resolve/children.ts";
import { isTauri } from "../../manifest/tauri/file_name.ts";
import { importCommand } from "../../manifest/tauri/import_command.ts";
import { basename, dirname } from "../../permissions/path.ts";
import { isPath, mayRead } from "../../permissions/permit.ts";
import { UsageError } from "../verb.ts";

/** The end of a program's name that says what it was built for, as Tauri wants it. */
const TRIPLE = /-((?:x86_64|aarch64|i686|armv7|arm|universal)-[a-z0-9]+(?:-[a-z0-9_]+){0,2})(?:\.exe)?$/;

/** Names of files beside a program that are the same for another platform. */
const MAX_NAMED = 3;

/** @throws {UsageError} it has templates alone, or the files of its programs are there for other platforms alone */
export function requireStartable(manifest: Manifest, file: string): void {
  const { name, children, templates = [] } = manifest;
  const starting = children.length > 0
    ? sidecarsOf(manifest).map(({ entry }) => entry.command)
    : templates.map(({ command }) => command).filter(hasTriple);
  const others = starting.map(builtFor);
  if (others.length > 0 && others.every((triples) => triples !== undefined)) {
    const triples = [...new Set(others.flat())];
    const systems = [...new Set(triples.map(systemOfTriple))].join(" and ");
    throw new UsageError(
      `Cannot start '${name}': its programs are for ${systems} alone (${
        triples.join(", ")
      }), and none is for ${
        TARGETS[HERE as keyof typeof TARGETS]
      }; build or fetch one that is, under that name`,
    );
  }
  if (children.length > 0) return;
  throw new UsageError(
    `Cannot start '${name}': it has templates alone, which a program of yours starts; for 'outrider up' to start one, ` +
      `move it from "templates" to "children", with its "args" as texts${
        isTauri(file) ? tauriWays(file) : ""
      }`,
  );
}

/** Where that is, and what does the same in the app itself. */
function tauriWays(file: string): string {
  return `, in what this writes: ${
    importCommand(file)
  }; or have the app's scope say with which arguments it runs`;
}

function systemOfTriple(triple: string): string {
  if (triple.includes("windows")) return "Windows";
  return triple.includes("apple") ? "macOS" : "Linux";
}

/** Whether the name of a program says what it was built for. */
export function hasTriple(command: string): boolean {
  return TRIPLE.test(command);
}

/** Says which files for other platforms lie where a program with a target triple is missing. */
export function siblingsLine(command: string): string | undefined {
  const [, triple] = TRIPLE.exec(command) ?? [];
  if (triple === undefined) return undefined;
  const { stem, others, plain } = siblingsOf(command);
  if (others.length > 0) {
    return `there ${others.length > 1 ? "are" : "is"} ${
      others.slice(0, MAX_NAMED).join(" and ")
    }, and none for ${triple}`;
  }
  return plain === undefined ? undefined : `there is ${plain}, and Tauri looks for ${stem}-${triple}`;
}

/** The triples for which a missing program is there; `undefined` if it is not missing, or is there for none. */
function builtFor(command: string): string[] | undefined {
  if (!TRIPLE.test(command)) return undefined;
  const { others, isThere } = siblingsOf(command);
  const triples = others.map((name) => TRIPLE.exec(name)![1]!);
  return isThere || triples.length === 0 ? undefined : triples;
}

/** The files beside a program whose name has another triple, or none. Nothing where the folder may not be read. */
function siblingsOf(command: string) {
  const [name, folder] = [basename(command), dirname(command)];
  const stem = name.replace(TRIPLE, "");
  const names = isPath(command) && mayRead(folder) ? namesIn(folder) : [];
  return {
    stem,
    isThere: names.includes(name),
    others: names.filter((one) => one !== name && TRIPLE.test(one) && one.replace(TRIPLE, "") === stem)
      .sort(),
    plain: names.find((one) => one === stem || one === `${stem}.exe`),
  };
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}
