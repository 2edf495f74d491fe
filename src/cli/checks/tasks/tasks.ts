/**
 * Finds flags in the tasks of the nearest `deno.json` that no longer match the manifest, for `check`.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { containmentPermissions } from "../../../containment/guarantees.ts";
import { isModule, type Loaded } from "../../../manifest/load.ts";
import { subsetFor } from "../../../manifest/resolve/subset.ts";
import type { ManifestPermission } from "../../../manifest/grants/permissions.ts";
import { candidateFiles } from "../../../permissions/find_program.ts";
import { missingPermissions } from "../../../permissions/permit.ts";
import type { CheckIssue } from "../issues.ts";
import { permissionsFor } from "../prepare.ts";
import { startPermissions } from "../start_cost.ts";
import { compare, type Comparison, type PermissionDifference } from "./compare.ts";
import { type Config, nearestConfig } from "./config.ts";
import { grantedBy } from "./granted.ts";
import { type Run, runsOf } from "./runs.ts";

/** An issue of a task: a reason for which `up` would be refused, an unknown part, or an excess permission. */
export type TaskIssue = Pick<CheckIssue, "kind"> & { readonly lines: readonly string[] };

/** Further variables that a run reads; see `src/containment/folder.ts`. */
const STATE = ["XDG_STATE_HOME", "HOME"];

/** So many tasks are looked at, and none that is longer: a file of others' making must not hold `check` for minutes. */
const [MAX_TASKS, MAX_TASK_LENGTH] = [1_000, 10_000];

/** A flag that grants nothing, whatever its value is. */
const NO_PERMISSION = /^--(?!allow-|deny-|ignore-|permission-set)/;

/** Lists the issues of the tasks that start `loaded`: refusals, unknown parts, excess permissions. */
export function taskLines(
  loaded: Loaded,
): { faults: readonly string[]; notes: readonly string[]; warnings: readonly string[] } {
  const all = differences(loaded);
  const of = (kind: TaskIssue["kind"]) =>
    all.filter((one) => one.kind === kind).flatMap(({ lines }) => lines.map((line) => `  ${line}`));
  return { faults: of("fault"), notes: of("unknown"), warnings: of("warning") };
}

function differences(loaded: Loaded): TaskIssue[] {
  const config = nearestConfig(loaded.file);
  if (config === undefined) return [];
  if ("unknown" in config) return [{ lines: [config.unknown], kind: "unknown" }];
  const place = (name: string) => `task "${name}" of ${basename(config.file)}`;
  return [...config.tasks].flatMap(([name, command], index): TaskIssue[] => {
    if (index > MAX_TASKS) return [];
    if (index === MAX_TASKS) {
      return [{ lines: [`more than the first ${MAX_TASKS} tasks of ${config.file}`], kind: "unknown" }];
    }
    if (command.length > MAX_TASK_LENGTH) {
      const line = `${place(name)}: it has more than ${MAX_TASK_LENGTH} characters`;
      return [{ lines: [line], kind: "unknown" }];
    }
    return runsOf(command, { folder: dirname(config.file), file: loaded.file })
      .flatMap((run) => findings(run, { loaded, config, task: place(name) }));
  });
}

function findings(
  run: Run,
  { loaded, config, task }: { loaded: Loaded; config: Config; task: string },
): TaskIssue[] {
  const open = run.flags.find((word) => word.open && !NO_PERMISSION.test(word.text));
  if (open !== undefined) {
    const line = `${task}: what ${open.text} gives is known only when it runs`;
    return [{ lines: [line], kind: "unknown" }];
  }
  const permissions = permissionsOf(run, loaded);
  if (permissions === undefined) return [];
  const granted = grantedBy(run.flags.map(({ text }) => text), {
    sets: config.permissions,
    folder: dirname(config.file),
  });
  const compared = compare(granted, permissions, {
    folder: run.folder,
    readsMore: isModule(loaded.file),
    optional: [
      ...containmentPermissions(),
      ...startPermissions(loaded.manifest, permissions).flatMap(({ name, value }) =>
        value === undefined ? [] : [{ name, value }]
      ),
      ...STATE.map((value) => ({ name: "env", value })),
    ],
    find,
  });
  const notes = [
    ...granted.denials.map((denial) => `${task}: ${denial}, which may take away what is needed`),
    ...compared.unclear.map((name) =>
      `${task}: which file "${name}" is; add --allow-read and --allow-env=PATH`
    ),
  ].map((line): TaskIssue => ({ lines: [line], kind: "unknown" }));
  if (compared.differences.length === 0) return notes;
  const kind = compared.differences.some(({ lacks }) => lacks.length > 0) ? "fault" : "warning";
  const place = granted.set === undefined ? task : `${task}, with its permissions "${granted.set}"`;
  const found = differenceLines(compared).map((line) => `  ${line}`);
  return [{ lines: [`${place}:`, ...found], kind }, ...notes];
}

/** The needs of `run`; `undefined`: it names a child that does not exist. */
function permissionsOf(run: Run, { manifest, reads }: Loaded): readonly ManifestPermission[] | undefined {
  if (run.verb === "up") return permissionsFor(manifest, reads, run.control).all;
  const child = run.rest.find(({ text }) => !text.startsWith("-"));
  const part = child === undefined ? undefined : subsetFor(manifest, child.text);
  return part && permissionsFor(part, reads).all;
}

/** Lists each difference on a line, and the exact flags. */
export function differenceLines({ differences, exact }: Comparison): string[] {
  const width = Math.max(...differences.map(({ name }) => name.length));
  return [
    ...differences.map((differences) =>
      `--allow-${differences.name.padEnd(width)}  ${difference(differences)}`
    ),
    `exactly enough: ${exact}`,
  ];
}

function difference({ lacks, unneeded, broad }: PermissionDifference): string {
  return [
    ...(lacks.length === 0 ? [] : [`lacks ${lacks.join(", ")}`]),
    ...(unneeded.length === 0 ? [] : [`has ${unneeded.join(", ")}, which nothing needs`]),
    ...broad.map(({ value, enough }) => `has ${value}, where ${enough.join(", ")} would do`),
  ].join("; ");
}

/** On Deno's own PATH, as `--allow-run` looks a name up. */
function find(name: string): string | undefined | null {
  if (missingPermissions([{ name: "env", value: "PATH" }]).length > 0) return null;
  const path = Deno.env.get("PATH");
  const { maybe, found } = candidateFiles(name, path === undefined ? {} : { path });
  return maybe.length > 0 ? null : found;
}
