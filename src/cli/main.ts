/**
 * The command line: `outrider VERB …`.
 *
 * @module
 */

import deno from "../../deno.json" with { type: "json" };
import type { Compiled } from "./compile/plan.ts";
import type { CompiledRun } from "./compiled/run.ts";
import { familiarVerbHint, VERBS } from "./verbs.ts";

export type { Compiled, Embedded } from "./compile/plan.ts";
export type { CompiledRun } from "./compiled/run.ts";

const HELP = `Outrider runs sidecars as supervised actors.

Usage: outrider VERB [FILE | SOCKET] [OPTIONS]

${Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`).join("\n")}

  --help       this text; after a VERB, all about that verb
  --version    the version

Exit code: 0 all went well; 1 the tree gave up or could not start, or nobody
answers; 2 a bad manifest or command line; 3 a permission is missing; 4 the
answer is an error; 5 no answer in time; 130 ended by force by a second signal,
or by any signal before all was answered.`;

/** Runs one command line, and returns the exit code. Never throws for what a user can get wrong. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h" || name === "help") {
    console.log(HELP);
    return 0;
  }
  if (name === "--version" || name === "-V") {
    console.log(`outrider ${deno.version} (deno ${Deno.version.deno})`);
    return 0;
  }
  const { asksForHelp, EXIT, printErrorsEscaped } = await import("./verb.ts");
  if (name === undefined) {
    await printErrorsEscaped(...HELP.split("\n"));
    return EXIT.USAGE;
  }
  if (!Object.hasOwn(VERBS, name)) {
    const { nearestKey } = await import("../text/words.ts");
    const near = nearestKey(name, Object.keys(VERBS));
    const hint = near === undefined ? "" : `; did you mean '${near}'?`;
    await printErrorsEscaped(
      `Cannot do '${name}': ${familiarVerbHint(name) ?? `verbs are ${Object.keys(VERBS).join(", ")}${hint}`}`,
      "See outrider --help",
    );
    return EXIT.USAGE;
  }
  if (asksForHelp(rest)) {
    const { VERB_HELP } = await import("./verb_help.ts");
    console.log(VERB_HELP[name]);
    return EXIT.OK;
  }
  if (name === "up") await noteHangup();
  const verb = await VERBS[name]!.load();
  const { runGuarded } = await import("./exit.ts");
  return await runGuarded(() => verb(rest), { args: rest, help: `See outrider ${name} --help` });
}

/** Runs the command line of an executable, and returns the exit code. Never throws for what a user can get wrong. */
export async function runCompiled(compiled: Compiled, run: CompiledRun): Promise<number> {
  const [first = "-"] = run.args;
  if (first.startsWith("-")) await noteHangup();
  const { runExecutable } = await import("./compiled/run.ts");
  return await runExecutable(compiled, run);
}

/** Has it looked up whether SIGHUP was ignored, which can't be told any more when a verb has been loaded. */
async function noteHangup(): Promise<void> {
  void (await import("../process/start/surroundings.ts")).isHangupIgnored();
}

if (import.meta.main) {
  const unforeseen = async (error: unknown) => await (await import("./exit.ts")).reportBug(error);
  Deno.exit(await main(Deno.args).catch(unforeseen));
}
