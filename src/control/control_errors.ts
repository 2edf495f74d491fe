/**
 * Errors of opening a control socket, and of requests over it.
 */

import type { ControlRefusal } from "./protocol.ts";
import { OutriderError } from "../outrider_error.ts";

/** The stable codes of {@linkcode ControlError}; docs/errors.md explains each. */
export type ControlErrorCode =
  | "unsupported"
  | "bad_path"
  | "not_a_socket"
  | "in_use"
  | "not_private"
  | "unreachable"
  | "no_answer"
  | "bad_reply"
  | "refused";

/** A control socket failed. */
export class ControlError extends OutriderError {
  /** Stable, for programs. */
  readonly code: ControlErrorCode;
  /** With `refused`: the code that the runtime gave. A newer runtime may have more of them. */
  readonly refusal: ControlRefusal | (string & Record<never, never>) | undefined;
  /** With `refused`: more about it, where the runtime gave that. */
  readonly data: unknown;

  /** Made here. */
  constructor(
    code: ControlErrorCode,
    message: string,
    options: ErrorOptions & { readonly refusal?: string; readonly data?: unknown } = {},
  ) {
    super(message, options);
    this.code = code;
    this.refusal = options.refusal;
    this.data = options.data;
  }
}

/** Why no socket can be had, `at` its path or `in` its folder. */
export function cannotListen(
  code: ControlErrorCode,
  where: string,
  why: string,
  options?: ErrorOptions,
): ControlError {
  return new ControlError(code, `Cannot listen ${where}: ${why}`, options);
}
