/**
 * The method `act`: starts, stops or restarts several children, each after those that it depends on.
 */

import { asError } from "../../actor/exit.ts";
import { type CommandHandler, Refusal } from "../commands.ts";
import type { ActReport, ChildReport, ControlAction } from "../protocol.ts";
import { dependentsOf, orderOf, select } from "./selection.ts";

/**
 * Acts on the children that `patterns` name, and reports on each. What was begun goes on when no report is read any
 * more.
 *
 * @throws {Refusal} `not_found`: one of them names none; then nothing is done
 */
export async function* act(
  commands: CommandHandler,
  action: ControlAction,
  patterns: readonly string[],
): AsyncGenerator<ActReport, null> {
  const known = commands.status().children.map(({ path }) => path);
  const { paths, unmatched: [unmatched] } = select(patterns, known);
  // A child that its supervisor has forgotten, or never had, is refused with its supervisor's reason.
  const isOne = unmatched !== undefined && patterns.length === 1 && !unmatched.includes("*");
  if (unmatched !== undefined && !isOne) {
    throw new Refusal("not_found", `Cannot find '${unmatched}': it names no child`, { child: unmatched });
  }
  const wanted = isOne ? patterns : paths;
  const order = orderOf(action, wanted, commands.root);
  const reports = new Map<string, Promise<ActReport>>();
  const begin = (path: string): Promise<ActReport> => {
    const known = reports.get(path);
    if (known !== undefined) return known;
    const report = Promise.all(order.get(path)!.map(begin)).then(() => actOn(commands, action, path, wanted));
    reports.set(path, report);
    return report;
  };
  for (const path of wanted) void begin(path);
  for (const report of reports.values()) yield await report;
  return null;
}

/** Never rejects. */
async function actOn(
  commands: CommandHandler,
  action: ControlAction,
  path: string,
  others: readonly string[],
): Promise<ActReport> {
  const before = commands.child(path);
  if (before !== null && isAsWanted(before, action)) return { path, child: before, already: true };
  try {
    const child = await commands.act(action, path);
    const dependents = action === "stop" ? runningDependents(commands, path, others) : [];
    const released = action !== "stop" && before?.state === "quarantined";
    return { path, child, ...released && { released }, ...dependents.length > 0 && { dependents } };
  } catch (thrown) {
    const { message } = asError(thrown);
    const code = thrown instanceof Refusal ? thrown.code : "internal";
    return { path, child: commands.child(path), error: { code, message } };
  }
}

function isAsWanted({ state, ready }: ChildReport, action: ControlAction): boolean {
  return action === "start"
    ? state === "running" && ready !== false
    : action === "stop" && state === "stopped";
}

function runningDependents(
  commands: CommandHandler,
  path: string,
  others: readonly string[],
): readonly string[] {
  const dependents = dependentsOf(path, commands.root).filter((dependent) => !others.includes(dependent));
  return dependents.filter((dependent) => commands.child(dependent)?.state === "running");
}
