/**
 * The guardian: a small shell that outlives this runtime by half a second, to end the processes it leaves behind.
 *
 * It reads on its stdin which groups there are. When that ends, be it because the runtime was killed, it sends SIGTERM
 * to all that are still there, and SIGKILL half a second later; then it looks for processes that carry the run's mark,
 * and ends those too. In a run that ends well it does so only where this runtime may not itself.
 *
 * A process that was started a moment ago may lead no group yet (`leader.ts`), and gets SIGTERM alone.
 *
 * It has a session of its own, so the Ctrl-C of a terminal does not reach it. Its `kill` is the shell's
 * own, so all it needs is `--allow-run=sh`; without `sleep` on `/usr/bin:/bin` SIGKILL follows at once, and without
 * `ps` marks are not looked for. Its program is in `guard_script.ts`.
 */
import { ProgramNotFoundError } from "../process/process_errors.ts";
import { permissionMissing } from "../process/start/start_permissions.ts";
import { systemClock } from "../time/clock.ts";
import { GUARD_SCRIPT, GUARDED_RUN_VARIABLE } from "./guard_script.ts";

/** Milliseconds between two starts of a guardian, at least. */
export const GUARD_RESTART_MS = 1_000;

const PROGRAM = "sh";

export interface GuardedGroup {
  /** When its leader was started; milliseconds since 1970. */
  readonly at: number;
  /** The user it was started as, where that is another one than the runtime's. */
  readonly uid?: number | undefined;
}

/** A guardian, with the list of the groups that it watches over. */
export class Guardian {
  readonly #run: string;
  readonly #groups = new Map<number, GuardedGroup>();
  #process!: Deno.ChildProcess;
  #writer!: WritableStreamDefaultWriter<Uint8Array>;
  #over!: Promise<void>;
  #alarm: unknown;
  #isClosed = false;

  /**
   * Starts it for the run with that mark.
   *
   * @throws {PermissionMissingError} `--allow-run=sh`
   * @throws {ProgramNotFoundError} there is no `sh`
   */
  constructor(run: string) {
    this.#run = run;
    this.#start();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** A group is there from now on. */
  add(group: number, guarded: GuardedGroup = { at: Date.now() }): void {
    this.#groups.set(group, guarded);
    this.#send(lineOf(group, guarded));
  }

  /** Nothing of that group is left. */
  remove(group: number): void {
    if (this.#groups.delete(group)) this.#send(`- ${group}\n`);
  }

  /**
   * Settles when it has ended; groups that are still there are ended by it, and, unless `clean`, all that carries the
   * mark of the run.
   */
  async close({ clean = true }: { readonly clean?: boolean } = {}): Promise<void> {
    this.#isClosed = true;
    systemClock.clearTimeout(this.#alarm);
    if (clean && this.#groups.size === 0) this.#send("end\n");
    await this.#writer.close().catch(() => {});
    await this.#over;
  }

  #start(): void {
    const process = this.#process = spawn(this.#run);
    const writer = this.#writer = process.stdin.getWriter();
    writer.closed.catch(() => {}); // seen by its status
    this.#send([...this.#groups].map((each) => lineOf(...each)).join(""));
    this.#over = this.#watch(process, writer);
  }

  /** Restarts a guardian that was killed, and sends it the groups again. */
  async #watch(
    process: Deno.ChildProcess,
    writer: WritableStreamDefaultWriter<Uint8Array>,
  ): Promise<void> {
    const began = performance.now();
    await process.status.catch(() => {}); // ended by a signal that Deno has no name for, say: it has ended
    await writer.abort(new TypeError("the guardian has ended")).catch(() => {});
    if (!this.#isClosed) this.#startIn(GUARD_RESTART_MS - (performance.now() - began));
  }

  #startIn(ms: number): void {
    this.#alarm = systemClock.setTimeout(() => {
      try {
        this.#start();
      } catch {
        // Whatever is short (memory, files, a permission that was taken back): it may be there again.
        this.#startIn(GUARD_RESTART_MS);
      }
    }, Math.max(0, ms));
  }

  #send(text: string): void {
    const process = this.#process;
    this.#writer.write(new TextEncoder().encode(text)).catch(() => end(process));
  }
}

function lineOf(group: number, { at, uid }: GuardedGroup): string {
  return `${uid === undefined ? "" : `user ${uid}\n`}+ ${group} ${Math.round(at / 1_000)}\n`;
}

// The shell is the one on the runtime's own PATH, as Deno has looked it up for --allow-run=sh.
function spawn(run: string): Deno.ChildProcess {
  try {
    return new Deno.Command(PROGRAM, {
      args: ["-c", GUARD_SCRIPT, "outrider-guard"],
      // No PATH here: which "sh" is permitted was decided on the runtime's.
      clearEnv: true,
      env: { [GUARDED_RUN_VARIABLE]: run },
      cwd: "/",
      detached: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw permissionMissing(PROGRAM, [{ name: "run", value: PROGRAM }], cause);
    }
    if (cause instanceof Deno.errors.NotFound) {
      throw new ProgramNotFoundError(PROGRAM, { searched: [], cause });
    }
    throw cause;
  }
}

/** Ends a guardian that cannot be written to, so that another starts; most often it has ended already. */
function end(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended, which is seen by its status.
  }
}
