/**
 * The command line of an executable: `NAME`, `NAME check`, `NAME permissions` and a few more. Its manifest and its
 * permissions are in it; no deno is needed.
 */

import type { Compiled } from "../compile/plan.ts";
import { reportBug, runGuarded } from "../exit.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { nearestKey } from "../../text/words.ts";
import { asksForHelp, commandName, EXIT, type ExitCode, print, readArgs, UsageError } from "../verb.ts";
import { VERBS } from "../verbs.ts";

/** One run of an executable. */
export interface CompiledRun {
  /** Its arguments. */
  readonly args: readonly string[];
  /** Where its embedded programs are. */
  readonly files: URL;
}

/** Runs an executable's command line, and returns the exit code. Never throws for a user's mistake. */
export async function runExecutable(compiled: Compiled, { args, files }: CompiledRun): Promise<number> {
  const { manifest, version, flags, control } = compiled;
  const [first = "", ...rest] = args;
  const isVerb = control !== undefined && OVER_SOCKET.includes(first);
  if (asksForHelp(args) || first === "help") {
    const { helpOf, helpOfVerb } = await import("./help.ts");
    const name = nameOf(compiled);
    print(...(isVerb ? helpOfVerb(first, name) : helpOf(compiled, name)).split("\n"));
    return EXIT.OK;
  }
  if (first === "--version" || first === "-V") {
    print(`${manifest.name} (outrider ${version}, deno ${Deno.version.deno})`);
    return EXIT.OK;
  }
  return await runGuarded(async () => {
    if (first === "" || first.startsWith("-")) {
      return await (await import("./up.ts")).up(compiled, args, files);
    }
    if (first === "check") return await (await import("./check.ts")).checkCompiled(compiled, rest, files);
    if (first === "permissions") return permissions(flags, rest);
    if (first === "errors") return await (await VERBS.errors!.load())(rest);
    if (isVerb) return await (await VERBS[first]!.load())([control, ...rest]);
    if (OVER_SOCKET.includes(first)) {
      throw new UsageError(
        `Cannot do '${first}': it was made without --control, so nothing listens while it runs`,
      );
    }
    const known = verbsOf(compiled);
    const near = nearestKey(first, known);
    throw new UsageError(
      `Cannot do '${first}': it takes nothing, or one of ${known.join(", ")}${
        near === undefined ? "" : `; did you mean '${near}'?`
      }`,
    );
  }, { args, help: `See ${nameOf(compiled)} --help` }).catch(reportBug);
}

/** The command's name as typed: the file may have another name than the tree in it. */
function nameOf({ manifest }: Compiled): string {
  return Deno.build.standalone ? commandName() : manifest.name;
}

/** The verbs that talk to the run which listens at its socket. */
const OVER_SOCKET = [
  "ps",
  "status",
  "logs",
  "why",
  "events",
  "start",
  "stop",
  "restart",
  "terminate",
  "scale",
  "replace",
  "signal",
  "ask",
  "call",
  "pipe",
  "run",
  "wait",
  "down",
];

function verbsOf({ control }: Compiled): string[] {
  return ["check", "permissions", "errors", ...(control === undefined ? [] : OVER_SOCKET)];
}

function permissions(flags: readonly string[], args: readonly string[]): ExitCode {
  const { positionals } = readArgs(args, {});
  if (positionals.length > 0) {
    throw new UsageError(`Cannot use '${positionals[0]}': permissions takes nothing`);
  }
  print(flags.map(shellQuote).join(" "));
  return EXIT.OK;
}
