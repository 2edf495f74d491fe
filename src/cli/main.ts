/**
 * The command line: `outrider VERB …`.
 *
 * @module
 */

import deno from "../../deno.json" with { type: "json" };
import { ask } from "./verbs/ask.ts";
import { call } from "./verbs/call.ts";
import { check } from "./verbs/check.ts";
import { compile } from "./compile/compile.ts";
import { EXIT, nearest, tellAll, type Verb } from "./verb.ts";
import { errors } from "./verbs/errors.ts";
import { explain } from "./verbs/explain.ts";
import { guarded, unforeseen } from "./exit.ts";
import { importTauri } from "./verbs/import.ts";
import { init } from "./verbs/init.ts";
import { permissions } from "./verbs/permissions.ts";
import { pipe } from "./verbs/pipe.ts";
import { restart } from "./verbs/restart.ts";
import { schema } from "./verbs/schema.ts";
import { status } from "./verbs/status.ts";
import { terminate } from "./verbs/terminate.ts";
import { up } from "./verbs/up.ts";

const VERBS: Readonly<Record<string, Verb>> = {
  up,
  ask,
  call,
  pipe,
  check,
  explain,
  init,
  import: importTauri,
  permissions,
  compile,
  schema,
  errors,
  status,
  restart,
  terminate,
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
    await tellAll(...HELP.split("\n"));
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
    const near = nearest(name, Object.keys(VERBS));
    const hint = near === undefined ? "" : `; did you mean '${near}'?`;
    await tellAll(
      `Cannot do '${name}': verbs are ${Object.keys(VERBS).join(", ")}${hint}`,
      "See outrider --help",
    );
    return EXIT.USAGE;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(verb.help);
    return EXIT.OK;
  }
  return await guarded(() => verb.run(rest), { args: rest, help: `See outrider ${name} --help` });
}

if (import.meta.main) Deno.exit(await main(Deno.args).catch(unforeseen));
