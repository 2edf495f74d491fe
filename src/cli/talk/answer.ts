/**
 * One question to a child, and its answer on standard output.
 */

import { JsonRpcError, METHOD_NOT_FOUND } from "../../sidecar/json_rpc/types.ts";
import { IncarnationEndedError } from "../../actor/actor_errors.ts";
import { ThrownValueError } from "../../actor/exit.ts";
import { errorMessage, isError, readField } from "../../actor/user_value.ts";
import { OutriderError } from "../../outrider_error.ts";
import { ControlError } from "../../control/control_errors.ts";
import { crashText } from "../../report/cause.ts";
import { printableLine } from "../../text/words.ts";
import { visible, visibleJson } from "../../text/printable.ts";
import { EXIT, type ExitCode, printErrors, UsageError } from "../verb.ts";
import { framesWithin, type ReplyLimits } from "./reply_limits.ts";
import { BufferedStdout } from "../../report/output/buffered_stdout.ts";
import type { ProtocolEntry } from "../../options/types.ts";
import { toolFailure } from "./calls/tool_failure.ts";
import type { AskWish, Conversation, NotificationsAround } from "./conversation.ts";
import { formatReply, jsonRpcDialectOf, messageKindOf } from "./wire.ts";

/** A question, and the form of its answer. */
export interface Question {
  readonly message: unknown;
  readonly protocol: ProtocolEntry;
  readonly limits: ReplyLimits;
  readonly around?: NotificationsAround | undefined;
}

/** The options that all questions have, for `readArgs`. */
export const QUESTION_OPTIONS = {
  "own": { type: "boolean" },
  "max-total-timeout": { type: "string" },
  "timeout": { type: "string" },
  "verbose": { type: "boolean" },
} as const;

/** Asks, and prints the answer: a line each where it has many frames, as they come. Errors are reported here. */
export async function answer(
  conversation: Conversation,
  { message, protocol, limits, around }: Question,
): Promise<ExitCode> {
  const kind = messageKindOf(protocol)!;
  const dialect = jsonRpcDialectOf(protocol);
  let failure: readonly string[] | undefined;
  const stdout = new BufferedStdout(Deno.stdout);
  const terminal = Deno.stdout.isTerminal();
  try {
    const { path } = conversation.ref;
    const since = performance.now();
    const reply: unknown = await conversation.ref.ask(message, {
      ...wishOf(limits, dialect !== undefined),
      ...around !== undefined && { around },
    });
    if (dialect === "mcp") failure = toolFailure(path, reply);
    for await (const frame of isMany(reply) ? framesWithin(reply, { path, since, limits }) : [reply]) {
      stdout.write(formatReply(frame, { kind, terminal }));
      if (stdout.isFull || isMany(reply)) await stdout.flush();
      if (stdout.isBroken) break;
    }
  } catch (error) {
    await stdout.flush();
    if (conversation.isInterrupted) return EXIT.FORCED;
    return await complainOf(error, conversation, { limits, hasHandshake: dialect !== undefined });
  }
  await stdout.flush();
  if (stdout.error !== undefined) {
    await printErrors(`Cannot write to standard output: ${printableLine(stdout.error.message)}`);
    return EXIT.FAILED;
  }
  if (failure === undefined) return EXIT.OK;
  await printErrors(...failure.map(visible));
  return EXIT.REFUSED;
}

/** How to ask; of a server that `reportsProgress`, progress is waited for. */
function wishOf({ timeout, idle, maxTotalTimeout }: ReplyLimits, reportsProgress: boolean): AskWish {
  const limit = Math.min(timeout, idle);
  return reportsProgress
    ? { timeout: limit, resetTimeoutOnProgress: true, maxTotalTimeout }
    : { timeout: limit };
}

export function isMany(reply: unknown): reply is AsyncIterable<unknown> {
  return typeof reply === "object" && reply !== null && Symbol.asyncIterator in reply;
}

/** Reports why there is no answer, with the child's last words. */
async function complainOf(
  error: unknown,
  { ref, tail }: Conversation,
  { limits, hasHandshake }: { readonly limits: ReplyLimits; readonly hasHandshake: boolean },
): Promise<ExitCode> {
  if (error instanceof JsonRpcError) {
    const { code, message, data } = error;
    const more = data === undefined ? [] : [`  data: ${visibleJson(JSON.stringify(data))}`];
    const which = Number.isNaN(code) ? "an error without a code" : `error ${code}`;
    await printErrors(
      `'${ref.path}' answered with ${which}: ${visible(printableLine(message))}`,
      ...more,
      ...code === METHOD_NOT_FOUND && hasHandshake
        ? ["What it can do is in the result of its method 'initialize'"]
        : [],
    );
    return EXIT.REFUSED;
  }
  if (isOf(error, "unencodable_message")) {
    await printErrors(printableLine(error.message));
    return EXIT.USAGE;
  }
  if (!isExpected(error)) throw error;
  const reason = reasonOf(error);
  const why = reason.startsWith("Cannot ") ? reason : `Cannot answer: ${reason}`;
  const lines = stderrOf(error) ?? tail;
  const isSaid = lines.length === 1 && why.endsWith(`: ${printableLine(lines[0]!)}`);
  const isLate = isOf(error, "ask_timeout") && limits.isUsual;
  await printErrors(
    isLate ? `${why}; --timeout gives it longer` : why,
    ...isSaid ? [] : lastLines(ref.path, lines),
  );
  if (isOf(error, "ask_timeout")) return EXIT.TIMEOUT;
  // The server would have answered with an error.
  return isOf(error, "lsp_method") ? EXIT.REFUSED : EXIT.FAILED;
}

/** Whether an error has that code, here or in a running tree. */
export function isOf(error: unknown, code: string): error is Error {
  return (error instanceof ControlError ? error.refusal : readField(error, "code")) === code;
}

/**
 * Whether it says something about the sidecar, and is no fault of this program: those are not errors of this package, or
 * the one that stands for a value that was thrown.
 */
export function isExpected(error: unknown): error is OutriderError {
  const isFault = error instanceof UsageError || error instanceof ThrownValueError;
  return error instanceof OutriderError && !isFault;
}

/** Explains in one line why there is no answer: `Cannot …`, or which process ended, and how. */
export function reasonOf(error: Error): string {
  if (!(error instanceof IncarnationEndedError) || !isError(error.cause)) {
    return printableLine(errorMessage(error));
  }
  const had = error.attempts > 1 ? `, the last of ${error.attempts} attempts` : "";
  const who = `'${error.path}' (generation ${error.generation})`;
  return `${who} ended before it replied${had}: ${crashText(error.cause)}`;
}

/** The last lines on standard error that the error of a process that ended has with it. */
export function stderrOf(error: Error): readonly string[] | undefined {
  const tail = error instanceof ControlError
    ? readField(error.data, "tail")
    : readField(readField(error, "cause"), "stderrTail");
  return Array.isArray(tail) ? tail : undefined;
}

/** The lines of a child's stderr that are shown, at most. */
const SHOWN_LINES = 20;

/** The last words of the child at `path`, as lines; none if it wrote nothing. */
export function lastLines(path: string, tail: readonly string[]): readonly string[] {
  if (tail.length === 0) return [];
  return [
    `What '${path}' wrote to standard error last:`,
    ...tail.slice(-SHOWN_LINES).map((line) => `  ${printableLine(line)}`),
  ];
}
