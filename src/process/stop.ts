/**
 * The stop sequence: drain, goodbye, a command of its own, close stdin, SIGTERM or another signal, SIGKILL, each step
 * with its own milliseconds.
 *
 * The sequence ends as soon as the process is reaped, and is taken to its last step otherwise, so it is always over after
 * the sum of its milliseconds and one SIGKILL. Signals go to the whole process group where Deno's permissions allow
 * that, see `group.ts`, the one that asks it to end also to the process alone; closing stdin and the goodbye reach the
 * one process.
 */
import type { ChildProcess, SignalReach } from "./child_process.ts";
import { systemClock, type Timers } from "../time/clock.ts";
import { defaultMs } from "../options/presets.ts";

/** Milliseconds for each step; `Infinity` waits for ever, less than 0 and NaN count as 0. */
export interface StopPlan {
  /** The time for pending requests to finish. */
  readonly drain: number;
  /** The time for the protocol's goodbye, where it has one. Default {@linkcode GOODBYE_MS}. */
  readonly goodbye?: number | undefined;
  /** The time for the exit after closing stdin; 0 goes on to SIGTERM at once. */
  readonly stdin: number;
  /** The time for the exit after SIGTERM, and after the command. */
  readonly term: number;
  /** The signal that asks it to end. Default SIGTERM. */
  readonly signal?: Deno.Signal | undefined;
  /** Who gets that signal. Default `group`. */
  readonly scope?: SignalReach | undefined;
  /** A program with its arguments that asks it to end. Default: none. */
  readonly command?: readonly string[] | undefined;
}

/** Milliseconds for a protocol's goodbye, by default. */
export const GOODBYE_MS: number = defaultMs("stop", "goodbye");

/** One step: do it, then wait `ms` for the exit (for `drain` and `goodbye`: for the exit or until it is done). */
export type StopStep =
  | { readonly do: "drain" | "goodbye" | "command" | "close_stdin" | Deno.Signal; readonly ms: number }
  | { readonly do: "SIGKILL" };

/** The step on which the process ended; `"exited"` if it had ended before the first. */
export type StoppedBy = "exited" | StopStep["do"];

/** The default stop sequence. */
export const DEFAULT_STOP: StopPlan = {
  drain: defaultMs("speakingStop", "drain"),
  stdin: defaultMs("speakingStop", "stdin"),
  term: defaultMs("speakingStop", "term"),
};

/** What a step takes at most, by the plan. */
export interface StepTimes {
  /** The step itself, in ms. */
  readonly ms: number;
  /** The steps that may come after it. */
  readonly after: number;
}

/** Settings of {@linkcode stop}. */
export interface StopOptions {
  /**
   * Settles when no request is pending; a function is called when draining starts, and returns `undefined` where none
   * is. Without it, nothing is drained.
   */
  readonly drained?: Promise<void> | (() => Promise<void> | undefined) | undefined;
  /** Says goodbye in the words of the protocol; fulfilled when the process has taken it. Without it, that step is skipped. */
  readonly goodbye?: (() => Promise<void>) | undefined;
  /** Runs the plan's command. Without it, that step is skipped. */
  readonly runCommand?: (() => Promise<void>) | undefined;
  /** Whether it has a stdin; without, the step that closes it is skipped. Default `true`. */
  readonly hasStdin?: boolean;
  /** The clock; default the machine's. */
  readonly timers?: Timers;
  /** How long a step may take; asked for at its begin. Default: its own time, also where this throws. */
  readonly stepTime?: ((times: StepTimes) => number) | undefined;
  /** Called just before each step; an error that it throws is reported when the sequence is over. */
  readonly onStep?: (step: StopStep) => void;
  /** Aborting it goes straight to SIGKILL. */
  readonly signal?: AbortSignal;
}

/** Returns the steps of a plan, as data. */
export function stopSteps(plan: StopPlan): readonly StopStep[] {
  return [
    { do: "drain", ms: plan.drain },
    { do: "goodbye", ms: plan.goodbye ?? GOODBYE_MS },
    ...plan.command === undefined ? [] : [{ do: "command", ms: plan.term } as const],
    { do: "close_stdin", ms: plan.stdin },
    { do: plan.signal ?? "SIGTERM", ms: plan.term },
    { do: "SIGKILL" },
  ];
}

/**
 * Takes the steps until `child` is reaped, and returns the one that ended it. Its pipes may still be draining: await
 * `child.closed` for those. Rejects with the error of a failed step, but only after the last one: a process that may not
 * be signalled has had the time of the last steps to end by itself.
 */
export async function stop(
  child: ChildProcess,
  plan: StopPlan,
  options: StopOptions = {},
): Promise<StoppedBy> {
  const { drained, goodbye, runCommand, hasStdin = true, timers = systemClock } = options;
  const { stepTime = ({ ms }) => ms, onStep, signal } = options;
  const exit = { over: false, wake: () => {} };
  const seen = () => {
    exit.over = true;
    exit.wake();
  };
  const watch = child.exited.then(seen, seen);
  await Promise.race([watch, Promise.resolve().then(() => {})]); // lets an exit that is already known be seen
  if (exit.over) return "exited";

  const failures: unknown[] = [];
  // A failure is passed on below: a sequence that is left half way would leave a process behind.
  const begin = (work: () => Promise<void> | undefined): Promise<void> | undefined => {
    try {
      return work()?.catch((error) => void failures.push(error));
    } catch (error) {
      failures.push(error);
    }
  };
  const attempt = (work: () => void): boolean => {
    const before = failures.length;
    begin(() => void work());
    return failures.length === before;
  };
  let by: StoppedBy = "exited";
  const steps = stopSteps(plan).filter(({ do: what }) =>
    what === "drain"
      ? drained !== undefined
      : what === "goodbye"
      ? goodbye !== undefined
      : what === "command"
      ? runCommand !== undefined
      : what !== "close_stdin" || hasStdin
  );
  for (const [index, step] of steps.entries()) {
    if (step.do !== "SIGKILL" && signal?.aborted) continue;
    by = step.do;
    if (onStep !== undefined) attempt(() => onStep(step));
    let enough: Promise<void> | undefined;
    if (step.do === "drain" || step.do === "goodbye") {
      enough = begin(
        step.do === "goodbye" ? goodbye! : typeof drained === "function" ? drained : () => drained,
      );
      if (enough === undefined) continue;
    } else if (step.do === "command") void begin(runCommand!);
    else if (step.do === "close_stdin") void begin(() => child.closeStdin());
    else if (!attempt(() => sendSignal(child, step.do as Deno.Signal, plan.scope)) && step.do === "SIGKILL") {
      // It is another user's, say. It may never end, and a stop must.
      await pause(exit, { ms: plan.term, enough: undefined, signal, timers });
      break;
    }
    if (step.do === "SIGKILL") await watch;
    else if (step.ms > 0 && !exit.over) {
      const after = steps.slice(index + 1).reduce((total, next) => total + ("ms" in next ? next.ms : 0), 0);
      let { ms } = step;
      attempt(() => ms = stepTime({ ms, after }));
      await pause(exit, { ms, enough, signal, timers });
    }
    if (exit.over) break;
  }
  if (failures.length > 0) throw failures[0];
  return by;
}

function sendSignal(child: ChildProcess, name: Deno.Signal, scope: SignalReach = "group"): void {
  child.signal(name, name === "SIGKILL" ? "group" : scope);
}

/** Waits for the exit, `enough`, the abort or the time, whichever is first, and leaves no timer or listener behind. */
function pause(
  exit: { wake: () => void },
  until: { ms: number; enough: Promise<void> | undefined; signal: AbortSignal | undefined; timers: Timers },
): Promise<void> {
  const { ms, enough, signal, timers } = until;
  return new Promise<void>((resolve) => {
    const wake = () => {
      timers.clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = timers.setTimeout(wake, ms);
    exit.wake = wake;
    enough?.then(wake);
    signal?.addEventListener("abort", wake);
  });
}
