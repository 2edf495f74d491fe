/**
 * Pumps standard input through a process, and its output to ours, until it has ended.
 *
 * The process is one of a part of our own, or one that a running tree has started for this. Bytes go unchanged; a process
 * that reads slowly slows down the input.
 */

import { asError } from "../../../actor/exit.ts";
import { PipeClosedError } from "../../../process/pipes/pipe_errors.ts";
import { BufferedStdout } from "../../../report/output/buffered_stdout.ts";
import { printableLine } from "../../../text/words.ts";
import { visibleLines } from "../../../text/printable.ts";
import { EXIT, type ExitCode } from "../../verb.ts";
import { lastLines } from "../answer.ts";
import type { Conversation } from "../conversation.ts";
import { FailureReporter, Progress } from "../progress.ts";
import { READ_BYTES, readStdin } from "../stdin.ts";
import type { ErrorLines } from "./error_lines.ts";

/** The process, as far as it is piped through. */
export interface PipedProcess {
  /** @throws {PipeClosedError} */
  write(bytes: Uint8Array): void | Promise<void>;
  /** @throws {PipeClosedError} */
  closeStdin(): Promise<void>;
  /** Fulfilled when it has ended. */
  readonly exited: Promise<unknown>;
  /** How it ended. */
  readonly closed: Promise<
    { readonly status: { readonly code: number; readonly signal?: string | undefined } }
  >;
}

/** Pumps until it has ended; its output is `written`. */
export async function pump(
  conversation: Omit<Conversation, "ref" | "exchange">,
  { path, child, written, errors }: {
    readonly path: string;
    readonly child: PipedProcess;
    readonly written: AsyncIterable<Uint8Array>;
    /** Of a job: what it writes to standard error is printed, and its exit code is the verb's. */
    readonly errors?: ErrorLines | undefined;
  },
): Promise<ExitCode> {
  const stdout = new BufferedStdout(Deno.stdout);
  const failures = new FailureReporter("byte", () => progress.clear());
  const progress = new Progress({ counts: () => ({ failed: 0, bytes: stdout.written }), noun: "byte" });
  const over = new AbortController();
  const end = () => over.abort();
  conversation.signal.addEventListener("abort", end, { once: true });
  void child.exited.then(end);
  void stdout.broken.then(end);
  const printed = errors?.print(() => progress.clear());
  const fed = feed(child, { signal: over.signal, failures });
  // Nothing reaches a terminal that it would obey; anything else gets the bytes as they came.
  const decoder = Deno.stdout.isTerminal() ? new TextDecoder() : undefined;
  for await (const chunk of written) {
    stdout.write(
      decoder === undefined ? chunk : visibleLines(decoder.decode(chunk, { stream: true })),
    );
    if (stdout.isFull) await stdout.flush();
    if (stdout.isBroken) break;
  }
  await stdout.flush();
  await progress.end();
  end();
  await fed;
  if (!stdout.isBroken && stdout.error === undefined) await child.closed;
  errors?.end();
  await printed;
  const code = await codeOf(conversation, { path, child, stdout, failures, isJob: errors !== undefined });
  await failures.reported();
  return code;
}

async function codeOf(
  { isInterrupted, tail }: Omit<Conversation, "ref" | "exchange">,
  { path, child, stdout, failures, isJob }: {
    readonly path: string;
    readonly child: PipedProcess;
    readonly stdout: BufferedStdout;
    readonly failures: FailureReporter;
    readonly isJob: boolean;
  },
): Promise<ExitCode> {
  const bytes = stdout.written.toLocaleString("en");
  if (stdout.error !== undefined) {
    failures.report(`Cannot write to standard output: ${printableLine(stdout.error.message)}`);
    return EXIT.FAILED;
  }
  if (isInterrupted) {
    failures.report(`Interrupted: ${bytes} bytes were written`);
    return EXIT.FORCED;
  }
  // Its reader has had enough; how it ends now is of no interest.
  if (stdout.isBroken) return failures.count > 0 ? EXIT.FAILED : EXIT.OK;
  const { status: { code, signal } } = await child.closed;
  if (code !== 0) {
    const how = signal ?? `exit code ${code}`;
    failures.report(
      isJob
        ? `The job '${path}' failed: ${how}`
        : `Cannot go on: '${path}' ended after ${bytes} bytes: ${how}`,
      ...isJob ? [] : lastLines(path, tail),
    );
  }
  if (isJob && code !== 0) return code as ExitCode;
  return code !== 0 || failures.count > 0 ? EXIT.FAILED : EXIT.OK;
}

/** Writes standard input to the stdin of `child`, as fast as it reads, and then closes that. */
async function feed(
  child: PipedProcess,
  { signal, failures }: { signal: AbortSignal; failures: FailureReporter },
): Promise<void> {
  try {
    for (;;) {
      // The bytes belong to the pipe until they are written.
      const bytes = new Uint8Array(READ_BYTES);
      const size = await readStdin(bytes, signal);
      if (size === undefined) break;
      await child.write(bytes.subarray(0, size));
    }
  } catch (error) {
    // One that has read enough may close its stdin, and go on.
    if (!(error instanceof PipeClosedError)) {
      failures.count++;
      failures.report(`Cannot read standard input: ${printableLine(asError(error).message)}`);
    }
  }
  child.closeStdin().catch((error) => {
    if (!(error instanceof PipeClosedError)) throw error;
  });
}
