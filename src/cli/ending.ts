/**
 * How a verb that ran a tree ends.
 *
 * @module
 */

import { verdict } from "../report/cause.ts";
import type { App, Outcome } from "../launch/app.ts";
import { EXIT } from "./exit_code.ts";
import type { ExitCode } from "./exit_code.ts";
import { seeAlso, tell } from "./failure.ts";

/** How a verb tells of its end. */
export interface EndingOptions {
  /** Of the manifest. */
  readonly name: string;
  /** After an orderly end. */
  readonly stopped: ExitCode;
  /** Whether a failure is told as data. Default: in words. */
  readonly json?: boolean;
}

/** Starts a tree, and tells how it came out. */
export async function outcomeOf(app: App): Promise<Outcome> {
  await app.start().catch(() => {}); // told by the outcome
  return await app.outcome;
}

/** The exit code after `outcome`, and a word on standard error where the tree failed. */
export async function codeAfter(
  outcome: Outcome,
  { name, stopped, json = false }: EndingOptions,
): Promise<ExitCode> {
  switch (outcome.how) {
    case "stopped":
    case "finished":
      return stopped;
    case "start_failed":
    case "gave_up":
      await tell(outcome.cause, { json, lines: [verdict(outcome.cause, name), ...seeAlso(outcome.cause)] });
      return EXIT.FAILED;
    case "forced":
      return EXIT.FORCED;
  }
}
