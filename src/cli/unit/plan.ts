/**
 * What a service manager is told of a manifest, before it is written in the words of one of them.
 */

import { visible, visibleLines } from "../../text/printable.ts";
import type { ServiceEnvironment } from "./environment.ts";

/** A command line and what holds for it. */
export interface ServicePlan {
  /** The tree's name. */
  readonly name: string;
  /** What the tree is for. */
  readonly description: string | undefined;
  /** The words of the command, programs and flags; none of them is quoted. */
  readonly command: readonly string[];
  /** The folder that it runs in: that of the manifest. */
  readonly cwd: string;
  /** What it is started with. */
  readonly environment: ServiceEnvironment;
  /** The command that fetches all modules it may need; `undefined`: it has them. */
  readonly fetch: readonly string[] | undefined;
  /** Whether it tells systemd how it is. */
  readonly notifies: boolean;
  /** Milliseconds that a stop may take, all in all. */
  readonly stopWithin: number;
}

/** Why a file of `format` can't carry a plan, as a clause with the way out; `undefined`: it can. */
export function unfitFor(format: string, { cwd, command, environment }: ServicePlan): string | undefined {
  // A path that ends in a backslash would go on in the next line, and a line break would end the value.
  if (format === "systemd" && /\n|\\$/.test(cwd)) {
    return `the folder ${visible(cwd)} has a line break, or a backslash at its end; rename it`;
  }
  const values = Object.entries(environment.values).map(([name, value]) =>
    [`the variable ${name}`, value] as const
  );
  const words = command.map((word) => ["the command line", word] as const);
  const texts = [["the folder", cwd], ["the user", environment.user ?? ""], ...values, ...words] as const;
  // Both can be written in a quoted word, and in XML.
  const unfit = texts.find(([, text]) => text !== visibleLines(text));
  return unfit &&
    `${unfit[0]} has characters that can't be printed: ${visible(unfit[1])}; rename what has them`;
}

/** Milliseconds that the manager waits beyond the stop of the tree. */
export const STOP_MARGIN_MS = 5_000;
