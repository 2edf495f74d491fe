/**
 * Defines the errors of what goes through the pipes of a child process, one class per cause.
 */

import { ProcessError } from "../process_errors.ts";

/** stdin takes no more, whichever side closed it: `code` is `"pipe_closed"`. */
export class PipeClosedError extends ProcessError {
  /** The process whose stdin it was. */
  declare readonly pid: number;

  /** `reason` completes the sentence "Cannot write to process 7: …". */
  constructor(pid: number, { reason, cause }: { readonly reason: string; readonly cause?: unknown }) {
    super(`Cannot write to process ${pid}: ${reason}`, { code: "pipe_closed", cause, pid });
  }
}

/** stdout has a reader already, and can have one only: `code` is `"pipe_taken"`. */
export class PipeTakenError extends ProcessError {
  /** The process whose stdout it is. */
  declare readonly pid: number;

  /** Names the process whose stdout is read already. */
  constructor(pid: number) {
    const message = `Cannot read stdout of process ${pid}: it has a reader; share what that one takes`;
    super(message, { code: "pipe_taken", pid });
  }
}

/** A message that the protocol has no frame for: `code` is `"unencodable_message"`. */
export class UnencodableMessageError extends ProcessError {
  /** The protocol that refused it. */
  declare readonly codec: string;

  /** `reason` completes the sentence "Cannot encode a message as lines: …". */
  constructor(codec: string, { reason, cause }: { readonly reason: string; readonly cause?: unknown }) {
    super(`Cannot encode a message as ${codec}: ${reason}`, { code: "unencodable_message", cause, codec });
  }
}
