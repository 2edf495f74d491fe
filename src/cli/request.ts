/**
 * The common part of the verbs that take a SOCKET: how it is named and reached, and the errors when it cannot be.
 */

import { control, type ControlResults, DEFAULT_CONTROL_TIMEOUT_MS, isNotSocket } from "../control/client.ts";
import { ControlError } from "../control/control_errors.ts";
import type { ChildReport, ControlRequest } from "../control/protocol.ts";
import { socketPermissions } from "../control/socket.ts";
import { shellQuote } from "../text/shell_quote.ts";
import { printableLine } from "../text/words.ts";
import { visible } from "../text/printable.ts";
import {
  CHILD,
  EXIT,
  type ExitCode,
  parseTime,
  readArgs,
  reportError,
  unknownChild,
  UsageError,
} from "./verb.ts";
import type { OptionKinds, OptionValues } from "./arguments.ts";
import { requireGranted } from "./permission_errors.ts";

/** Milliseconds for a start or a stop, if not said otherwise: more than they take by default. */
export const DEFAULT_ACTION_TIMEOUT_MS = 60_000;

/** Reads options, a SOCKET and, if `child` is set, a CHILD. @throws {UsageError} */
export function readSocketArgs<const More extends OptionKinds>(
  args: readonly string[],
  more: More,
  { child: takesChild }: { readonly child: boolean },
): {
  socket: string;
  child: string;
  timeout: number;
  values: OptionValues<More>;
} {
  const needed = [
    "SOCKET is missing, the path that 'outrider up FILE --control PATH' was given",
    ...(takesChild ? [CHILD] : []),
  ];
  const { values, positionals } = readArgs(args, { ...more, timeout: { type: "string" } }, needed);
  const [socket = "", ...rest] = positionals;
  const [child = "", ...others] = takesChild ? rest : ["", ...rest];
  if (others.length > 0) {
    throw new UsageError(
      `Cannot use '${others[0]}': there is one SOCKET${takesChild ? " and one CHILD" : ""}`,
    );
  }
  const given = (values as { timeout?: string }).timeout;
  const timeout = given === undefined
    ? takesChild ? DEFAULT_ACTION_TIMEOUT_MS : DEFAULT_CONTROL_TIMEOUT_MS
    : parseTime("--timeout", given);
  return { socket, child, timeout, values: values as never };
}

/** Sends a request, and has its result printed. Errors are reported here. @throws {UsageError} an unknown child */
export async function request<Request extends ControlRequest>(
  socket: string,
  wanted: Request,
  { timeout, json = false, done }: {
    readonly timeout: number;
    /** Whether errors are reported as data. */
    readonly json?: boolean;
    /** Prints the result. */
    readonly done: (result: ControlResults[Request["method"]]) => void;
  },
): Promise<ExitCode> {
  requireGranted(`Cannot connect to ${visible(socket)}`, socketPermissions(socket, "connect"));
  try {
    done(await control(socket, wanted, { timeout }));
    return EXIT.OK;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    if (error.refusal === "not_found" && "child" in wanted) {
      throw unknownChild(wanted.child, await pathsAt(socket, timeout));
    }
    const hints = await wayOut(error, socket, wanted);
    // A wrong command line is reported, and has the exit code, as everywhere.
    if (hints.length === 0 && error.code !== "refused") throw error;
    await reportError(error, { json, lines: [visible(printableLine(error.message)), ...hints] });
    return EXIT.FAILED;
  }
}

/** The child of that request, in a line. */
export function reportChild(child: ChildReport | null, path: string): string {
  if (child === null) return `${printableLine(path)}: gone, as its supervisor has forgotten it`;
  const { signal } = child.state === "stopped" && child.lastExit?.how === "stopped"
    ? child.lastExit.death
    : {};
  const by = signal === undefined ? "" : `, ended by ${printableLine(signal)}`;
  return `${printableLine(child.path)}: ${child.state}, generation ${child.generation}${by}`;
}

async function isStarting(socket: string): Promise<boolean> {
  try {
    return (await control(socket, { method: "status" })).phase === "starting";
  } catch (error) {
    if (error instanceof ControlError) return false;
    throw error;
  }
}

async function pathsAt(socket: string, timeout: number): Promise<string[]> {
  try {
    return (await control(socket, { method: "status" }, { timeout })).children.map(({ path }) => path);
  } catch (error) {
    // It has ended since: then there is nothing to choose from.
    if (error instanceof ControlError) return [];
    throw error;
  }
}

/** How a child is started again by hand. */
export function againLine(socket: string, child: string): string {
  return `To start it again: outrider restart ${shellQuote(socket)} ${shellQuote(child)}`;
}

async function wayOut(
  { code, refusal }: ControlError,
  socket: string,
  wanted: ControlRequest,
): Promise<string[]> {
  const quoted = shellQuote(socket);
  switch (code) {
    case "unreachable":
      return isNotSocket(socket) ? ["SOCKET is the path that 'outrider up FILE --control PATH' was given"] : [
        `It is there while 'outrider up FILE --control ${quoted}' runs; started again, that replaces a socket ` +
        "that a killed runtime has left, and ends what else it has",
      ];
    case "no_answer":
      if (wanted.method === "status") {
        return ["It may hang, or be stopped by SIGSTOP; --timeout waits longer"];
      }
      return [
        ...await isStarting(socket)
          ? ["The tree is still starting: this waits until all of it is ready"]
          : [],
        `What was asked for may still be done; see: outrider status ${quoted}`,
      ];
    case "refused":
      if (refusal === "start_failed" && "child" in wanted) {
        return [againLine(socket, wanted.child)];
      }
      return refusal === "no_supervisor" ? [`What runs is in: outrider status ${quoted}`] : [];
    default:
      return [];
  }
}
