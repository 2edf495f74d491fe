/**
 * Explains why a permission to run may be missing although its flag is there: Deno looks the names of `--allow-run` up
 * when it starts, and drops one that it does not find on its PATH. Used by the messages about missing permissions.
 */

import { findProgram } from "../../../permissions/find_program.ts";
import { isDenied, isPath, readVariable, type RequiredPermission } from "../../../permissions/permit.ts";
import { nearestKey, quoteChoices } from "../../../text/words.ts";

/** Programs that a name may be a misspelling of; what else is on the PATH may rarely be listed. */
const USUAL =
  ("sh bash cat sleep python python3 node deno bun npm npx ruby perl php java go docker podman ssh " +
    "sqlite3 psql postgres mysqld redis-server nginx caddy ffmpeg git make curl uv uvx").split(" ");

/**
 * Returns a clause about the programs among `missing` that Deno would drop, or has dropped; `undefined` if all are paths,
 * forbidden, or certain to be on the PATH. Never prompts.
 */
export function droppedProgramHint(missing: readonly RequiredPermission[]): string | undefined {
  const names = missing.filter((permission) =>
    permission.name === "run" && permission.value !== "" && !isPath(permission.value) && !isDenied(permission)
  ).map(({ value }) => value);
  const path = readVariable("PATH");
  const locations = new Map(names.map((name) => [name, findProgram(name, { path }).state]));
  const absent = path === undefined ? [] : names.filter((name) => locations.get(name) === "not_found");
  const unknown = names.filter((name) => path === undefined || locations.get(name) === "unknown");
  // What is certain says enough.
  const [dropped, when] = absent.length > 0 ? [absent, ""] : [unknown, "if that is there already, "];
  if (dropped.length === 0) return undefined;
  return `${when}${quoteChoices(dropped)} is not on the PATH, and Deno drops such a name: ${wayOut(dropped)}`;
}

function wayOut(programs: readonly string[]): string {
  if (programs.some((program) => /\s/.test(program))) return 'write arguments apart, into "args"';
  const [near] = programs.flatMap((program) =>
    USUAL.includes(program) ? [] : nearestKey(program, USUAL) ?? []
  );
  return near === undefined ? "install it or correct the name" : `did you mean "${near}"?`;
}
