/**
 * How a verb that ran a tree ends.
 *
 * @module
 */

import { verdict } from "../report/cause.ts";
import type { Outcome } from "../runtime.ts";
import { complain } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import type { ExitCode } from "./exit_code.ts";

/** The exit code after `outcome`, and a word on standard error where the tree failed; `stopped`: after an orderly end. */
export async function codeAfter(
  outcome: Outcome,
  { name, stopped }: { readonly name: string; readonly stopped: ExitCode },
): Promise<ExitCode> {
  switch (outcome.how) {
    case "stopped":
    case "finished":
      return stopped;
    case "start_failed":
    case "gave_up":
      await complain(verdict(outcome.cause, name));
      return EXIT.FAILED;
    case "forced":
      return EXIT.FORCED;
  }
}
