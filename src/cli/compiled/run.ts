/**
 * The command line of an executable: `NAME`, `NAME check`, `NAME permissions` and a few more. Its manifest and its
 * permissions are in it; no deno is needed.
 *
 * @module
 */

import { basename, isAbsolute } from "node:path";
import { requiredPermissions, shellQuote } from "../../manifest/grants/permissions.ts";
import { ProgramNotFoundError } from "../../process/errors.ts";
import { commandName, reportBug, runGuarded } from "../exit.ts";
import { EXIT, type ExitCode, nearestWord, print, readArgs, UsageError, type Verb } from "../verb.ts";
import { errorsVerb } from "../verbs/errors.ts";
import { missingOf, PermissionsMissingError } from "../checks/prepare.ts";
import { restartVerb } from "../verbs/restart.ts";
import { statusVerb } from "../verbs/status.ts";
import { terminateVerb } from "../verbs/terminate.ts";
import { supervise, TAKE_OVER, UP_OPTIONS, upOptions } from "../verbs/up.ts";
import { inOwnCache } from "../compile/cache.ts";
import { checkCompiled } from "./check.ts";
import { type Compiled, isInCache } from "../compile/plan.ts";
import { Unpacked } from "./unpack.ts";

/** One run of an executable. */
export interface CompiledRun {
  /** What it was started with. */
  readonly args: readonly string[];
  /** Where its embedded programs are. */
  readonly files: URL;
}

/** Runs an executable's command line, and returns the exit code. Never throws for what a user can get wrong. */
export async function runCompiled(compiled: Compiled, { args, files }: CompiledRun): Promise<number> {
  const { manifest, version, flags, control } = compiled;
  const [first = "", ...rest] = args;
  if (args.some((arg) => arg === "--help" || arg === "-h") || first === "help") {
    print(...helpOf(compiled).split("\n"));
    return EXIT.OK;
  }
  if (first === "--version" || first === "-V") {
    print(`${manifest.name} (outrider ${version}, deno ${Deno.version.deno})`);
    return EXIT.OK;
  }
  return await runGuarded(() => {
    if (first === "" || first.startsWith("-")) return up(inOwnCache(compiled), args, files);
    if (first === "check") return checkCompiled(inOwnCache(compiled), rest, files);
    if (first === "permissions") return permissions(flags, rest);
    if (first === "errors") return errorsVerb.run(rest);
    const verb = control === undefined ? undefined : byName(first);
    if (verb !== undefined) return verb.run([control!, ...rest]);
    const known = verbsOf(compiled);
    const near = nearestWord(first, known);
    throw new UsageError(
      `Cannot do '${first}': it takes nothing, or one of ${known.join(", ")}${
        near === undefined ? "" : `; did you mean '${near}'?`
      }`,
    );
  }, { args, help: `See ${nameOf(compiled)} --help` }).catch(reportBug);
}

/** What one types: the file may be called otherwise than the tree in it. */
function nameOf({ manifest }: Compiled): string {
  return Deno.build.standalone ? commandName() : manifest.name;
}

const OVER_SOCKET: Readonly<Record<string, Verb>> = {
  status: statusVerb,
  restart: restartVerb,
  terminate: terminateVerb,
};

function byName(name: string): Verb | undefined {
  return Object.hasOwn(OVER_SOCKET, name) ? OVER_SOCKET[name] : undefined;
}

function verbsOf({ control }: Compiled): string[] {
  return ["check", "permissions", "errors", ...(control === undefined ? [] : Object.keys(OVER_SOCKET))];
}

function helpOf(compiled: Compiled): string {
  const { manifest, control, state, unpack } = compiled;
  const name = nameOf(compiled);
  return `Usage: ${name} [OPTIONS]

Starts the sidecars of '${manifest.name}' in order, restarts what fails, and tells what
happens on standard output. Ctrl-C, SIGTERM and SIGHUP stop everything in
reverse order; a second one ends everything at once.

  --for DURATION       stop by itself after that time, such as 10s or 5m
  --log-format FORMAT  text, a timeline (default); json, one event a line
  --log-level LEVEL    error, warn, info (default) or debug
${
    state === undefined
      ? ""
      : `  --take-over          stop another run of it first, instead of refusing to start
`
  }
  ${name} check          find what is missing here, and start nothing
  ${name} permissions    print the permissions that it has, fixed when it was made
  ${name} errors [CODE]  list the codes of all errors, or explain one
${
    control === undefined ? "" : `
While it runs it listens at ${control} for

  ${name} status             show its children
  ${name} restart CHILD      start a child that is stopped, or in quarantine
  ${name} terminate CHILD    stop a child, until it is restarted
`
  }${
    unpack === undefined ? "" : `
Its programs are unpacked to ${placeOf(unpack.folder)}
while it runs.
`
  }
Exit code: 0 stopped as asked, or every sidecar has ended for good; 1 it gave
up or could not start, or something is missing; 2 the command line is wrong; 3 a
permission is missing; 130 ended by force by a second signal.`;
}

function placeOf(folder: string): string {
  return isInCache(folder) ? `a folder ${basename(folder)} in the user's cache` : folder;
}

async function up(
  { manifest, control, state, unpack }: Compiled,
  args: readonly string[],
  files: URL,
): Promise<ExitCode> {
  const { values, positionals } = readArgs(args, { ...UP_OPTIONS, ...TAKE_OVER });
  if (values["take-over"] && state === undefined) {
    throw new UsageError(
      "Cannot use --take-over: who else runs it can't be told, as it was made without --contain",
    );
  }
  if (positionals.length > 0) throw new UsageError(`Cannot use '${positionals[0]}': options stand alone`);
  const options = upOptions(values);
  const missing = missingOf(requiredPermissions(manifest));
  // It was granted when this was made, and Deno has dropped it at the start: that is how a name is that PATH does not have.
  const gone = missing.find(({ name, value = "" }) => name === "run" && value !== "" && !isAbsolute(value));
  if (gone !== undefined) throw new ProgramNotFoundError(gone.value!, { searched: [] });
  if (missing.length > 0) throw PermissionsMissingError.of(manifest.name, missing);
  const unpacked = unpack && await Unpacked.at(unpack.folder, { programs: unpack.programs, files });
  try {
    return await supervise(manifest, {
      ...options,
      control,
      file: Deno.execPath(),
      takeOver: values["take-over"],
      state,
    });
  } finally {
    await unpacked?.remove();
  }
}

function permissions(flags: readonly string[], args: readonly string[]): Promise<ExitCode> {
  const { positionals } = readArgs(args, {});
  if (positionals.length > 0) {
    throw new UsageError(`Cannot use '${positionals[0]}': permissions takes nothing`);
  }
  print(flags.map(shellQuote).join(" "));
  return Promise.resolve(EXIT.OK);
}
