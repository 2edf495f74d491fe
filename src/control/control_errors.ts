/**
 * Errors of opening a control socket, and of requests over it.
 */

import type { ControlRefusal, ReplyError } from "./protocol.ts";
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

/** The runtime has said no. */
export function refusedError({ code, message, data }: ReplyError): ControlError {
  return new ControlError("refused", message, { refusal: code, data });
}

/** What answers is not what a runtime says. */
export function badReply(file: string): ControlError {
  return new ControlError(
    "bad_reply",
    `Cannot understand what answers at ${file}: it is not Outrider, or one of another version`,
  );
}

/** It took longer than `timeout` ms. */
export function lateAnswer(file: string, timeout: number): ControlError {
  return noAnswer(file, `it did not within ${timeout} ms`);
}

/** Nothing has answered, or nothing any more. */
export function noAnswer(file: string, why: string, cause?: unknown): ControlError {
  return new ControlError("no_answer", `Cannot get an answer from the runtime at ${file}: ${why}`, { cause });
}
