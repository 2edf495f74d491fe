/**
 * A process that was started, as a {@linkcode ChildProcess}: it puts the pipes, the group and the end together.
 */
import type {
  ChildProcess,
  ClosedProcess,
  ExitStatus,
  RunningProcess,
  SignalReach,
  SpawnOptions,
} from "./child_process.ts";
import { PIPE_DRAIN_MS } from "../options/presets.ts";
import { ExitUnknownError } from "./process_errors.ts";
import type { ProcessGroup } from "./group.ts";
import type { Redactor } from "./secrets/mask.ts";
import type { ChunkHandler, PipeReaderOptions } from "./pipes/pipe_reader.ts";
import { StderrPump } from "./pipes/stderr.ts";
import { StdinWriter } from "./pipes/stdin.ts";
import { StdoutReader } from "./pipes/stdout.ts";
import { systemClock } from "../time/clock.ts";
import { settlesWithin } from "../time/after_news.ts";

/** The exit code of a process that was ended by a signal for which Deno has no name: 128, without a number to add. */
export const NAMELESS_SIGNAL = 128;

/** A process and its pipes; made by `spawn`. */
export class SpawnedProcess implements ChildProcess {
  readonly #process: RunningProcess;
  readonly #stdin: StdinWriter;
  readonly #stdout: StdoutReader;
  readonly #stderr: StderrPump;
  readonly #group: ProcessGroup | undefined;
  readonly #refusal: SpawnOptions["refusal"];
  #isKilled = false;
  #isReaped = false;
  /** The first error on the way to its end. */
  readonly #failures: unknown[] = [];
  /** See {@linkcode ChildProcess.pid}. */
  readonly pid: number;
  /** See {@linkcode ChildProcess.redact}. */
  readonly redact: Redactor | undefined;
  /** See {@linkcode ChildProcess.write}. */
  readonly write: ChildProcess["write"];
  /** See {@linkcode ChildProcess.exited}. */
  readonly exited: Promise<ExitStatus>;
  /** See {@linkcode ChildProcess.closed}. */
  readonly closed: Promise<ClosedProcess>;

  /** Takes over a process that was started with pipes; stderr is read from here on. */
  constructor(process: RunningProcess, options: SpawnOptions = {}) {
    const { onStderr, onStderrSeen, drainDeadline: ms = PIPE_DRAIN_MS, timers = systemClock, hurry, redact } =
      options;
    const { hasStdin = true } = options;
    const pid = this.pid = process.pid;
    this.#process = process;
    this.#group = options.group;
    this.#refusal = options.refusal;
    this.#stdin = new StdinWriter(hasStdin ? process.stdin : undefined, { pid });
    this.write = this.#stdin.write;
    this.#stdout = new StdoutReader(process.stdout, { pid });
    this.redact = redact;
    this.#stderr = new StderrPump(process.stderr, {
      onLine: onStderr,
      onSeen: onStderrSeen,
      ...options.stderrLog,
      redact,
      timers,
    });
    this.exited = process.status.then(
      ({ code, signal }) => ({ code, signal: signal ?? undefined }),
      (error) => {
        // Deno has no names for real-time signals, and rejects; the process has ended all the same. Where SIGCHLD is
        // ignored, the system reaps the child itself, and how it ended stays unknown.
        if (!(error instanceof TypeError)) this.#failures.push(new ExitUnknownError(pid, { cause: error }));
        return { code: NAMELESS_SIGNAL, signal: undefined };
      },
    );
    this.closed = this.#close({ ms, timers, hurry });
    this.closed.catch(() => {}); // an `await` sees it
  }

  /** See {@linkcode ChildProcess.stderrTail}. */
  get stderrTail(): readonly string[] {
    return this.#stderr.tail;
  }

  /** See {@linkcode ChildProcess.stderrUnfinished}. */
  get stderrUnfinished(): string {
    return this.#stderr.unfinished;
  }

  /** See {@linkcode ChildProcess.failed}. */
  failed(): unknown[] {
    return this.#stdin.failed();
  }

  /** See {@linkcode ChildProcess.unsent}. */
  unsent(): unknown[] {
    return this.#stdin.unsent();
  }

  /** See {@linkcode ChildProcess.closeStdin}. */
  closeStdin(): Promise<void> {
    return this.#stdin.close();
  }

  /** See {@linkcode ChildProcess.readStdout}. */
  readStdout(take: ChunkHandler, options?: PipeReaderOptions): Promise<void> {
    return this.#stdout.read(take, options);
  }

  /** See {@linkcode ChildProcess.signal}. */
  signal(
    name: Deno.Signal,
    reach: SignalReach = name === "SIGTERM" || name === "SIGKILL" ? "group" : "process",
  ): boolean {
    try {
      if (this.#group === undefined || reach === "process") this.#process.kill(name);
      else if (!this.#isAlive()) return false;
      else {
        // It is not reaped, and cannot be within this turn: the group's number is still its own.
        if (name === "SIGKILL") this.#isKilled = true;
        const isAlive = () => this.#isAlive();
        this.#group.signal(name, () => void (isAlive() && this.#process.kill(name)), isAlive);
      }
      return true;
    } catch (error) {
      // A dead process and an unknown signal both come as TypeError; the empty signal tells them apart.
      if (error instanceof TypeError && !this.#isAlive()) return false;
      throw error;
    }
  }

  #isAlive(): boolean {
    // Where Deno does not know how it ended, it would signal the process that has its number now.
    if (this.#isReaped) return false;
    try {
      this.#process.kill(0 as unknown as Deno.Signal);
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false;
      if (error instanceof Deno.errors.PermissionDenied) return true; // another user's, by a program that is setuid
      throw error;
    }
  }

  async #close(options: Parameters<typeof settlesWithin>[1]): Promise<ClosedProcess> {
    const status = await this.exited;
    this.#isReaped = true;
    // The rest of a killed group gets no further signal, and its pipes are not waited for.
    const left = this.#tried(this.#isKilled ? this.#group?.end() : this.#group?.left());
    if (this.#isKilled) await left;
    if (!this.#stdout.isTaken) await this.#tried(this.#stdout.cancel());
    const isWriting = this.#stdin.isFlying;
    const stderrEnded = this.#tried(this.#stderr.ended);
    const ends = [this.#stdin.abort("the process has ended"), this.#stdout.ended, stderrEnded];
    // Most have ended by now, and need no timer.
    const areOver = !isWriting && this.#stdout.isOver && this.#stderr.isOver;
    const pipesHeld = !areOver && !(await settlesWithin(Promise.all(ends), options));
    // A write in flight that a grandchild neither reads nor refuses cannot be cancelled, so it is not waited for.
    // Until here, remaining processes may write their last lines; those that closed the pipes have none.
    const orphans = await left === true && await this.#tried(this.#group!.end());
    if (pipesHeld) {
      await Promise.all([this.#tried(this.#stdout.cancel()), this.#tried(this.#stderr.cancel())]);
    }
    await Promise.all(pipesHeld ? ends.slice(1) : ends);
    if (this.#failures.length > 0) throw this.#failures[0];
    const refused = this.#refusal?.(status, this.stderrTail);
    return { status, pipesHeld, ...(orphans && { orphans }), ...(refused && { refused }) };
  }

  /** Returns the result of `work`. An error is kept for later, so that a failed step of an end does not prevent the next. */
  async #tried<Result>(work: Promise<Result> | undefined): Promise<Result | undefined> {
    try {
      return await work;
    } catch (thrown) {
      this.#failures.push(thrown);
    }
  }
}
