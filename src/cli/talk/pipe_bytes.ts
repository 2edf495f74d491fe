/**
 * Pipes standard input through a sidecar without replies: bytes go in unchanged, and its output comes out.
 *
 * A stream has no boundaries where another process could continue, so there is one process, and it is not
 * started again. The end of the input is the end of its stdin; then it has as long as it wants.
 */

import { factories, optionsOf } from "@outrider/outrider/actors/factories";
import { sidecar } from "../../sidecar/sidecar.ts";
import { asError } from "../../actor/exit.ts";
import type { Subscription } from "../../actor/events/subscription.ts";
import type { ChildFactories } from "../../manifest/resolve/child_specs.ts";
import type { SidecarEntry } from "../../manifest/fields/types.ts";
import type { ChildProcess } from "../../process/child_process.ts";
import { spawn } from "../../process/spawn.ts";
import { PipeClosedError } from "../../process/pipes/pipe_errors.ts";
import { printableLine } from "../../text/words.ts";
import { visibleLines } from "../../text/printable.ts";
import { lastLines } from "./answer.ts";
import { EXIT, type ExitCode } from "../verb.ts";
import { BufferedStdout } from "../../report/buffered_stdout.ts";
import { FailureReporter, Progress } from "./progress.ts";
import type { OwnPart } from "./partner.ts";
import { READ_BYTES, readStdin } from "./stdin.ts";
import type { Conversation } from "./conversation.ts";
import { talk, type TalkOptions } from "./talk.ts";

/** How a sidecar is piped through. */
export interface BytesOptions extends Pick<TalkOptions, "verbose"> {
  /** It is run as a job with these arguments behind its own: its exit code is that of the verb. */
  readonly run?: readonly string[];
}

/** Pipes standard input through a sidecar, to standard output. */
export async function pipeBytes(
  { path, from }: { readonly path: string; readonly from: OwnPart & { readonly entry: SidecarEntry } },
  { verbose, run }: BytesOptions,
): Promise<ExitCode> {
  let child: ChildProcess | undefined;
  let written: Subscription<Uint8Array> | undefined;
  const own: ChildFactories = {
    ...factories,
    sidecar: (entry) => {
      if (entry !== from.entry) return factories.sidecar(entry);
      return sidecar(entry.id, {
        ...optionsOf(entry),
        ...run !== undefined && { args: [...entry.args, ...run] },
        protocol: "bytes",
        restart: "temporary",
        rules: undefined,
        significant: false,
        spawn(command, options) {
          const started = spawn(command, options);
          child ??= started; // commands of probes come later
          return started;
        },
      });
    },
  };
  // Its output before it is ready counts, too.
  const onStarted: TalkOptions["onStarted"] = (ref) => written = ref.subscribe();
  return await talk(
    { path, from },
    { verbose, factories: own, onStarted },
    (talking) => pump(talking, { child: child!, written: written!, isJob: run !== undefined }),
  );
}

async function pump(
  conversation: Conversation,
  { child, written, isJob }: {
    readonly child: ChildProcess;
    readonly written: Subscription<Uint8Array>;
    readonly isJob: boolean;
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
  const code = await codeOf(conversation, { child, stdout, failures, isJob });
  await failures.reported();
  return code;
}

async function codeOf(
  { isInterrupted, ref: { path }, tail }: Conversation,
  { child, stdout, failures, isJob }: {
    readonly child: ChildProcess;
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
    failures.report(`Cannot go on: '${path}' ended after ${bytes} bytes: ${how}`, ...lastLines(path, tail));
  }
  if (isJob && code !== 0) return code as ExitCode;
  return code !== 0 || failures.count > 0 ? EXIT.FAILED : EXIT.OK;
}

/** Writes standard input to the stdin of `child`, as fast as it reads, and then closes that. */
async function feed(
  child: ChildProcess,
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
