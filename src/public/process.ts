/**
 * Programs as processes: what starts and stops them, what they use, and what can go wrong with them.
 *
 * `sidecar` does all of this for you. This is for authors of actors that start programs in their own way, as `filter` does.
 *
 * @example An actor that runs a program for each message
 * ```ts
 * import { actor, launch } from "@outrider/outrider";
 * import { commandOf, startProcess } from "@outrider/outrider/process";
 *
 * const command = commandOf({ command: "echo", args: ["-n", "hello"] });
 * const echo = actor<"go", string>("echo", () => ({
 *   async receive(_, context) {
 *     const child = startProcess(command, {}, { context });
 *     const decoder = new TextDecoder();
 *     let text = "";
 *     const read = child.readStdout((chunk) => {
 *       text += decoder.decode(chunk, { stream: true });
 *     });
 *     await Promise.all([read, child.closeStdin(), child.closed]);
 *     return text;
 *   },
 * }));
 * await using app = await launch(echo);
 * console.log(await app.ref(echo).ask("go")); // hello
 * ```
 *
 * @module
 */

export { PatternError } from "../text/pattern.ts";
export { DEFAULT_INHERIT_ENV } from "../process/command.ts";
export { requiredForCommand, spawn } from "../process/spawn.ts";
export { requireStartPermissions } from "../process/start/start_permissions.ts";
export type { Command } from "../process/command.ts";
export type { Redactor, TextCut } from "../process/secrets/mask.ts";
export type { ProcessUsage } from "../process/ps.ts";
export type { RequiredPermission } from "../permissions/permit.ts";
export { PIPE_DRAIN_MS } from "../options/presets.ts";
export type { LineLevel, LineMarks } from "../process/pipes/logged_lines.ts";
export type { ChunkHandler, PipeReaderOptions } from "../process/pipes/pipe_reader.ts";
export type {
  ChildProcess,
  ClosedProcess,
  ExitStatus,
  SignalReach,
  SpawnOptions,
} from "../process/child_process.ts";
export type { SpawnedProcess } from "../process/child.ts";
export { DEFAULT_STOP, stop } from "../process/stop.ts";
export type { StepTimes, StopOptions, StoppedBy, StopStep } from "../process/stop.ts";
export {
  ExitUnknownError,
  IdentityError,
  ProcessError,
  ProgramChangedError,
  ProgramNotExecutableError,
  ProgramTooLargeError,
  ProgramUntrustedError,
  SystemRefusedError,
  UnstartableError,
  WorkingDirectoryError,
} from "../process/process_errors.ts";
export { EnvFileError, SecretFileError, VariableUnsetError } from "../process/environment_errors.ts";
export { PipeClosedError } from "../process/pipes/pipe_errors.ts";
export type { ProcessErrorCode, ProcessErrorOptions } from "../process/process_errors.ts";
export { ContainmentError } from "../containment/containment_errors.ts";
export type { ContainmentErrorCode } from "../containment/containment_errors.ts";
export { LogFileError, type LogFileErrorCode } from "../logs/files/log_file_errors.ts";
export type { OnHostDeath } from "../containment/events.ts";
export { commandOf } from "../sidecar/options.ts";
export type { CommandOptions } from "../sidecar/options.ts";
export { startProcess, startsRealProcesses } from "../sidecar/incarnation/start_process.ts";
export type { SpawnRequest } from "../sidecar/incarnation/start_process.ts";
