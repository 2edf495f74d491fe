/**
 * Checks of messages by their schemas.
 *
 * @module
 */

import { sampleOf } from "../process/framing/framing.ts";
import { jsonOrText } from "./shown_value.ts";
import { redactValue } from "../process/secrets/mask_values.ts";
import { asError } from "../actor/exit.ts";
import { OptionError } from "../actor/actor_errors.ts";
import type { Redactor } from "../process/secrets/mask.ts";
import { SidecarSchemaError } from "./sidecar_errors.ts";
import type { Schema, SchemaIssue, SchemaRole } from "./message_schemas.ts";

/** Turns a value into the output of its schema. @throws {SidecarSchemaError} */
export type MessageCheck = (value: unknown) => unknown;

/** Returns the check by `schema` of the messages to or from the sidecar at `path`. */
export function createMessageCheck(
  schema: Schema<unknown> | undefined,
  { path, role, redact = asIs }: {
    readonly path: string;
    readonly role: SchemaRole;
    /** Redacts secrets in the samples of errors. */
    readonly redact?: Redactor | undefined;
  },
): MessageCheck | undefined {
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
    const told = redact === undefined ? issues : redactValue(issues, redact);
    const whole = jsonOrText(value);
    const sample = sampleOf(redact?.(whole) ?? whole);
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

function asIs(text: string): string {
  return text;
}
