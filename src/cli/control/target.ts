/**
 * What a verb is given first: the FILE of a tree, or the SOCKET at which its runtime listens; left out, it is the
 * manifest of this folder.
 */

import { ControlError } from "../../control/control_errors.ts";
import { ControlClient } from "../../control/client.ts";
import { isNotSocket } from "../../control/connect.ts";
import { connectPermissions } from "../../control/socket_place.ts";
import { resolve } from "../../permissions/path.ts";
import { mayRead } from "../../permissions/permit.ts";
import { shellQuote } from "../../text/shell_quote.ts";
import { visible } from "../../text/printable.ts";
import {
  DEFAULT_FILES,
  defaultFile,
  isFileName,
  lookAt,
  requireDefaultFile,
  takeFirst,
} from "../arguments.ts";
import { fileHash } from "../../containment/folder.ts";
import { defaultSockets } from "./control_place.ts";
import { pointedSocket } from "./socket_pointer.ts";
import { requireGranted } from "../permission_errors.ts";
import { commandName, UsageError } from "../verb.ts";

/** A tree on the command line. */
export interface TreeTarget {
  /** As it is said behind a verb, quoted; empty where it was left out, and of an executable, which has one tree. */
  readonly words: string;
  /** Of a FILE: its path. */
  readonly file: string | undefined;
  /** Where its runtime may listen, absolute, the best first. */
  readonly sockets: readonly string[];
  /** Where a runtime of FILE has said that it listens, beside these; it may have been another tree's since. */
  readonly pointed?: string | undefined;
}

/** Takes the FILE or SOCKET from the front of `positionals`; the rest is left. @throws {UsageError} there is none */
export async function takeTarget(
  positionals: readonly string[],
): Promise<{ readonly target: TreeTarget; readonly rest: readonly string[] }> {
  const { given, rest } = takeFirst(positionals);
  const word = given ?? defaultFile();
  if (word === undefined) {
    requireDefaultFile();
    throw new UsageError(
      `Cannot go on: there is no ${DEFAULT_FILES.join(" or ")} here; name FILE or SOCKET first`,
    );
  }
  const words = given === undefined || Deno.build.standalone ? "" : ` ${shellQuote(given)}`;
  if (!isFileName(word)) return { target: { words, file: undefined, sockets: [word] }, rest };
  const file = resolve(word);
  requireGranted(`Cannot look for the tree of ${visible(word)}`, [{ name: "read", value: file }]);
  const [sockets, pointed] = [await defaultSockets(file), await pointedSocket(file)];
  return { target: { words, file, sockets, pointed }, rest };
}

/**
 * Connects to the runtime of a tree; `timeout` is for each answer, and `whole` for all that is done, both in ms.
 *
 * @throws {ControlError} `unreachable`: none listens where it may
 */
export async function connectTree(
  target: TreeTarget,
  { timeout, whole }: { readonly timeout?: number; readonly whole?: number | undefined } = {},
): Promise<ControlClient> {
  const { file, pointed } = target;
  const end = performance.now() + (whole ?? Infinity);
  let failure: ControlError | undefined;
  for (const socket of placesOf(target)) {
    if (file !== undefined && !isListening(socket)) continue;
    requireGranted(`Cannot connect to ${visible(socket)}`, connectPermissions(socket));
    let client: ControlClient | undefined;
    try {
      client = await ControlClient.open(socket, { timeout });
      if (whole !== undefined) client.endAt(end, whole);
      if (file === undefined || socket !== pointed || await isOf(client, file)) return client;
      client.close();
    } catch (error) {
      client?.close();
      if (!(error instanceof ControlError) || error.code !== "unreachable") throw error;
      failure = error;
    }
  }
  if (file === undefined) throw failure!;
  throw new ControlError("unreachable", `Cannot reach a runtime of ${file}: none listens for it`, {
    cause: failure,
  });
}

/** Whether the runtime has the tree of `file`. */
async function isOf(client: ControlClient, file: string): Promise<boolean> {
  const { file: its } = await client.request({ method: "hello" });
  return its === (await fileHash(file)).path;
}

/** Whether a runtime of the tree may be there: a SOCKET was named, or one stands where the tree of FILE has it. */
export function isRunning(target: TreeTarget): boolean {
  return target.file === undefined || placesOf(target).some((socket) => lookAt(socket) !== undefined);
}

/** Where its runtime may listen, the best first. */
function placesOf({ sockets, pointed }: TreeTarget): readonly string[] {
  return pointed === undefined ? sockets : [...sockets, pointed];
}

/** Whether there may be a socket; where it may not be looked at, that is asked for. */
function isListening(socket: string): boolean {
  return !mayRead(socket) || lookAt(socket) !== undefined;
}

/** What to do where no runtime of a target is reached. */
export function startHint({ file, sockets: [socket = ""], words }: TreeTarget): string {
  if (Deno.build.standalone) return `It listens there while '${commandName()}' runs`;
  if (file !== undefined) {
    return `Start it by 'outrider up${words}'; one that was started with --no-control, or without permission for a ` +
      "socket, is not reached, and one with --control PATH, without permission for the state folder, by that PATH alone";
  }
  if (isNotSocket(socket)) return "SOCKET is the path that 'outrider up FILE --control PATH' was given";
  return `It is there while 'outrider up FILE --control${words}' runs; started again, that replaces a socket ` +
    "that a killed runtime has left, and ends what else it has";
}

/** A verb on the same tree, as it is typed. */
export function verbLine({ words }: TreeTarget, verb: string): string {
  return `${commandName()} ${verb}${words}`;
}
