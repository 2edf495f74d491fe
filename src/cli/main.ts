/**
 * The command line: `outrider VERB …`.
 *
 * @module
 */

import deno from "../../deno.json" with { type: "json" };
import { ContainmentError } from "../containment/errors.ts";
import { ControlError } from "../control/errors.ts";
import { ManifestError } from "../manifest/errors.ts";
import { PermissionFlagError } from "../manifest/permissions.ts";
import { check } from "./check.ts";
import { complain, nearest, UsageError } from "./command.ts";
import type { Verb } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { explain } from "./explain.ts";
import { permissions } from "./permissions.ts";
import { restart } from "./restart.ts";
import { schema } from "./schema.ts";
import { status } from "./status.ts";
import { terminate } from "./terminate.ts";
import { up } from "./up.ts";

const VERBS: Readonly<Record<string, Verb>> = {
  up,
  check,
  explain,
  permissions,
  schema,
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
answers at SOCKET; 2 a bad manifest or command line; 3 a permission is
missing; 130 ended by force by a second signal.`;

/** Runs one command line, and returns the exit code. Never throws for what a user can get wrong. */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    await complain(HELP);
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
    await complain(
      `Cannot do '${name}': verbs are ${Object.keys(VERBS).join(", ")}${hint}`,
      "See outrider --help",
    );
    return EXIT.USAGE;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(verb.help);
    return EXIT.OK;
  }
  try {
    return await verb.run(rest);
  } catch (error) {
    if (error instanceof ManifestError) {
      await complain(error.message);
      return error.missingFlag === undefined ? EXIT.USAGE : EXIT.PERMISSION;
    }
    if (error instanceof ContainmentError) {
      await complain(error.message);
      return EXIT.FAILED;
    }
    if (error instanceof ControlError) {
      await complain(error.message);
      return error.code === "bad_path" || error.code === "unsupported" ? EXIT.USAGE : EXIT.FAILED;
    }
    if (error instanceof PermissionFlagError) {
      await complain(error.message);
      return EXIT.USAGE;
    }
    if (!(error instanceof UsageError)) throw error;
    await complain(error.message, `See outrider ${name} --help`);
    return EXIT.USAGE;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
