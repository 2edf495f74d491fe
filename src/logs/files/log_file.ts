/**
 * A log file as a sink: of a bounded size, with numbered older files beside it, whole lines in each.
 *
 * Opened by `launch/log_files.ts`, written to by an outlet. `web.log` is written to; when the next line has no room, it
 * becomes `web.log.1`, that `web.log.2`, and so on. The invariant: a line that was begun in a file ends in it, and a
 * number of bytes that a write resolves to is in the file.
 */

import { type Clock, sleep, systemClock } from "../../time/clock.ts";
import { PromptFile } from "../prompt_file.ts";
import { LINGER_MS, type Sink } from "../sink.ts";
import { type LogFileSettings, RotatedFiles } from "./rotated_files.ts";
import { explained, isStillThere, type OpenLogFile, openLogFile } from "./open_file.ts";

/** Milliseconds between two looks whether the file is still where it was: others may move it away, as logrotate does. */
export const LOOK_MS = 1_000;
/** Milliseconds until the next try where a file could not be rotated; until then it grows. */
const ROTATE_RETRY_MS = 10_000;
const LF = 0x0a;

/** Options of a {@linkcode LogFile}. */
export interface LogFileOptions extends LogFileSettings {
  /** Absolute. */
  readonly file: string;
  /** The most bytes of it; a longer line has a file of its own. `Infinity`: it is never rotated. */
  readonly max: number;
  /** Whether its folder is made where it is missing. */
  readonly makesFolder: boolean;
  /** Told what went wrong beside the writing itself. */
  readonly warn: (message: string) => void;
  /** Called when it is closed. */
  readonly onClose?: (() => void) | undefined;
}

export class LogFile implements Sink {
  readonly #options: LogFileOptions;
  readonly #clock: Clock;
  readonly #rotated: RotatedFiles;
  #open: (OpenLogFile & { readonly prompt: PromptFile }) | undefined;
  #lookAt = 0;
  #rotateAt = -Infinity;
  #isClosed = false;
  /** The last of what is done with the file: one after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: LogFileOptions, clock: Clock = systemClock) {
    this.#options = options;
    this.#clock = clock;
    this.#rotated = new RotatedFiles(options, clock);
  }

  /** Opens it before there is something to write. @throws {LogFileError} */
  async open(): Promise<void> {
    await explained(this.#options.file, () => this.#current());
    this.#rotated.compressSoon();
  }

  write(lines: Uint8Array): Promise<number> | number {
    const open = this.#open;
    if (open === undefined || this.#isLookDue(open) || !open.prompt.isPrompt) return this.#writeLater(lines);
    const size = this.#share(lines, open);
    if (size === 0) return this.#writeLater(lines);
    return took(open, lines, open.prompt.writeSync(lines.subarray(0, size)));
  }

  #writeLater(lines: Uint8Array): Promise<number> {
    return this.#inTurn(() => this.#write(lines));
  }

  /**
   * Lets its file go, and opens the one at its path, which is made anew where it was moved away. Waits for a write that
   * is under way; a line that is written in part ends in the file that it began in.
   *
   * @throws {LogFileError} the next write tries again
   */
  async reopen(): Promise<void> {
    while (!this.#isClosed) {
      const isDone = await this.#inTurn(async () => {
        if (this.#open?.isWithinLine) return false;
        this.#forget();
        if (!this.#isClosed) await explained(this.#options.file, () => this.#openAnew());
        return true;
      });
      if (isDone) return;
      await sleep(this.#clock, LINGER_MS);
    }
  }

  async #write(lines: Uint8Array): Promise<number> {
    let open = await this.#current();
    let size = this.#share(lines, open);
    if (size === 0) {
      open = await this.#rotate(open);
      size = this.#share(lines, open) || lines.length;
    }
    return took(open, lines, await open.file.write(lines.subarray(0, size)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#forget();
    this.#options.onClose?.();
    await this.#rotated.close();
  }

  /** How many of these bytes belong into this file; 0: their first line is the next file's. */
  #share(lines: Uint8Array, { size, isWithinLine }: OpenLogFile): number {
    const room = Math.max(0, this.#options.max - size);
    if (lines.length <= room) return lines.length;
    const whole = room === 0 ? 0 : lines.lastIndexOf(LF, room - 1) + 1;
    if (whole > 0 || (size > 0 && !isWithinLine)) return whole;
    return lines.indexOf(LF) + 1 || lines.length;
  }

  async #current(): Promise<OpenLogFile> {
    if (this.#open !== undefined && this.#isLookDue(this.#open)) {
      this.#lookAt = this.#clock.now() + LOOK_MS;
      if (!await isStillThere(this.#options.file, this.#open)) this.#forget();
    }
    return this.#open ?? await this.#openAnew();
  }

  /** Whether it is time to look whether the file was moved. */
  #isLookDue({ isWithinLine }: OpenLogFile): boolean {
    return !isWithinLine && this.#clock.now() >= this.#lookAt;
  }

  async #openAnew(): Promise<OpenLogFile> {
    const open = await openLogFile(this.#options.file, this.#options);
    try {
      // A run was cut off within a line: the next one is not to go on in it.
      if (open.isWithinLine) open.size += await open.file.write(new Uint8Array([LF]));
      open.isWithinLine = false;
      if (this.#isClosed) throw new Deno.errors.BadResource("the log is closed");
    } catch (error) {
      open.file.close();
      throw error;
    }
    this.#lookAt = this.#clock.now() + LOOK_MS;
    return this.#open = Object.assign(open, { prompt: new PromptFile(open.file, open.dev, this.#clock) });
  }

  /** Moves the file away and begins a new one. Where that fails, it grows: nothing is lost for that. */
  async #rotate(open: OpenLogFile): Promise<OpenLogFile> {
    if (this.#clock.now() < this.#rotateAt) return open;
    try {
      await this.#rotated.take(this.#options.file);
    } catch (error) {
      this.#rotateAt = this.#clock.now() + ROTATE_RETRY_MS;
      const why = error instanceof Error ? error.message : String(error);
      this.#options.warn(`the log ${this.#options.file} can't be rotated: ${why}; it grows meanwhile`);
      return open;
    }
    this.#forget();
    this.#rotated.compressSoon();
    return await this.#openAnew();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }

  #forget(): void {
    this.#open?.file.close();
    this.#open = undefined;
  }
}

/** Notes that `open` has taken the first `written` bytes of `lines`, and gives their number. */
function took(open: OpenLogFile, lines: Uint8Array, written: number): number {
  open.size += written;
  open.isWithinLine = lines[written - 1] !== LF;
  return written;
}
