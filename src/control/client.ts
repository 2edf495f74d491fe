/**
 * One request to a runtime, over its control socket.
 */

import { type DurationInput, durationOption } from "../options/units.ts";
import { eventLoop } from "../time/next_turn.ts";
import { ControlError } from "./control_errors.ts";
import { shapeOf } from "../process/codecs/json_shape.ts";
import { readLines } from "./lines.ts";
import { asChildReport, asReply, asTreeReport } from "./messages.ts";
import { type ChildReport, type ControlRequest, MAX_REPLY_BYTES, type TreeReport } from "./protocol.ts";
import { checkedPath, checkServer } from "./socket.ts";
import { locateToConnect } from "./socket_place.ts";

/** Milliseconds for an answer, if not said otherwise. */
export const DEFAULT_CONTROL_TIMEOUT_MS = 5_000;

/** A connection that waits to be taken fails so when the listener goes away. */
const BROKEN = [
  Deno.errors.ConnectionReset,
  Deno.errors.ConnectionAborted,
  Deno.errors.BrokenPipe,
  Deno.errors.NotConnected,
  Deno.errors.UnexpectedEof,
] as const;

/** What `AbortSignal.timeout` takes: 24.8 days. It aborts at once for more. */
const LONGEST_LIMIT_MS = 2 ** 31 - 1;

/** Children of an answer that are looked at in one turn of the event loop. */
const CHILDREN_A_TURN = 2_000;

/** Options of {@linkcode control}. */
export interface ControlOptions {
  /** Milliseconds for the answer; of a restart or a stop, the runtime goes on after that. Default: 5 s. */
  readonly timeout?: DurationInput | undefined;
}

/** The result of each method; `null`: the supervisor no longer knows the child. */
export interface ControlResults {
  /** The tree as it stands. */
  readonly status: TreeReport;
  /** The child, started. */
  readonly restart: ChildReport | null;
  /** The child, stopped. */
  readonly terminate: ChildReport | null;
  /** Given once the tree has ended. */
  readonly stop: null;
}

/**
 * Sends one request to the runtime that listens at the socket `path`, and gives its answer.
 *
 * @throws {OptionError} a timeout that is not a time
 * @throws {ControlError} `unsupported`, `bad_path`, `not_private`, `unreachable`, `no_answer`, `bad_reply`, `refused`
 * @throws {Deno.errors.NotCapable} see `socketPermissions`
 *
 * @example
 * ```ts
 * import { control, ControlError } from "@outrider/outrider/control";
 *
 * try {
 *   const { children } = await control("/run/user/1000/app.sock", { method: "status" });
 *   for (const { path, state } of children) console.log(path, state);
 * } catch (error) {
 *   if (!(error instanceof ControlError)) throw error;
 *   console.log(error.code); // unreachable: nothing listens there
 * }
 * ```
 */
export async function control<Request extends ControlRequest>(
  path: string,
  request: Request,
  options: ControlOptions = {},
): Promise<ControlResults[Request["method"]]> {
  const timeout = durationOption("timeout", options.timeout, DEFAULT_CONTROL_TIMEOUT_MS);
  checkedPath(path);
  const file = checkedPath(locateToConnect(path).socket);
  checkServer(file);
  const late = Promise.withResolvers<never>();
  // Deno loads its timers with the first `setTimeout`, in a quarter of the time that an empty program needs to start.
  const limit = timeout <= LONGEST_LIMIT_MS ? AbortSignal.timeout(timeout) : undefined;
  const end = () => late.reject(noAnswer(file, `it did not within ${timeout} ms`));
  limit?.addEventListener("abort", end);
  let connection: Deno.UnixConn | undefined;
  let over = false;
  const connecting = connect(file).then((made) => {
    connection = made;
    // Too late for the caller: nothing else would close it.
    if (over) made.close();
    return made;
  });
  try {
    const result = await Promise.race([
      connecting.then((connection) => exchange(connection, file, request)),
      late.promise,
    ]);
    return await resultOf(result, file, request.method) as ControlResults[Request["method"]];
  } finally {
    over = true;
    limit?.removeEventListener("abort", end);
    connection?.close();
  }
}

async function connect(file: string): Promise<Deno.UnixConn> {
  try {
    return await Deno.connect({ transport: "unix", path: file });
  } catch (error) {
    const why = whyUnreachable(error, file);
    if (why === undefined) throw error;
    throw new ControlError("unreachable", `Cannot reach a runtime at ${file}: ${why}`, { cause: error });
  }
}

function whyUnreachable(error: unknown, file: string): string | undefined {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return "there is no such socket";
  }
  if (error instanceof Deno.errors.ConnectionRefused) {
    return isNotSocket(file) ? "that is not a socket" : "nobody listens there any more";
  }
  if (BROKEN.some((Broken) => error instanceof Broken)) {
    return "it stopped listening before it took the connection";
  }
  if (error instanceof Deno.errors.PermissionDenied) return "it belongs to another user";
  if (error instanceof Deno.errors.WouldBlock) return "it takes no connections";
  return undefined;
}

/** Whether something else than a socket stands at the path. */
export function isNotSocket(file: string): boolean {
  try {
    return !Deno.statSync(file).isSocket;
  } catch {
    return false;
  }
}

async function exchange(connection: Deno.UnixConn, file: string, request: ControlRequest): Promise<unknown> {
  const bytes = new TextEncoder().encode(`${JSON.stringify({ id: 1, ...request })}\n`);
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
    const { value: line } = await readLines(connection, MAX_REPLY_BYTES).next();
    if (line !== undefined) return replyOf(line, file);
  } catch (error) {
    if (error instanceof ControlError) throw error;
    throw noAnswer(file, "the connection broke", error);
  }
  throw noAnswer(file, "it ended before it did");
}

/** One request a connection: the first line is its answer, or says why there is none. */
function replyOf(line: string, file: string): unknown {
  const reply = asReply(jsonOf(line));
  if (reply === undefined) throw badReply(file);
  if (!("error" in reply)) return reply.result;
  throw new ControlError("refused", reply.error.message, { refusal: reply.error.code });
}

async function resultOf(
  result: unknown,
  file: string,
  method: ControlRequest["method"],
): Promise<ChildReport | TreeReport | null> {
  if (method === "stop") return null;
  if (method === "status") return await treeOf(result, file);
  const report = result === null ? null : asChildReport(result);
  if (report === undefined) throw badReply(file);
  return report;
}

/**
 * One child at a time, and the event loop has its turn between some: listing the faults of a million children would
 * take minutes to say, where it is enough that the first is none.
 */
async function treeOf(result: unknown, file: string): Promise<TreeReport> {
  const { children: found } = (result ?? {}) as { children?: unknown };
  const tree = asTreeReport(result);
  if (tree === undefined || !Array.isArray(found)) throw badReply(file);
  const children: ChildReport[] = [];
  for (const child of found) {
    const report = asChildReport(child);
    if (report === undefined) throw badReply(file);
    children.push(report);
    if (children.length % CHILDREN_A_TURN === 0) {
      await new Promise<void>((resolve) => eventLoop.setImmediate(resolve));
    }
  }
  return { ...tree, children };
}

/** `undefined` also for a text that would take longer to parse than any runtime's answer. */
function jsonOf(line: string): unknown {
  return shapeOf(line) === "json" ? JSON.parse(line) : undefined;
}

function badReply(file: string): ControlError {
  return new ControlError(
    "bad_reply",
    `Cannot understand what answers at ${file}: it is not Outrider, or one of another version`,
  );
}

function noAnswer(file: string, why: string, cause?: unknown): ControlError {
  return new ControlError("no_answer", `Cannot get an answer from the runtime at ${file}: ${why}`, { cause });
}
