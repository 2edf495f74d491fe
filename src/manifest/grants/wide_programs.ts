/**
 * The programs of a manifest that can run any other. Pure.
 */

import { launcherOf } from "../../options/launcher.ts";
import type { Manifest } from "../fields/types.ts";
import { type PlacedProgram, type ProgramEntry, programsOf } from "../resolve/children.ts";
import type { PermissionPurpose, PermissionReason } from "./reasons.ts";
import { bareName, runsAnything } from "./run_anything.ts";

/** The clause for a launcher that is not known by its name. */
const LAUNCHER = "is a launcher: it starts the program that its arguments name";

/** A program whose permission amounts to running everything, and the sidecars that need it. */
export interface UnrestrictedProgram {
  /** As the manifest has it. */
  readonly program: string;
  /** The clause after its name: `is a shell`. */
  readonly what: string;
  /** The reasons it is run for. */
  readonly why: readonly PermissionReason[];
}

/** Where a program's links lead, as far as that may be known: the file at their end, if it is another one. */
export type FollowLinks = (program: string, entry: ProgramEntry) => string | undefined;

/**
 * Lists each of them once, in the order of the manifest: programs that Outrider itself would run, so of a sidecar
 * with a launcher that launcher, whatever it is called, and not the program. A program that is not known by its name
 * may be a link to one.
 */
export function unrestrictedPrograms(
  manifest: Manifest,
  follow: FollowLinks = () => undefined,
): UnrestrictedProgram[] {
  const guardian = manifest.onHostDeath === "guard"
    ? [{ program: "sh", what: runsAnything("sh")!, why: [{ purpose: "guardian" } as const] }]
    : [];
  const all = [...programsOf(manifest).flatMap((placed) => ofSidecar(placed, follow)), ...guardian];
  return [...Map.groupBy(all, ({ program, what }) => `${program}\n${what}`).values()].map((same) => ({
    ...same[0]!,
    why: same.flatMap(({ why }) => why),
  }));
}

function ofSidecar({ path: child, entry }: PlacedProgram, follow: FollowLinks): UnrestrictedProgram[] {
  const { command, probes = {}, stop, args: rules = [] } = entry;
  const launcher = launcherOf(entry);
  const wide = (
    program: string,
    { args, purpose, otherwise }: {
      args?: readonly string[] | "any";
      purpose: PermissionPurpose;
      otherwise?: string;
    },
  ): UnrestrictedProgram[] => {
    const what = runsAnything(program, args) ?? byLink(follow(program, entry), args) ?? otherwise;
    return what === undefined ? [] : [{ program, what, why: [{ child, purpose }] }];
  };
  const wideStop = ([program, ...args]: readonly string[] = []) =>
    program === undefined ? [] : wide(program, { args, purpose: "stop" });
  // A template may take any arguments; those that it has rules for are not known here.
  const args = rules === true ? "any" : rules.filter((arg) => typeof arg === "string");
  return [
    ...(launcher === undefined
      ? wide(command, { args, purpose: "program" })
      : wide(launcher[0], { purpose: "launcher", otherwise: LAUNCHER })),
    ...Object.values(probes).flatMap((probe) => {
      if (probe === undefined || !("command" in probe)) return [];
      const [program = "", ...args] = probe.command;
      return wide(program, { args, purpose: "probe" });
    }),
    ...wideStop(typeof stop === "object" ? stop.command : undefined),
  ];
}

/** Files that hold many programs, and act as the one they are called by. */
const MANY_IN_ONE = new Set(["busybox", "toybox", "coreutils"]);

function byLink(file: string | undefined, args: readonly string[] | "any" | undefined): string | undefined {
  if (file === undefined || MANY_IN_ONE.has(bareName(file))) return undefined;
  const what = runsAnything(file, args);
  return what === undefined ? undefined : `leads to ${file}, which ${what}`;
}
