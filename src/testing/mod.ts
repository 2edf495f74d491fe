/**
 * To test a tree of your own without processes and without waiting: time that
 * passes when you say so, and programs that follow a script.
 *
 * Nothing here depends on a test framework, and a run is the same each time. A day of crashes passes in about a second.
 *
 * | what                                | how                                                                   |
 * | ----------------------------------- | --------------------------------------------------------------------- |
 * | it answers                          | `protocol: "lines", reply: (line, { life, message }) => …`            |
 * | it is slow                          | `takes: 200`: reads one message each 200 ms, so writes come to wait    |
 * | it gets ready late                  | `says: [{ after: 3_000, stdout: "ready" }]`                           |
 * | it writes junk                      | `says: [{ onMessage: 2, raw: "\x00{{" }]`                             |
 * | it has last words                   | `says: [{ onMessage: 3, stderr: "out of memory" }]`                   |
 * | it crashes at the third message     | `dies: { onMessage: 3, with: 1 }` or `with: "SIGSEGV"`                |
 * | it lives for a minute               | `dies: { after: 60_000, with: 0 }`                                    |
 * | it hangs                            | `hangs: { onMessage: 1 }`                                             |
 * | it ignores SIGTERM                  | `signals: { SIGTERM: "ignore" }`, and `onEof: "ignore"`               |
 * | it takes its time to end            | `signals: { SIGTERM: { after: 900, with: 0 } }`                       |
 * | it closes stdin and lives on        | `closesStdin: { after: 100 }`                                         |
 * | it leaves a process with its pipes  | `leavesPipesOpen: true`                                               |
 * | it can't be started                 | `cannotStart: new Error("…")`                                         |
 * | each life is different              | a list of scripts, the last for all that follow; or `(life) => script` |
 *
 * @example
 * ```ts
 * import { supervisor, sidecar } from "@outrider/outrider";
 * import { simulate } from "@outrider/outrider/testing";
 *
 * const root = supervisor("root", [sidecar("db", { command: "db" })], {
 *   intensity: { restarts: 1_000, within: 3_600_000 },
 * });
 * await using simulation = await simulate(root, { processes: { db: { dies: { after: 120_000, with: 1 } } } });
 * await simulation.advance(24 * 3_600_000);
 * console.log(simulation.process("db").starts); // 719: every 120.2 s, the backoff included
 * ```
 *
 * @module
 */

export { EPOCH, MAX_TURNS, PATIENCE_MS, VirtualClock } from "./virtual_clock.ts";
export { SimulationError } from "./simulation_errors.ts";
export type { SimulationErrorCode } from "./simulation_errors.ts";
export { fakeProcess, FIRST_PID, LIVES_KEPT } from "./fake_process.ts";
export type { FakeProcess } from "./fake_process.ts";
export type { RunningProcess } from "../process/child_process.ts";
export { PIPE_BYTES, ProcessLife, RECEIVED_KEPT } from "./process_life.ts";
export type { LifeOptions } from "./process_life.ts";
export type {
  BytesScript,
  CommonScript,
  JsonScript,
  LinesScript,
  Moment,
  ProcessEnding,
  ProcessScript,
  ProcessScripts,
  ScriptContext,
  ScriptedDeath,
  ScriptedOutput,
  SignalEffect,
  SilentScript,
} from "./script.ts";
export { EVENTS_KEPT, NoScriptError, simulate, Simulation } from "./simulation.ts";
export type { SimulationOptions } from "./simulation.ts";
