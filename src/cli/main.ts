/**
 * The command line: `outrider VERB …`.
 *
 * @module
 */

import deno from "../../deno.json" with { type: "json" };
import { askVerb } from "./verbs/ask.ts";
import { callVerb } from "./verbs/call.ts";
import { checkVerb } from "./verbs/check.ts";
import { compileVerb } from "./compile/compile.ts";
import { complainOneLineEach, EXIT, nearestWord, type Verb } from "./verb.ts";
import { errorsVerb } from "./verbs/errors.ts";
import { explainVerb } from "./verbs/explain.ts";
import { reportBug, runGuarded } from "./exit.ts";
import { importVerb } from "./verbs/import.ts";
import { init } from "./verbs/init.ts";
import { permissionsVerb } from "./verbs/permissions.ts";
import { pipeVerb } from "./verbs/pipe.ts";
import { restartVerb } from "./verbs/restart.ts";
import { schemaVerb } from "./verbs/schema.ts";
import { statusVerb } from "./verbs/status.ts";
import { terminateVerb } from "./verbs/terminate.ts";
import { upVerb } from "./verbs/up.ts";

const VERBS: Readonly<Record<string, Verb>> = {
  up: upVerb,
  ask: askVerb,
  call: callVerb,
  pipe: pipeVerb,
  check: checkVerb,
  explain: explainVerb,
  init,
  import: importVerb,
  permissions: permissionsVerb,
  compile: compileVerb,
  schema: schemaVerb,
  errors: errorsVerb,
  status: statusVerb,
  restart: restartVerb,
  terminate: terminateVerb,
};

const HELP = `Outrider runs sidecars as supervised actors.

Usage: outrider VERB [FILE | SOCKET] [OPTIONS]

${Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`).join("\n")}

  --help       this text; after a VERB, all about that verb
  --version    the version

Exit code: 0 all went well; 1 the tree gave up or could not start, or nobody
answers; 2 a bad manifest or command line; 3 a permission is missing; 4 the
answer is an error; 5 no answer in time; 130 ended by force by a second signal,
or by any signal before all was answered.`;

export { runCompiled } from "./compiled/run.ts";
export type { CompiledRun } from "./compiled/run.ts";
export type { Compiled, Embedded } from "./compile/plan.ts";

/** Runs one command line, and returns the exit code. Never throws for what a user can get wrong. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    await complainOneLineEach(...HELP.split("\n"));
    return EXIT.USAGE;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    console.log(HELP);
    return EXIT.OK;
  }
  if (name === "--version" || name === "-V") {
    console.log(`outrider ${deno.version} (deno ${Deno.version.deno})`);
    return EXIT.OK;
  }
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) {
    const near = nearestWord(name, Object.keys(VERBS));
    const hint = near === undefined ? "" : `; did you mean '${near}'?`;
    await complainOneLineEach(
      `Cannot do '${name}': verbs are ${Object.keys(VERBS).join(", ")}${hint}`,
      "See outrider --help",
    );
    return EXIT.USAGE;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(verb.help);
    return EXIT.OK;
  }
  return await runGuarded(() => verb.run(rest), { args: rest, help: `See outrider ${name} --help` });
}

if (import.meta.main) Deno.exit(await main(Deno.args).catch(reportBug));
