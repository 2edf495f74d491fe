/**
 * Why a manifest needs a permission: as data, and in words. Pure.
 */

/** The purpose of a permission. */
export type PermissionPurpose =
  /** To run a sidecar's own program. */
  | "program"
  /** To run the wrapper command of a sidecar. */
  | "launcher"
  /** To run a probe's command, or to reach the port that it looks at. */
  | "probe"
  /** To run the command that asks a sidecar to end. */
  | "stop"
  /** To run `ps`, which reads the usage of a sidecar with limits. */
  | "limits"
  /** To run anything: a sidecar has a variable of the dynamic linker. */
  | "linker"
  /** To run the guardian, which is a shell. */
  | "guardian"
  /** To read a variable that is passed on. */
  | "inherited"
  /** To read `PATH`, on which a pinned program is looked up. */
  | "lookup"
  /** To read a variable that the file of an MCP client refers to. */
  | "reference"
  /** To read the manifest. */
  | "manifest"
  /** To read the file of a variable. */
  | "secret"
  /** To read a file of variables. */
  | "variables"
  /** To read a program whose SHA-256 is checked. */
  | "pin"
  /** To look up the user or group of a sidecar by name. */
  | "account"
  /** To write the log files of the tree. */
  | "log"
  /** To write the log files of a sidecar. */
  | "childLog"
  /** To listen at a control socket. */
  | "control"
  /** To tell systemd how the tree is. */
  | "notify"
  /** To answer whether the tree is well. */
  | "health"
  /** To serve MCP over HTTP, and for its token. */
  | "http"
  /** To leave the last failure of a run. */
  | "terminationLog"
  /** To end all that sidecars have started. */
  | "signals"
  /** To find the orphans of a killed run. */
  | "leftovers"
  /** To start programs without a fork of the runtime. */
  | "starts"
  /** To keep a record of running processes. */
  | "ledger"
  /** To unpack the programs of an executable, and to run them. */
  | "embedded";

/** One reason to need a permission. */
export interface PermissionReason {
  /** The path of the sidecar that needs it; `undefined`: Outrider itself does. */
  readonly child?: string | undefined;
  /** The purpose. */
  readonly purpose: PermissionPurpose;
}

/** Of which the sidecars are named behind it. */
const OF_SIDECARS: Readonly<Partial<Record<PermissionPurpose, string>>> = {
  program: "program of",
  launcher: "launcher of",
  probe: "probe of",
  stop: "stop command of",
  limits: "limits of",
  linker: "variable of the dynamic linker for",
  inherited: "inherited by",
  lookup: "lookup of the pinned program of",
  secret: "secret of",
  variables: "envFile of",
  pin: "pinned program of",
  account: "account of",
  childLog: "log of",
};

/** Of Outrider itself. */
const OWN: Readonly<Partial<Record<PermissionPurpose, string>>> = {
  guardian: "the guardian",
  reference: "what the file refers to",
  manifest: "the manifest itself",
  log: "the log",
  control: "the control socket",
  notify: "telling systemd",
  health: "answers about its health",
  http: "MCP over HTTP",
  terminationLog: "the file for its last failure",
  signals: "ending all that sidecars have started",
  leftovers: "finding what a killed run has left",
  starts: "starts that do not hold up the runtime",
  ledger: "the record of what runs",
  embedded: "the programs inside",
};

/** All reasons on one line: `program of upper, clock; the guardian`. */
export function reasonsText(why: readonly PermissionReason[]): string {
  return [...Map.groupBy(why, ({ purpose }) => purpose)].map(([purpose, reasons]) => {
    const children = new Set(reasons.flatMap(({ child }) => child ?? []));
    const words = OF_SIDECARS[purpose] ?? OWN[purpose] ?? purpose;
    return [words, ...(children.size === 0 ? [] : [[...children].join(", ")])].join(" ");
  }).join("; ");
}
