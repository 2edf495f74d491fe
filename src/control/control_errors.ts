/**
 * Errors of opening a control socket, and of requests over it.
 *
 * @module
 */

import type { ControlRefusal } from "./protocol.ts";
import { OutriderError } from "../outrider_error.ts";

/** The stable codes of {@linkcode ControlError}. */
export type ControlErrorCode =
  /** This platform has no such sockets. */
  | "unsupported"
  /** The path is too long, or its folder is missing. */
  | "bad_path"
  /** There is something else at the path. */
  | "not_a_socket"
  /** Another runtime listens there. */
  | "in_use"
  /** Others could connect, or put another socket in its place. */
  | "not_private"
  /** Nothing listens there, or it may not be connected to. */
  | "unreachable"
  /** It did not answer in time, or ended without an answer. */
  | "no_answer"
  /** Its answer does not follow the protocol. */
  | "bad_reply"
  /** It answered no; `refusal` says why. */
  | "refused";

/** A control socket failed. */
export class ControlError extends OutriderError {
  /** Stable, for programs. */
  readonly code: ControlErrorCode;
  /** With `refused`: the code that the runtime gave. A newer runtime may have more of them. */
  readonly refusal: ControlRefusal | (string & Record<never, never>) | undefined;

  /** Made here. */
  constructor(
    code: ControlErrorCode,
    message: string,
    options: ErrorOptions & { readonly refusal?: string } = {},
  ) {
    super(message, options);
    this.code = code;
    this.refusal = options.refusal;
  }
}
