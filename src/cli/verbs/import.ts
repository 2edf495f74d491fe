/**
 * `outrider import FILE`
 */

import { dirname, isAbsolute, relative, resolve as absolute } from "node:path";
import type { ManifestInput } from "../../manifest/fields/types.ts";
import { parse } from "../../manifest/parse.ts";
import { convert } from "../../manifest/tauri/convert.ts";
import { readProject } from "../../manifest/tauri/project.ts";
import { visibleJson } from "../../text/printable.ts";
import { EXIT, print, printErrorsEscaped, readFileArgs, type Verb } from "../verb.ts";
import { ignoredLines } from "../checks/prepare.ts";
import { writeNew } from "../new_file.ts";

/** Writes the manifest for a Tauri app. */
export const importVerb: Verb = async (args) => {
  const { file, values } = readFileArgs(args, {
    output: { type: "string", short: "o" },
    merge: { type: "list" },
  });
  const merges = values.merge.map((path) => absolute(path));
  const { manifest, ignored } = convert(await readProject(absolute(file), merges));
  const from = dirname(absolute(file));
  const output = values.output === undefined ? undefined : absolute(values.output);
  const moved = output === undefined ? manifest : rebased(manifest, from, dirname(output));
  const text = `${visibleJson(JSON.stringify(moved, null, 2))}\n`;
  // A result that cannot be loaded is not printed; its faults are those of a manifest.
  parse(text, { file: output ?? `${from}/outrider.json`, platform: anyPlatformOf(manifest) });
  if (ignored.length > 0) await printErrorsEscaped(...ignoredLines(ignored));
  if (output !== undefined) return await writeNew(output, text);
  print(...text.trimEnd().split("\n"));
  return EXIT.OK;
};

/** One that not all of the manifest is left out on. */
function anyPlatformOf({ children, templates = [] }: ManifestInput): string | undefined {
  const [first] = [...children, ...templates];
  return first !== undefined && "platforms" in first ? first.platforms?.[0] : undefined;
}

/** The same programs, seen from another folder; they run in that of the app all the same. */
function rebased(manifest: ManifestInput, from: string, to: string): ManifestInput {
  if (from === to) return manifest;
  const moved = (command: string) => {
    if (!command.includes("/") || isAbsolute(command)) return command;
    const path = relative(to, absolute(from, command)).replaceAll("\\", "/");
    return path.includes("/") ? path : `./${path}`;
  };
  const programs = <Program extends Movable>(all: readonly Program[]): Program[] =>
    all.map((program) => ({
      ...program,
      command: moved(program.command),
      cwd: relative(to, from).replaceAll("\\", "/"),
      ...(program.on && { on: overridesMoved(program.on, moved) }),
    }));
  return {
    ...manifest,
    children: programs(manifest.children.filter((child) => "command" in child)),
    ...(manifest.templates && { templates: programs(manifest.templates) }),
  };
}

interface Movable {
  readonly command: string;
  readonly on?: Readonly<Record<string, { readonly command?: string | undefined } | undefined>> | undefined;
}

function overridesMoved(on: NonNullable<Movable["on"]>, moved: (command: string) => string) {
  return Object.fromEntries(
    Object.entries(on).map(([name, there = {}]) => [name, {
      ...there,
      ...(there.command !== undefined && { command: moved(there.command) }),
    }]),
  );
}
