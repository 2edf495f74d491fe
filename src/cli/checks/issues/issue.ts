/**
 * What `check` finds out about one sidecar, as data. Used by `confinement.ts`, and by `issues.ts`,
 * which collects and prints.
 */

/** An issue of a sidecar: a fault, an unreadable part, or a risk that may be intended. */
export interface CheckIssue {
  /** Of the sidecar in the tree. */
  readonly path: string;
  readonly text: string;
  readonly kind: "fault" | "unknown" | "warning";
  /** The flag of `deno run` under which it could be checked. */
  readonly add?: string;
}

/** Makes a fault. */
export const fault = (path: string, text: string): CheckIssue => ({ path, text, kind: "fault" });

/** Makes a risk that may be intended. */
export const warning = (path: string, text: string): CheckIssue => ({ path, text, kind: "warning" });

/** Makes an unreadable part, with the flag that would show it. */
export const unknown = (path: string, text: string, add: string): CheckIssue => ({
  path,
  text,
  kind: "unknown",
  add,
});
