/**
 * The programs of a manifest that can run any other. Pure.
 *
 * @module
 */

import type { Manifest } from "./entries.ts";
import type { PlacedProgram } from "./plant.ts";
import { programsOf } from "./plant.ts";
import type { Purpose, Reason } from "./reasons.ts";
import { runsAnything } from "./run_anything.ts";

/** What is said of one that is not known by its name. */
const LAUNCHER = "is a launcher: it starts the program that its arguments name";

/** A program whose permission is that to run everything, and who needs it. */
export interface WideProgram {
  /** As the manifest has it. */
  readonly program: string;
  /** What stands behind its name: `is a shell`. */
  readonly what: string;
  /** What it is run for. */
  readonly why: readonly Reason[];
}

/**
 * Each of them once, in the order of the manifest: what Outrider itself would run, so of a sidecar with a launcher that
 * launcher, whatever it is called, and not the program.
 */
export function widePrograms(manifest: Manifest): WideProgram[] {
  const guardian = manifest.onHostDeath === "guard" ? wide("sh", { reason: { purpose: "guardian" } }) : [];
  const all = [...programsOf(manifest).flatMap(ofSidecar), ...guardian];
  return [...Map.groupBy(all, ({ program, what }) => `${program}\n${what}`).values()].map((same) => ({
    ...same[0]!,
    why: same.flatMap(({ why }) => why),
  }));
}

function ofSidecar({ path: child, entry }: PlacedProgram): WideProgram[] {
  const { command, launcher, probes = {}, args: rules = [] } = entry;
  // A template may take any arguments; those that it has rules for are not known here.
  const args = rules === true ? "any" : rules.filter((arg) => typeof arg === "string");
  const reason = (purpose: Purpose): Reason => ({ child, purpose });
  return [
    ...(launcher === undefined
      ? wide(command, { args, reason: reason("program") })
      : wide(launcher[0], { reason: reason("launcher"), otherwise: LAUNCHER })),
    ...Object.values(probes).flatMap((probe) => {
      if (probe === undefined || !("command" in probe)) return [];
      const [program = "", ...args] = probe.command;
      return wide(program, { args, reason: reason("probe") });
    }),
  ];
}

function wide(
  program: string,
  { args, reason, otherwise }: { args?: readonly string[] | "any"; reason: Reason; otherwise?: string },
): WideProgram[] {
  const what = runsAnything(program, args) ?? otherwise;
  return what === undefined ? [] : [{ program, what, why: [reason] }];
}
