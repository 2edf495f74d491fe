/**
 * How many restarts the programs of a list have, where another tool counts them for each by itself. Pure.
 *
 * A budget is one number for a list here, counted for each child. So it is taken where all that say one say the same, and
 * none says that it has no limit.
 */

import type { IntensityInput, OnLimitInput } from "../../options/types.ts";
import type { ImportPath, ImportReport } from "./report.ts";

/** What a program says of its restarts. */
export interface ProgramBudget {
  /** Where it says so. */
  readonly path: ImportPath;
  /** The most of them; `undefined`: no limit. */
  readonly restarts: number | undefined;
}

/** The fields of the list. */
interface BudgetFields {
  readonly intensity?: IntensityInput;
  readonly onLimit?: OnLimitInput;
}

/** The window in which restarts are counted, for tools that never forget one. */
const WITHIN = "1h";

/** The budget of a list with programs that are restarted; those that are not have none. */
export function budgetOf(programs: readonly ProgramBudget[], report: ImportReport): BudgetFields {
  const limited = programs.filter(({ restarts }) => restarts !== undefined);
  const [first] = limited;
  if (first === undefined) return {};
  const { restarts } = first;
  if (limited.length < programs.length || limited.some((other) => other.restarts !== restarts)) {
    for (const { path } of limited) report.leftOut(path, UNEQUAL);
    return {};
  }
  report.changed(first.path, `${restarts} within ${WITHIN}, then it is held back until 'outrider start'`);
  return { intensity: { restarts: restarts!, within: WITHIN }, onLimit: { quarantine: {} } };
}

const UNEQUAL =
  "a list has one budget for each of its children, and others of this one say another; as it is, " +
  "one that is restarted more than 5 times within 3 minutes is held back, and tried again later";
