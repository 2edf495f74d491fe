/**
 * Programs without a process: they follow a script, on any clock
 * they are given.
 */

import { SimulationError } from "./simulation_errors.ts";
import type { ChildProcess, SpawnOptions } from "../process/child_process.ts";
import { SpawnedProcess } from "../process/child.ts";
import type { Command } from "../process/command.ts";
import { systemClock } from "../time/clock.ts";
import { ProcessLife } from "./process_life.ts";
import { checkedScripts, type ProcessScripts, scriptOf } from "./script.ts";

/** Lives that a fake process remembers; the oldest go first. */
export const LIVES_KEPT = 1_000;
/** Where the numbers of fake processes begin: beyond those of any real one on Linux. */
export const FIRST_PID = 5_000_000;

let nextPid = FIRST_PID;

/** A program under a test's control. */
export interface FakeProcess {
  /** For the option `spawn` of a sidecar. */
  readonly spawn: (command: Command, options?: SpawnOptions) => ChildProcess;
  /** How many times it was started. */
  readonly starts: number;
  /** Its last lives, oldest first; {@linkcode LIVES_KEPT} at most. */
  readonly lives: readonly ProcessLife[];
  /** The latest. @throws {Error} it was never started */
  readonly life: ProcessLife;
}

/**
 * A fake program. It is fake up to its pipes and its exit status; the code that reads and writes those is the
 * runtime's own.
 *
 * @throws {OptionError} a key of a script that does not exist, or a value that it can't have
 *
 * @example A program that dies of its third message, in its first life only
 * ```ts
 * import { supervisor, sidecar } from "@outrider/outrider";
 * import { fakeProcess, simulate } from "@outrider/outrider/testing";
 *
 * const upper = fakeProcess([
 *   { protocol: "lines", reply: (line) => line.toUpperCase(), dies: { onMessage: 3, with: "SIGSEGV" } },
 *   { protocol: "lines", reply: (line) => line.toUpperCase() },
 * ]);
 * const spec = sidecar("upper", { command: "upper", protocol: "lines", spawn: upper.spawn });
 * await using simulation = await simulate(supervisor("root", [spec]));
 * console.log(await simulation.settled(simulation.ref("upper").ask("hello"))); // HELLO
 * ```
 */
export function fakeProcess(given: ProcessScripts = {}): FakeProcess {
  const scripts = checkedScripts(given);
  const lives: ProcessLife[] = [];
  let starts = 0;
  return {
    spawn(command, options = {}) {
      const script = scriptOf(scripts, starts + 1);
      starts++;
      if (script.cannotStart !== undefined) throw script.cannotStart;
      const timers = options.timers ?? systemClock;
      const life = new ProcessLife(script, { life: starts, pid: nextPid++, command, timers });
      lives.push(life);
      if (lives.length > LIVES_KEPT) lives.shift();
      return new SpawnedProcess(life, options);
    },
    get starts() {
      return starts;
    },
    lives,
    get life() {
      const life = lives.at(-1);
      if (life === undefined) {
        throw new SimulationError(
          "never_started",
          "Cannot look at the life of a process that was never started",
        );
      }
      return life;
    },
  };
}
