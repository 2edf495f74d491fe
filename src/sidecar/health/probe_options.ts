/**
 * Probes as they are written, and with every default filled in.
 */

import { OptionError } from "../../actor/actor_errors.ts";
import { checkLine, type LinePattern } from "./line_pattern.ts";
import type { ProbeTiming } from "./probe_loop.ts";
import { defaultMs } from "../../options/presets.ts";
import type { ProbeTimingInput } from "../../options/types.ts";

/** Milliseconds for which a ping that finds the process busy is no failure, by default. */
const BUSY_FOR_MS = defaultMs("ping", "busyFor");

/** The three probes of Kubernetes. */
export type ProbeKind = "startup" | "liveness" | "readiness";

/** The kind of a check, named by its first key. */
export type ProbeHandler =
  /** Success: a connection is accepted. `host` is 127.0.0.1 unless given. */
  | { readonly tcp: { readonly port: number; readonly host?: string | undefined } }
  /** Success: an answer with a status of 200 to 399. A port is one of 127.0.0.1, its path `/` unless given. */
  | { readonly http: HttpTarget }
  /** Success: exit code 0. Program and arguments, no shell; in the sidecar's folder, with its environment. */
  | { readonly command: readonly string[] }
  /** Success: any reply to this request. `lines` and `ndjson` only. */
  | { readonly ping: unknown }
  /** Success: a line that matches, at least once a period. Such a line on stdout is not a message. */
  | { readonly heartbeat: LinePattern }
  /** Success: a line that matches, once. Such a line on stdout is not a message. Not for liveness. */
  | { readonly pattern: LinePattern };

/** Where a check of a web server goes. */
export type HttpTarget =
  | { readonly url: string }
  | { readonly port: number; readonly path?: string | undefined };

/** A {@linkcode ProbeHandler}, resolved. */
export type ResolvedHandler =
  | { readonly tcp: { readonly port: number; readonly host: string } }
  | { readonly http: { readonly url: string } }
  | Exclude<ProbeHandler, { readonly tcp: unknown } | { readonly http: unknown }>;

/** One probe: a handler, and numbers. */
export type Probe = ProbeHandler & ProbeTimingInput;

/** The probes of a sidecar. */
export interface Probes {
  /** Until it succeeds, the others do not run and the sidecar is not ready; if it does not, the start has failed. */
  readonly startup?: Probe | undefined;
  /** When it fails, the sidecar is ended, as a failure. */
  readonly liveness?: Probe | undefined;
  /** Without a startup probe, its first success makes the sidecar ready; later changes are events. */
  readonly readiness?: Probe | undefined;
}

/** A probe with every default filled in. */
export interface ResolvedProbe {
  readonly handler: ResolvedHandler;
  readonly timing: ProbeTiming;
  /** Of a liveness ping: milliseconds for which one that finds the process busy is no failure. Of others: 0. */
  readonly busyFor: number;
}

/** Probes with every default filled in. */
export type ResolvedProbes = { readonly [Kind in ProbeKind]?: ResolvedProbe };

/** Probes, checked, as patterns are written in code. */
export interface CheckedProbes {
  readonly startup?: CheckedProbe;
  readonly liveness?: CheckedProbe;
  readonly readiness?: CheckedProbe;
}

type CheckedProbe = ResolvedHandler & ProbeTiming & { readonly busyFor?: number | undefined };

/**
 * Compiles the patterns of probes that were checked. `answers`: whether the sidecar's protocol has replies.
 *
 * @throws {OptionError} one that this protocol can't have, or a pattern that can't be matched in linear time
 */
export function resolveProbes(
  { startup, liveness, readiness }: CheckedProbes,
  { answers }: { readonly answers: boolean },
): ResolvedProbes {
  return {
    ...(startup && { startup: resolve("startup", startup, answers) }),
    ...(liveness && { liveness: resolve("liveness", liveness, answers) }),
    ...(readiness && { readiness: resolve("readiness", readiness, answers) }),
  };
}

function resolve(kind: ProbeKind, probe: CheckedProbe, answers: boolean): ResolvedProbe {
  if ("ping" in probe && !answers) {
    throw new OptionError(
      `Cannot make a ${kind} probe: ping needs a protocol that pairs replies, such as lines or ndjson`,
      { path: `probes.${kind}.ping` },
    );
  }
  // A pattern that cannot be matched fails now, and not at each start.
  if ("heartbeat" in probe) checkLine(probe.heartbeat);
  if ("pattern" in probe) checkLine(probe.pattern);
  const { initialDelay, period, timeout, successThreshold, failureThreshold, ...rest } = probe;
  const { busyFor = kind === "liveness" ? BUSY_FOR_MS : 0, ...handler } = rest;
  const timing = { initialDelay, period, timeout, successThreshold, failureThreshold };
  return { handler: handler as ResolvedHandler, timing, busyFor };
}
