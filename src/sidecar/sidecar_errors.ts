/**
 * How a sidecar fails, as the cause in crash reports and rejected asks.
 */

import { asError, type DeathCause, deathOf } from "../actor/exit.ts";
import type { Malformed } from "../process/framing/framing.ts";
import type { ExitStatus } from "../process/child_process.ts";
import { howEnded } from "../text/words.ts";
import { lastWordsOf } from "../text/last_words.ts";
import type { AwaitedLine } from "./health/awaited_line.ts";
import type { LimitExcess } from "./health/limit_watch.ts";
import type { ProbeFailure } from "./health/probe_loop.ts";
import type { ProbeKind } from "./health/probe_options.ts";
import { OutriderError } from "../outrider_error.ts";

/** The stable codes of {@linkcode SidecarError}. */
export type SidecarErrorCode =
  | "sidecar_exited"
  | "sidecar_not_ready"
  | "sidecar_probe_failed"
  | "sidecar_unhealthy"
  | "sidecar_hung"
  | "sidecar_over_limit"
  | "sidecar_protocol"
  | "sidecar_deaf"
  | "sidecar_mute"
  | "sidecar_output_cut"
  | "sidecar_schema"
  | "sidecar_no_replies"
  | "sidecar_too_many_asks"
  | "worker_threw";

/** The class of everything below. */
export abstract class SidecarError extends OutriderError {
  /** Stable, for programs. */
  abstract override readonly code: SidecarErrorCode;
  /** The sidecar's place in the tree. */
  readonly path: string;

  /** For subclasses. */
  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** The process ended without a stop request, and not with code 0. */
export class SidecarExitedError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_exited";
  /** The cause of its death, for the restart rules by cause. */
  readonly death: DeathCause;
  /** Its exit code; 128 and the signal's number where a signal ended it. */
  readonly exitCode: number;
  /** The signal that ended it, if one did. */
  readonly signal: Deno.Signal | undefined;
  /** Its last lines on stderr, oldest first. */
  readonly stderrTail: readonly string[];
  /**
   * The cause in them: that of a stack trace, else the last that is not an indented continuation, behind an earlier one
   * where only that says what went wrong.
   */
  readonly lastWords: string | undefined;

  /** `stderrTail` as it stood when the pipe ended; `cause` is an error thrown while its end was handled. */
  constructor(path: string, status: ExitStatus, stderrTail: readonly string[], cause?: unknown) {
    const { code, signal } = status;
    const words = lastWordsOf(stderrTail);
    const said = words ? `, its last words: ${words}` : "";
    super(path, `Cannot go on: the process of '${path}' ${howEnded(status)}${said}`, causedBy(cause));
    this.lastWords = words;
    this.exitCode = code;
    this.death = signal === undefined ? { kind: "exit_code", code } : { kind: "signal", code, signal };
    this.signal = signal;
    this.stderrTail = stderrTail;
  }
}

/** The sidecar did not become ready. */
export class SidecarNotReadyError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_not_ready";
  /** The cause of its death: that of its `cause`, if that names one. */
  readonly death: DeathCause;
  /** Its last lines on stderr, oldest first. */
  readonly stderrTail: readonly string[];

  /** The line that it waited for, and what came instead; absent where it waited for something else. */
  declare readonly awaited?: AwaitedLine;

  /** `why` completes the sentence "Cannot use 'db': …". */
  constructor(
    path: string,
    why: string,
    { stderrTail, cause, awaited }: {
      stderrTail: readonly string[];
      cause?: unknown;
      awaited?: AwaitedLine | undefined;
    },
  ) {
    super(path, `Cannot use '${path}': ${why}`, { cause });
    if (awaited !== undefined) this.awaited = awaited;
    // A failing probe shows that it is not ready; it is not the cause of its death.
    this.death = cause === undefined || cause instanceof SidecarProbeError
      ? { kind: "not_ready" }
      : deathOf({ reason: "crash", cause: asError(cause) });
    this.stderrTail = stderrTail;
  }
}

/** A check of a probe failed; the cause of {@linkcode SidecarUnhealthyError} and of a start that a probe failed. */
export class SidecarProbeError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_probe_failed";
  /** Which probe. */
  readonly probe: ProbeKind;
  /** The failure, as a clause; it is in the message too. */
  readonly why: string;

  /** `cause` is the error that the check threw, if it did. */
  constructor(path: string, probe: ProbeKind, { why, cause }: ProbeFailure) {
    super(path, `Cannot pass the ${probe} probe of '${path}': ${why}`, causedBy(cause));
    this.probe = probe;
    this.why = why;
  }
}

/** Its liveness probe failed too often in a row, so it was ended; the last failure is the cause. */
export class SidecarUnhealthyError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_unhealthy";
  /** What it died of. */
  readonly death: DeathCause = { kind: "unhealthy" };
  /** Its last lines on stderr, oldest first. */
  readonly stderrTail: readonly string[];
  /** The last failure. */
  override readonly cause: SidecarProbeError;

  /** `times`: how many failures in a row. */
  constructor(
    path: string,
    { times, stderrTail, cause }: { times: number } & Pick<SidecarUnhealthyError, "stderrTail" | "cause">,
  ) {
    const often = times === 1 ? "" : ` ${times} times in a row, at last`;
    super(path, `Cannot go on: the liveness probe of '${path}' failed${often}: ${cause.why}`);
    this.stderrTail = stderrTail;
    this.cause = cause;
  }
}

/** A request that its caller gave up was not answered in the time that `whenGivenUp` gives it, so it was ended. */
export class SidecarHungError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_hung";
  /** What it died of. */
  readonly death: DeathCause = { kind: "unhealthy" };
  /** Its last lines on stderr, oldest first. */
  readonly stderrTail: readonly string[];

  /** `after` is in ms. */
  constructor(path: string, { after, stderrTail }: { after: number } & Pick<SidecarHungError, "stderrTail">) {
    super(path, `Cannot go on: '${path}' owes a reply, ${after} ms after its caller gave up`);
    this.stderrTail = stderrTail;
  }
}

/** It used more than its limits allow, for longer than they allow, so it was ended. */
export class SidecarOverLimitError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_over_limit";
  /** What it died of. */
  readonly death: DeathCause = { kind: "over_limit" };
  /** The limit, the allowed and the used amount, and for how long. */
  readonly excess: LimitExcess;
  /** Its last lines on stderr, oldest first. */
  readonly stderrTail: readonly string[];

  /** Made by the sidecar. */
  constructor(path: string, { excess, stderrTail }: { excess: LimitExcess; stderrTail: readonly string[] }) {
    const { limit, allowed, used, lasted } = excess;
    const amount = (value: number) => {
      if (limit === "cpu") return `${Number(value.toFixed(2))} processors`;
      const [unit, size] = value < 1e6 ? ["kB", 1e3] as const : ["MB", 1e6] as const;
      return `${Number((value / size).toFixed(1))} ${unit}`;
    };
    const [had, may, seconds] = [amount(used), amount(allowed), Number((lasted / 1_000).toFixed(1))];
    super(
      path,
      `Cannot go on: '${path}' used ${had}, for ${seconds} s more than the ${may} that its limits allow`,
    );
    this.excess = excess;
    this.stderrTail = stderrTail;
  }
}

/** The sidecar is `strict` and broke its protocol; or its reply was lost in malformed output. */
export class SidecarProtocolError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_protocol";
  /** The cause of its death, if it is strict. */
  readonly death: DeathCause = { kind: "protocol" };
  /** The malformed output. */
  readonly fault: Malformed;

  /** Made by the sidecar; `why` is the fault of a reply that could be read, `maxFrame` the cap in bytes. */
  constructor(
    path: string,
    fault: Malformed,
    { why, maxFrame }: { readonly why?: string; readonly maxFrame?: number } = {},
  ) {
    super(
      path,
      why === undefined
        ? `Cannot read what '${path}' wrote: ${faultText(fault, maxFrame)}`
        : `Cannot use the reply of '${path}': ${why}: ${fault.sample}`,
    );
    this.fault = fault;
  }
}

/** The fault as a clause; one over the cap of `maxFrame` bytes says how to raise that. */
export function faultText({ kind, bytes, sample }: Malformed, maxFrame: number | undefined): string {
  const cap = kind === "over_cap" && maxFrame !== undefined
    ? `, more than the ${maxFrame.toLocaleString("en")} of its maxFrame, which can be set higher`
    : "";
  return `${kind}, ${bytes} bytes${cap}: ${sample}`;
}

/** The sidecar asks and does not read the answers. */
export class SidecarDeafError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_deaf";
  /** What it died of. */
  readonly death: DeathCause = { kind: "protocol" };
  /** Bytes that it had left unread. */
  readonly unread: number;

  /** Made by the sidecar. */
  constructor(path: string, unread: number) {
    super(path, `Cannot answer '${path}': it does not read its stdin, where ${unread} bytes of answers wait`);
    this.unread = unread;
  }
}

/** The process ended well, but one of its own children holds its stdout open: its output may be incomplete. */
export class SidecarOutputCutError extends SidecarError {
  /** Stable, for programs. */
  override readonly code = "sidecar_output_cut";

  /** `waited` ms for the end of the output. */
  constructor(path: string, waited: number) {
    super(
      path,
      `Cannot read all that '${path}' wrote: its process has ended, and ${waited} ms later another still held its stdout`,
    );
  }
}

/** Returns the options of an error with that cause, if there is one. */
export function causedBy(cause: unknown): ErrorOptions {
  return cause === undefined ? {} : { cause };
}
