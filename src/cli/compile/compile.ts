/**
 * `outrider compile FILE -o NAME`
 */

import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import deno from "../../../deno.json" with { type: "json" };
import { stateFolder } from "../../containment/folder.ts";
import { socketPermissions } from "../../control/socket.ts";
import { load, type Loaded } from "../../manifest/load.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import type { IgnoredPart } from "../../manifest/resolve/platform.ts";
import {
  type ManifestPermission,
  ownPermission,
  permissionFlags,
  requiredPermissions,
} from "../../manifest/grants/permissions.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { sidecarsOf, withoutTemplates } from "../../manifest/resolve/children.ts";
import { findProgram, searchPath } from "../../permissions/find_program.ts";
import { MAX_CHECKSUM_BYTES } from "../../process/checksum.ts";
import { EXIT, print, printErrorsEscaped, readFileArgs, UsageError, type Verb } from "../verb.ts";
import { optionalPermissions } from "../checks/containment.ts";
import { build, entryText, originOf, workFolder } from "./build.ts";
import { resolveNames } from "../../manifest/resolve/each_program.ts";
import { CompileError } from "./compile_errors.ts";
import {
  CACHE,
  compareChecksums,
  type Compiled,
  embeddedNames,
  programPaths,
  type ProgramToEmbed,
  relocateManifest,
  sha256Hex,
  unpackFolder,
  unpackPermissions,
  WHOSE,
} from "./plan.ts";
import { checkIssues, issueLines } from "../checks/issues/issues.ts";
import { ignoredBriefly } from "../checks/prepare.ts";
import { requireGranted } from "../permission_errors.ts";
import { requireStartable } from "../checks/startable.ts";

/** Makes one file of everything. */
export const compileVerb: Verb = async (args) => {
  const { file, values } = readFileArgs(args, {
    "output": { type: "string", short: "o" },
    "embed": { type: "boolean", default: false },
    "unpack-to": { type: "string" },
    "contain": { type: "boolean", default: false },
    "control": { type: "string" },
  });
  if (values.output === undefined) {
    throw new UsageError("Cannot go on: -o NAME is missing, the file to make");
  }
  const parent = values["unpack-to"] ?? (Deno.build.os === "windows" ? undefined : CACHE);
  if (values["unpack-to"] !== undefined && !values.embed) {
    throw new UsageError("Cannot use --unpack-to without --embed: nothing is unpacked");
  }
  if (values.embed && parent === undefined) {
    throw new UsageError("Cannot embed programs: say with --unpack-to where they are unpacked");
  }
  if (Deno.build.standalone) {
    throw new CompileError(
      "no_compiler",
      "Cannot compile: this is a compiled program; run Outrider with deno",
    );
  }
  const state = values.contain ? stateFolder() : undefined;
  if (values.contain && state === undefined) {
    throw new UsageError("Cannot use --contain: no folder is known for it; set HOME or XDG_STATE_HOME");
  }
  const output = resolve(values.output);
  const written = childrenOnly(await load(file));
  const loaded = locally(written);
  if (loaded.ignored.length > 0) await printErrorsEscaped(...ignoredBriefly(loaded.ignored));
  requireStartable(loaded.manifest, loaded.file);
  const paths = values.embed ? programPaths(written.manifest) : [];
  if (paths.length > 0 && loaded.manifest.permissions === "strict") {
    throw new UsageError(
      `Cannot embed programs: the manifest's permissions are "strict", and to unpack a program and run it takes all ` +
        "of --allow-run",
    );
  }
  admit(output, paths);
  const programs = await Promise.all(paths.map(read));
  compareChecksums(loaded.manifest, programs);
  const compiled = await planned(loaded, {
    programs,
    parent: resolve(parent ?? "."),
    embed: values.embed,
    control: values.control === undefined ? undefined : resolve(values.control),
    state,
  });
  await make(compiled, { output, programs });
  print(`${values.output}: ${compiled.flags.map(shellQuote).join(" ") || "no permission at all"}`);
  for (const [index, { path }] of programs.entries()) {
    print(`  ${path} is in it, as ${compiled.unpack!.programs[index]!.name}`);
  }
  await printErrorsEscaped(...unsettledLines(compiled.manifest), ...unstartableLines(loaded.manifest));
  return EXIT.OK;
};

/** Without templates: an executable has no program of yours in it that could start one, so they are to cost nothing. */
export function childrenOnly(loaded: Loaded): Loaded {
  const { templates = [] } = loaded.manifest;
  const gone = templates.map(({ id }): IgnoredPart => ({
    path: `${id} (template)`,
    kind: "sidecar",
    why: "an executable starts the children of its manifest alone",
  }));
  return { ...loaded, manifest: withoutTemplates(loaded.manifest), ignored: [...loaded.ignored, ...gone] };
}

/** With the names settled that an executable can't leave to the PATH of the place where it runs. */
function locally(loaded: Loaded): Loaded {
  const manifest = resolveNames(loaded.manifest, (command, { path, cwd }) => {
    const found = findProgram(command, { cwd, path: searchPath({ PATH: path }) });
    return found.state === "found" ? found.path : undefined;
  });
  return { ...loaded, manifest };
}

/** Lists the programs that this machine can't start: the executable may be for another. */
export function unstartableLines(manifest: Manifest): string[] {
  const faults = issueLines(checkIssues(manifest), "fault");
  return faults.length === 0 ? [] : ["Would not start on this machine:", ...faults];
}

/** Lists the pins with an unknown file, and the cost of that. */
function unsettledLines(manifest: Manifest): string[] {
  return sidecarsOf(manifest).filter(({ entry }) => entry.sha256 !== undefined && !isAbsolute(entry.command))
    .map(({ path, entry: { command } }) =>
      `It may read every file: '${path}' pins "${command}", which is not found here; with its path, or where it is installed, --allow-read is that file alone`
    );
}

/** Names everything that this run of the verb lacks. @throws {PermissionsMissingError} */
function admit(output: string, programs: readonly string[]): void {
  requireGranted(`Cannot make ${basename(output)}`, [
    { name: "run", value: Deno.execPath() },
    { name: "run", value: output },
    ...(["read", "write"] as const).map((name) => ({ name, value: dirname(output) })),
    ...programs.map((value) => ({ name: "read" as const, value })),
  ]);
}

function workBeside(output: string): string {
  try {
    return workFolder(output);
  } catch (cause) {
    const folder = dirname(output);
    const isMissing = cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory;
    if (!isMissing && !(cause instanceof Deno.errors.PermissionDenied)) throw cause;
    const why = isMissing ? `there is no folder ${folder}` : `this user may not write in ${folder}`;
    throw new CompileError("output_unwritable", `Cannot make ${output}: ${why}`, { cause });
  }
}

async function read(path: string): Promise<ProgramToEmbed & { readonly bytes: Uint8Array<ArrayBuffer> }> {
  try {
    // To open a pipe would wait for its other end.
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw unreadable(path, "it is not a file");
    // It is read before each of its starts.
    if (size > MAX_CHECKSUM_BYTES) {
      throw unreadable(path, `it has more than ${MAX_CHECKSUM_BYTES.toLocaleString("en")} bytes`);
    }
    const bytes = await Deno.readFile(path);
    return { path, bytes, sha256: await sha256Hex(bytes) };
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof CompileError) throw cause;
    throw unreadable(path, cause.message, cause);
  }
}

function unreadable(path: string, why: string, cause?: unknown): CompileError {
  return new CompileError("embed_unreadable", `Cannot embed ${path}: ${why}`, { cause });
}

async function planned(
  { manifest: written, dir }: Loaded,
  { programs, parent, embed, control, state }: {
    readonly programs: readonly ProgramToEmbed[];
    readonly parent: string;
    readonly embed: boolean;
    readonly control: string | undefined;
    readonly state: string | undefined;
  },
): Promise<Compiled> {
  const names = embeddedNames(programs);
  const folder = await unpackFolder(parent, names);
  const manifest = embed ? relocateManifest(written, { programs, names, folder, dir }) : written;
  const socket = control === undefined ? [] : socketPermissions(control, "listen");
  const needed = requiredPermissions(manifest);
  const all: ManifestPermission[] = [
    ...needed,
    ...(names.length === 0 ? [] : unpackPermissions(folder)),
    ...socket.map((need) => ownPermission(need, "control")),
    // The folder is known to an executable, so it needs no variable that names it.
    ...(state === undefined
      ? []
      : optionalPermissions(manifest, needed).filter(({ name }) => name !== "env")),
  ];
  const unpack = names.length === 0 ? undefined : { folder, programs: names };
  const granted = [...permissionFlags(all), ...(unpack === undefined ? [] : [WHOSE])];
  return { version: deno.version, manifest, flags: granted, control, state, unpack };
}

async function make(
  compiled: Compiled,
  { output, programs }: { output: string; programs: readonly { readonly bytes: Uint8Array }[] },
): Promise<void> {
  const work = workBeside(output);
  try {
    const origin = originOf(deno.version);
    const entry = join(work, "entry.ts");
    const include = compiled.unpack && join(work, "programs");
    if (include !== undefined) Deno.mkdirSync(include);
    for (const [index, { name }] of (compiled.unpack?.programs ?? []).entries()) {
      Deno.writeFileSync(join(include!, name), programs[index]!.bytes);
    }
    Deno.writeTextFileSync(entry, entryText(compiled, origin.specifier(work)));
    await build({ deno: Deno.execPath(), entry, output, origin, flags: compiled.flags, include });
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}
