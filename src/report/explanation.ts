/**
 * A dry run of a death, in the words of the terminal.
 */

import type { DeathCause } from "../actor/exit.ts";
import type { Decision, Explanation, Step } from "../supervision/explain/explanation.ts";
import type { RestartDecision } from "../supervision/restart/restart_rules.ts";
import { formatCount, formatDuration } from "../text/words.ts";
import { ruleText } from "./restart_rule.ts";

/** The width that lists of children are broken at. */
const WIDTH = 100;

/** An explanation, as lines. */
export function explanationLines(
  explanation: Explanation,
  { name, path, death, times }: {
    /** Of the tree. */
    readonly name: string;
    /** The child that dies. */
    readonly path: string;
    readonly death: DeathCause;
    /** How often in a row was asked for. */
    readonly times: number;
  },
): string[] {
  const { nth, decisions, active } = explanation;
  const lines = firstStartLines(explanation, name);
  for (const [index, decision] of decisions.entries()) {
    lines.push(
      index === 0 ? `${path} ${howItDies(death, decision)}${inARow(nth)}` : `${decision.path} ends`,
      "",
    );
    lines.push(...rowsOf(decision, name).flatMap(([label, text]) => row(label, text)), "");
  }
  if (nth < times && nth > 0) {
    lines.push(`It can't die so ${formatCount(times, "time")} in a row: after that it does not run.`);
  }
  const last = decisions.at(-1);
  if (last !== undefined && !active) {
    const gaveUp = last.outcome === "give_up";
    lines.push(`Nothing runs any more: 'outrider up' ends, with exit code ${gaveUp ? 1 : 0}.`);
  }
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

/** What the death is while the tree starts, and when what follows is said of. */
function firstStartLines({ nth, failedStart, isRetried, atFirstStart }: Explanation, name: string): string[] {
  const { beforeReady, failsAfter } = atFirstStart;
  if (isRetried) {
    if (nth === 0) return ["No restart of it can fail, as none is allowed."];
    return failedStart ? ["When the tree starts, and later:", ""] : [];
  }
  const end = `what had started is stopped again, and '${name}' does not start.`;
  if (failedStart) {
    const later = nth === 0
      ? "Later no restart of it can fail, as none is allowed."
      : "Later it is a restart that fails:";
    return [`When the tree starts, that is final: ${end}`, later, ""];
  }
  if (failsAfter.length > 0) {
    const who = failsAfter.join(", ");
    return [`When the tree starts, that is final, as ${who} can't start then: ${end}`, "Later:", ""];
  }
  if (!beforeReady) return [];
  return [`When the tree starts, and before it is ready, that is final: ${end}`, "Once it is ready:", ""];
}

type Row = readonly [label: string, text: string | readonly string[]];

function rowsOf(decision: Decision, name: string): Row[] {
  const { path, ruling, nth, intensity, outcome, coolDown, steps } = decision;
  const supervisor = decision.supervisor === "/" ? name : decision.supervisor;
  const isOwn = intensity.per === "child";
  const owner = isOwn ? path : supervisor;
  const rows: Row[] = [["verdict", ruled(decision)]];
  if (nth !== undefined) {
    const spare = Math.max(0, intensity.restarts - nth);
    const allowed = `${intensity.restarts} within ${formatDuration(intensity.within)}`;
    rows.push([
      "budget",
      nth <= intensity.restarts
        ? `restart ${nth} of ${allowed}, ${spare === 0 ? "none" : spare} left to ${owner}`
        : `it would be restart ${nth}, and ${owner} has ${allowed}`,
    ]);
  }
  if (outcome === "give_up") rows.push(["limit", `${supervisor} gives up: it stops its children and ends`]);
  if (outcome === "shut_down") {
    rows.push(["shutdown", `${supervisor} ends, as its autoShutdown says: ${path} is significant`]);
  }
  if (outcome === "quarantine") {
    const until = coolDown === undefined ? "until it is started by hand" : `for ${formatDuration(coolDown)}`;
    const budget = isOwn ? "" : ", with a new budget";
    rows.push(["limit", `${path} is held in quarantine ${until}; its siblings live on${budget}`]);
  }
  rows.push(...stepRows(steps));
  if (steps.length === 0 && ruling.verdict !== "restart") {
    rows.push(["others", "nothing happens to them"]);
  }
  return rows;
}

/** Groups consecutive steps of one kind into one row. */
function stepRows(steps: readonly Step[]): Row[] {
  const rows: [Step["do"], string[]][] = [];
  for (const step of steps) {
    const last = rows.at(-1);
    if (last?.[0] === step.do && step.do !== "wait") last[1].push(wordOf(step));
    else rows.push([step.do, [wordOf(step)]]);
  }
  return rows;
}

function wordOf(step: Step): string {
  if (step.do === "start") return step.path;
  if (step.do === "stop") return step.forgotten ? `${step.path} (temporary: forgotten)` : step.path;
  return step.min === step.max
    ? formatDuration(step.min)
    : `${formatDuration(step.min)} to ${formatDuration(step.max)}`;
}

function row(label: string, text: string | readonly string[]): string[] {
  const lines: string[] = [];
  let line = "";
  for (
    const word of typeof text === "string"
      ? [text]
      : text.map((one, i) => i < text.length - 1 ? `${one},` : one)
  ) {
    if (line !== "" && line.length + word.length + 1 > WIDTH - 12) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line].map((line, i) => `  ${(i === 0 ? label : "").padEnd(8)}  ${line}`);
}

function inARow(nth: number): string {
  if (nth === 1) return "";
  const [tens, ones] = [Math.floor(nth / 10) % 10, nth % 10];
  const suffix = tens === 1 ? "th" : ["th", "st", "nd", "rd"][ones] ?? "th";
  return `, for the ${nth}${suffix} time in a row`;
}

function howItDies({ kind, code, signal }: DeathCause, { type }: Decision): string {
  if (kind === "completed" && type === "supervisor") return "ends in order";
  if (kind === "completed" && signal !== undefined) return `is ended by ${signal}, a success`;
  if (kind === "completed" && code) return `exits with code ${code}, a success`;
  const dies = DEATHS[kind];
  if (kind === "exit_code") return `${dies} ${code}`;
  return kind === "signal" ? `${dies} ${signal}` : dies;
}

const DEATHS: Readonly<Record<DeathCause["kind"], string>> = {
  completed: "exits with code 0",
  exit_code: "exits with code",
  signal: "is ended by",
  exception: "fails with an exception",
  killed: "is ended by force",
  not_ready: "does not get ready in time",
  unhealthy: "fails its liveness probe",
  over_limit: "uses more than its limits allow",
  protocol: "breaks its protocol",
  unstartable: "can't be started at all",
};

function ruled({ ruling, restart, death }: Decision): string {
  const verdict = VERDICTS[ruling.verdict];
  return `${verdict}${ruling.by === "unstartable" && ruling.verdict === "restart" ? ", as" : ":"} ${
    ruleText({ ...ruling, restart, death })
  }`;
}

const VERDICTS: Readonly<Record<RestartDecision["verdict"], string>> = {
  restart: "start it again",
  keep: "leave it stopped",
  forget: "leave it stopped, and forget it",
};
