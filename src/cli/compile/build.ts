/**
 * Runs `deno compile`.
 *
 * For an absolute `file:` URL in a source, the executable would look for the file on the machine that it
 * runs on. So the entry imports this package by a path relative to itself.
 */

import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { missingPermissions } from "../../permissions/permit.ts";
import { CompileError } from "./compile_errors.ts";
import type { Compiled } from "./plan.ts";

/** Of this package. */
const HERE = import.meta.url;

/** How the package is run at this moment, for another run of the same. */
export interface Origin {
  /** The module of the command line, as an entry in `folder` imports it. */
  readonly specifier: (folder: string) => string;
  /** The flags that resolve imports. */
  readonly flags: readonly string[];
}

/**
 * From a checkout: its own configuration, and the import map in use. From a registry: the version, and nothing else.
 */
export function originOf(
  version: string,
  { here = HERE, std = import.meta.resolve("@std/log") }: { here?: string; std?: string } = {},
): Origin {
  if (!here.startsWith("file:")) {
    return { specifier: () => `jsr:@outrider/outrider@${version}/cli`, flags: [] };
  }
  const root = fileURLToPath(new URL("../../../", here));
  const main = fileURLToPath(new URL("../main.ts", here));
  return {
    specifier: (folder) => encodeURI(relative(folder, main).replaceAll("\\", "/")),
    flags: [
      `--config=${join(root, "deno.json")}`,
      ...(std.startsWith("file:")
        ? [`--import-map=${fileURLToPath(new URL("./import_map.json", std))}`]
        : []),
    ],
  };
}

/** The program that becomes the executable: all it knows, and where its files are. */
export function entryText(compiled: Compiled, specifier: string): string {
  return [
    "// Made by outrider compile.",
    `import { runCompiled } from ${JSON.stringify(specifier)};`,
    "",
    `const compiled = JSON.parse(${JSON.stringify(JSON.stringify(compiled))});`,
    'const files = new URL("./programs/", import.meta.url);',
    "Deno.exit(await runCompiled(compiled, { args: Deno.args, files }));",
    "",
  ].join("\n");
}

/** The arguments of deno. */
export function compileArgs(
  { entry, output, origin, flags, include }: {
    readonly entry: string;
    readonly output: string;
    readonly origin: Origin;
    /** Permissions. */
    readonly flags: readonly string[];
    /** A folder of files to include. */
    readonly include: string | undefined;
  },
): string[] {
  return [
    // The code cache is a file in the shared temporary folder: the user who creates it first decides what is run.
    ...["compile", "--quiet", "--no-check", "--no-prompt", "--no-code-cache"],
    ...origin.flags,
    ...(include === undefined ? [] : [`--include=${include}`]),
    ...flags,
    `--output=${output}`,
    entry,
  ];
}

/**
 * Makes the executable, and tries whether it runs.
 *
 * @throws {CompileError}
 */
export async function build(
  options: Parameters<typeof compileArgs>[0] & { readonly deno: string },
): Promise<void> {
  const { deno, origin, entry, output } = options;
  const base = baseBinary();
  if (base !== undefined && !isFile(base)) {
    throw missing(`DENORT_BIN names ${base}, and no such file is there`);
  }
  // A failed import and a missing base binary are distinguished by the failing command.
  const sources = await run(deno, ["cache", "--quiet", ...origin.flags, entry]);
  if (!sources.success) throw new CompileError("compile_failed", failedWith(output, sources.said));
  const made = await run(deno, compileArgs(options));
  if (!made.success) {
    if (base !== undefined) throw new CompileError("compile_failed", failedWith(output, made.said));
    throw missing(`it can't be had from the network\n${indented(made.said)}`);
  }
  const tried = await run(output, ["--version"]);
  if (tried.success) return;
  Deno.removeSync(output);
  throw new CompileError(
    "base_binary_unfit",
    `Cannot use what was made: it does not run; DENORT_BIN takes the denort of Deno ${Deno.version.deno}\n` +
      indented(tried.said),
  );
}

function missing(why: string): CompileError {
  const { deno } = Deno.version;
  const asset = `denort-${Deno.build.target}.zip`;
  return new CompileError(
    "base_binary_missing",
    `Cannot make an executable without its base binary, denort: ${why}\n` +
      `Set DENORT_BIN to the denort of Deno ${deno}: unpack https://dl.deno.land/release/v${deno}/${asset}`,
  );
}

function failedWith(output: string, said: string): string {
  return `Cannot make ${basename(output)}: deno compile failed\n${indented(said)}`;
}

async function run(program: string, args: readonly string[]): Promise<{ success: boolean; said: string }> {
  const command = new Deno.Command(program, {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await command.output();
  // The position in Deno's own code is of no use here.
  const [said = ""] = new TextDecoder().decode(stderr).split("\nStack backtrace:");
  return { success, said: said.trim() };
}

function indented(text: string): string {
  return text.split("\n").filter((line) => line.trim() !== "").map((line) => `  ${line}`).join("\n");
}

function baseBinary(): string | undefined {
  const readable = missingPermissions([{ name: "env", value: "DENORT_BIN" }]).length === 0;
  return readable ? Deno.env.get("DENORT_BIN") || undefined : undefined;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** A folder for the entry and its files beside the output, which takes no other permission than that one. */
export function workFolder(output: string): string {
  return Deno.makeTempDirSync({ dir: dirname(output), prefix: `.${basename(output)}-` });
}
