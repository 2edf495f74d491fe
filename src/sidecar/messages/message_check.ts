/**
 * Checks of messages by their schemas, and the errors of those that can't be sent.
 */

import { sampleOf } from "../../process/framing/framing.ts";
import { jsonOrText } from "./shown_value.ts";
import { redactValue } from "../../process/secrets/mask_values.ts";
import { asError } from "../../actor/exit.ts";
import { OptionError } from "../../actor/actor_errors.ts";
import type { SidecarRun } from "../incarnation/run.ts";
import type { Protocol } from "../protocol.ts";
import { UnencodableMessageError } from "../../process/pipes/pipe_errors.ts";
import {
  SidecarMuteError,
  SidecarNoRepliesError,
  SidecarSchemaError,
  SidecarTooManyAsksError,
} from "./message_errors.ts";
import type { Schema, SchemaIssue, SchemaRole } from "./message_schemas.ts";

/** Turns a value into the output of its schema. @throws {SidecarSchemaError} */
export type MessageCheck = (value: unknown) => unknown;

/** Returns the check of the messages of `run` in this role, if there is a schema for them. */
export function createMessageCheck(run: SidecarRun, role: SchemaRole): MessageCheck | undefined {
  const { settings, context: { path }, redact } = run;
  const schema: Schema<unknown> | undefined = settings.schemas[role];
  if (schema === undefined) return undefined;
  return (value) => {
    let issues: readonly SchemaIssue[];
    let cause: unknown;
    try {
      const result = schema["~standard"].validate(value);
      if (isPromise(result)) {
        issues = [{ message: "its schema is asynchronous" }];
        cause = asynchronous(result, { path, role });
      } else {
        const found = result.issues;
        if (found === undefined) return result.value;
        issues = found;
      }
    } catch (thrown) {
      // The schema is at fault, and neither the process nor any other message.
      issues = [{ message: `its schema threw: ${asError(thrown).message}` }];
      cause = thrown;
    }
    // A validator may quote the value that it refuses, and a key can be a secret as well.
    const told = redactValue(issues, redact);
    const sample = sampleOf(redact(jsonOrText(value)));
    throw new SidecarSchemaError(path, { role, issues: told, sample, cause });
  };
}

function isPromise(result: object): result is PromiseLike<unknown> {
  return typeof (result as { readonly then?: unknown }).then === "function";
}

/** Handles the rejection of `result`, which is not awaited, so that it does not become an uncaught error. */
function asynchronous(
  result: PromiseLike<unknown>,
  { path, role }: { path: string; role: SchemaRole },
): OptionError {
  new Promise((resolve) => resolve(result)).catch(() => {});
  return new OptionError(
    `Cannot check the ${role} of '${path}': its schema is asynchronous; give one that answers at once`,
  );
}

/**
 * The sender's error for a message that could not be encoded, with the thrown value as the cause of any other error.
 */
export function toRequestError(thrown: unknown, { name }: Protocol): Error {
  const error = asError(thrown);
  const says = [UnencodableMessageError, SidecarNoRepliesError, SidecarTooManyAsksError];
  if ([...says, SidecarSchemaError, SidecarMuteError].some((known) => error instanceof known)) return error;
  return new UnencodableMessageError(name, {
    reason: `to make a frame of it threw: ${error.message}`,
    cause: error,
  });
}
