/**
 * Connects to a control socket, and says why nothing answers there.
 */

import { ControlError } from "./control_errors.ts";

/** A connection that waits to be taken fails so when the listener goes away. */
const BROKEN = [
  Deno.errors.ConnectionReset,
  Deno.errors.ConnectionAborted,
  Deno.errors.BrokenPipe,
  Deno.errors.NotConnected,
  Deno.errors.UnexpectedEof,
] as const;

/** @throws {ControlError} `unreachable` */
export async function connect(file: string): Promise<Deno.UnixConn> {
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
