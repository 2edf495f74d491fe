/**
 * `outrider permissions FILE`
 *
 * @module
 */

import { basename } from "node:path";
import { isModule } from "../manifest/load.ts";
import { containmentNeeds } from "../containment/guarantees.ts";
import { flags, shellQuote } from "../manifest/permissions.ts";
import type { Need } from "../manifest/permissions.ts";
import { complain, readFileAnd } from "./command.ts";
import type { Verb } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { prepare } from "./ready.ts";

/** Prints the smallest permissions. */
export const permissions: Verb = {
  summary: "print the smallest deno run flags that FILE needs",
  help: `Usage: outrider permissions FILE [--control PATH] [--contain]

Prints, on one line, the smallest flags of deno run under which
'outrider up FILE' works: the programs it starts, the environment variables
they inherit, the manifest itself, the files that hold their secrets or are
pinned, and the ports that their probes connect to.
Starts nothing. Files that a manifest in TypeScript imports are not listed;
then it says so on standard error.

  --control PATH  also what a control socket there needs
  --contain       also what it takes to end all that sidecars have started, to
                  find what a killed run has left, and to refuse a second one

  deno run $(outrider permissions FILE) jsr:@outrider/outrider/cli up FILE`,

  async run(args) {
    const { file, values } = readFileAnd(args, { control: { type: "string" }, contain: { type: "boolean" } });
    const { all } = await prepare(file, values);
    if (isModule(file)) {
      const name = basename(file);
      await complain(
        `Not listed: what ${name} imports; each local file needs --allow-read too, and 'deno info ${name}' names them`,
      );
    }
    const more = values.contain ? containmentNeeds() : [];
    const needs = [...all, ...more.map((need) => ({ ...need, children: [] }) as Need)];
    console.log(flags(needs).map(shellQuote).join(" "));
    return EXIT.OK;
  },
};
