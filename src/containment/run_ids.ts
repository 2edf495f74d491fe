/**
 * The mark that each process of a run has in its environment, and passes on: by it a process is found again, whatever
 * group or session it has made for itself. A program that starts one that is to outlive the run takes the variable away
 * from it.
 *
 * A mark names one process of one run. A run that is itself below a process of another one keeps that one's marks in
 * front of its own, so each of the two finds all that is below it.
 */
import type { ProcessOwner } from "../process/command.ts";

/** The variable; its value is a list of marks with commas between them. */
export const RUN_ID_VARIABLE = "OUTRIDER_RUN";

/** Marks of runs around this one that are passed on, the innermost ones. */
export const MAX_OUTER_RUN_IDS = 8;

const WELL_FORMED = /^[\w-]{1,64}(:\d+:\d+:[\w%!'()*~.-]{0,1024})?$/;

/** The mark of the process that a run starts as its `number`th. */
export function processRunId(run: string, number: number, { path, generation }: ProcessOwner): string {
  return `${run}:${number}:${generation}:${encodeURIComponent(path).slice(0, 1_024)}`;
}

/** The value of the variable for a process with `mark`, of a runtime that has the marks `outer` itself. */
export function runIdValue(outer: readonly string[], runId: string): string {
  return [...outer.slice(-MAX_OUTER_RUN_IDS), runId].join(",");
}

/**
 * The marks in an environment whose entries are in a line, with spaces between them. What is behind a mark must begin
 * an entry: then the mark is one as well, and not the middle of a value.
 */
export function runIdsIn(environment: string): string[] {
  const runIds: string[] = [];
  const name = `${RUN_ID_VARIABLE}=`;
  for (let at = environment.indexOf(name); at >= 0; at = environment.indexOf(name, at + 1)) {
    if (at > 0 && environment[at - 1] !== " ") continue;
    const end = (environment.indexOf(" ", at) + 1 || environment.length + 1) - 1;
    if (end < environment.length && !/^[^\s=]+=/.test(environment.slice(end + 1, end + 257))) continue;
    runIds.push(
      ...environment.slice(at + name.length, end).split(",").filter((runId) => WELL_FORMED.test(runId)),
    );
  }
  return runIds;
}

/** Whether a mark is one of that run; one without a number is of a version that had one mark a run. */
export function isOfRun(runId: string, run: string): boolean {
  return runId === run || runId.startsWith(`${run}:`);
}

/** Which process of `run` a mark is of; `undefined` where it is another run's, or has no number. */
export function numberIn(runId: string, run: string): number | undefined {
  if (!runId.startsWith(`${run}:`)) return undefined;
  const number = Number(runId.slice(run.length + 1).split(":", 1)[0]);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Where in the tree the process of a mark was, as far as the mark says it. */
export function addressIn(runId: string): ProcessOwner | undefined {
  const [, , generation, path] = runId.split(":");
  if (generation === undefined || path === undefined) return undefined;
  try {
    return { path: decodeURIComponent(path), generation: Number(generation) };
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
