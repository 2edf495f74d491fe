/**
 * How far a pipe has come, on a line of a terminal that is written again and again.
 */

import { printErrors } from "../verb.ts";
import { formatCount } from "../../text/words.ts";

/** Milliseconds between two looks. */
export const PROGRESS_MS = 500;

/** How far it has come. */
export interface PipeCounts {
  /** Messages answered, or `undefined` where there are only bytes. */
  readonly answered?: number | undefined;
  /** Messages that failed. */
  readonly failed: number;
  /** Bytes written to standard output. */
  readonly bytes: number;
}

/** Formats the progress since `since`, `ms` milliseconds ago; the rate is that of this time. */
export function progressLine(
  now: PipeCounts,
  { since, ms, noun }: { readonly since: PipeCounts; readonly ms: number; readonly noun: string },
): string {
  const rate = (amount: number) => Math.round(amount / Math.max(ms, 1) * 1_000);
  const failed = now.failed === 0 ? [] : [`${now.failed.toLocaleString("en")} failed`];
  if (now.answered === undefined) {
    return [bytesInWords(now.bytes), ...failed, `${bytesInWords(rate(now.bytes - since.bytes))}/s`].join(
      ", ",
    );
  }
  const lines = `${now.answered.toLocaleString("en")} ${formatCount(now.answered, noun).split(" ")[1]}`;
  const perSecond = rate(now.answered - (since.answered ?? 0)).toLocaleString("en");
  return [lines, bytesInWords(now.bytes), ...failed, `${perSecond} ${noun}s/s`].join(", ");
}

/** `12 B`, `1.5 kB`, `3.25 MB`. */
function bytesInWords(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1_000, unit + 1];
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}

const encoder = new TextEncoder();

/** The line on standard error, where that is a terminal and standard output is none; else nothing is written. */
export class Progress {
  readonly #counts: () => PipeCounts;
  readonly #noun: string;
  readonly #isVisible: boolean;
  readonly #began = performance.now();
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #last: { readonly counts: PipeCounts; readonly at: number };
  #isShown = false;
  #writing: Promise<void> = Promise.resolve();
  #isBusy = false;

  /** `counts` says how far it has come. */
  constructor({ counts, noun }: { readonly counts: () => PipeCounts; readonly noun: string }) {
    // Where the output goes to the terminal, too, that shows how far it has come.
    this.#isVisible = Deno.stderr.isTerminal() && !Deno.stdout.isTerminal();
    this.#counts = counts;
    this.#noun = noun;
    this.#last = { counts: counts(), at: this.#began };
    if (this.#isVisible) this.#timer = setInterval(() => this.#look(), PROGRESS_MS);
  }

  /** Takes the line away, so that another can be written. */
  async clear(): Promise<void> {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#write("\r\x1b[K");
    await this.#writing;
  }

  /** The last look: at all of it. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#isVisible) return;
    const none: PipeCounts = { answered: 0, failed: 0, bytes: 0 };
    this.#isBusy = false;
    this.#show({ since: none, ms: performance.now() - this.#began }, "\n");
    await this.#writing;
  }

  #look(): void {
    if (this.#isBusy) return; // a terminal that stalls is not written to
    const now = performance.now();
    this.#show({ since: this.#last.counts, ms: now - this.#last.at });
    this.#last = { counts: this.#counts(), at: now };
    this.#isShown = true;
  }

  #show(span: { since: PipeCounts; ms: number }, end = ""): void {
    this.#write(`\r\x1b[K${progressLine(this.#counts(), { ...span, noun: this.#noun })}${end}`);
  }

  #write(text: string): void {
    this.#isBusy = true;
    this.#writing = this.#writing.then(async () => {
      try {
        await Deno.stderr.write(encoder.encode(text));
      } catch {
        // A terminal that is gone shows nothing; the work goes on.
      }
      this.#isBusy = false;
    });
  }
}

/** Reports the failures of messages, runs of the same failure in one line. */
export class FailureReporter {
  /** How many messages failed. */
  count = 0;
  readonly #noun: string;
  readonly #before: () => Promise<void>;
  #run: { from: number; to: number; why: string } | undefined;
  #reporting: Promise<void> = Promise.resolve();

  /** For messages called `noun`; `before` is awaited before a report. */
  constructor(noun: string, before: () => Promise<void>) {
    this.#noun = noun;
    this.#before = before;
  }

  /** Message `number` failed. They come in order. */
  add(number: number, why: string): void {
    this.count++;
    if (this.#run !== undefined && this.#run.why === why) this.#run.to = number;
    else {
      this.flush();
      this.#run = { from: number, to: number, why };
    }
  }

  /** Ends a run of the same failure. */
  flush(): void {
    if (this.#run === undefined) return;
    const { from, to, why } = this.#run;
    this.#run = undefined;
    const which = from === to ? `${this.#noun} ${from}` : `${this.#noun}s ${from} to ${to}`;
    this.report(`${which}: ${why}`);
  }

  /** Reports other lines, in order. */
  report(...lines: readonly string[]): void {
    this.#reporting = this.#reporting.then(this.#before).then(() => printErrors(...lines));
  }

  /** Settles when everything is reported. */
  async reported(): Promise<void> {
    this.flush();
    await this.#reporting;
  }
}
