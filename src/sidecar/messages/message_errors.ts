/**
 * The errors of a message that a sidecar is not sent, or of one of its own that can't be used.
 */

import type { SchemaIssue, SchemaRole } from "./message_schemas.ts";
import { causedBy, SidecarError } from "../sidecar_errors.ts";

/** The sidecar has closed its stdout and lives on: it takes messages, and can answer none. */
export class SidecarMuteError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_mute";

  /** Made by the sidecar. */
  constructor(path: string) {
    super(
      path,
      `Cannot get a reply from '${path}': it closed its stdout and runs on; restart it, or only tell`,
    );
  }
}

/** A message to or from the sidecar does not match its schema. */
export class SidecarSchemaError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_schema";
  /** Which message. */
  readonly role: SchemaRole;
  /** The first field that is wrong, such as `items.0.name`; empty for the message as a whole. */
  readonly field: string;
  /** Everything that is wrong. */
  readonly issues: readonly SchemaIssue[];
  /** The beginning of the message, as JSON. */
  readonly sample: string;

  /** `issues` has at least one; `cause` is the error that the schema threw, if it did. */
  constructor(
    path: string,
    { role, issues, sample, cause }:
      & Pick<SidecarSchemaError, "role" | "issues" | "sample">
      & { cause?: unknown },
  ) {
    const { field, message } = firstOf(issues);
    const what = role === "message" ? `send this to '${path}'` : `use this ${role} of '${path}'`;
    super(path, `Cannot ${what}: ${field === "" ? "" : `${field}: `}${message}: ${sample}`, causedBy(cause));
    this.role = role;
    this.field = field;
    this.issues = issues;
    this.sample = sample;
  }
}

/** An ask to a sidecar whose protocol has no replies. */
export class SidecarNoRepliesError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_no_replies";

  /** Made by the sidecar. */
  constructor(path: string, protocol: string) {
    super(
      path,
      protocol === "none"
        ? `Cannot talk to '${path}': it has no protocol; give it one, such as protocol: "lines"`
        : `Cannot ask '${path}': the protocol ${protocol} has no replies; use tell and subscribe`,
    );
  }
}

/** More asks are unanswered than are kept account of. */
export class SidecarTooManyAsksError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_too_many_asks";

  /** Made by the sidecar. */
  constructor(path: string, limit: number) {
    super(path, `Cannot ask '${path}': ${limit} asks are unanswered; ask less at a time or set timeouts`);
  }
}

/** The first issue of a schema. Issues come from a user's schema: they may be anything. */
function firstOf(issues: readonly SchemaIssue[]): { readonly field: string; readonly message: string } {
  try {
    const [{ message, path = [] }] = issues as [SchemaIssue];
    const field = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
    return { field, message: String(message) };
  } catch {
    return { field: "", message: "it does not fit" };
  }
}
