/**
 * Probes as they are written, and with every default filled in.
 *
 * @module
 */

import { OptionError } from "../../actor/actor_errors.ts";
import { type LinePattern, LineWatch } from "./output_lines.ts";
import type { ProbeTiming } from "./probe_loop.ts";

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

/** One probe: a handler, and numbers. Milliseconds. */
export type Probe = ProbeHandler & {
  /** From the start of the process to the first check. Default 0. */
  readonly initialDelay?: number;
  /** From the start of one check to the start of the next. Default 10,000. */
  readonly period?: number;
  /** For one check; a heartbeat and a pattern have the period instead. Default 1,000. */
  readonly timeout?: number;
  /** Successes in a row, after a failure, that count as success. Default 1; nothing else but for readiness. */
  readonly successThreshold?: number;
  /** Failures in a row that count as failure. Default 3. */
  readonly failureThreshold?: number;
};

/** The probes of a sidecar. */
export interface Probes {
  /** Until it succeeds, the others do not run and the sidecar is not ready; if it does not, the start has failed. */
  readonly startup?: Probe | undefined;
  /** When it fails, the sidecar is ended, as a failure. */
  readonly liveness?: Probe | undefined;
  /** Without a startup probe, its first success makes the sidecar ready; later changes are events. */
  readonly readiness?: Probe | undefined;
}

/** Kubernetes' own numbers, in ms. */
export const DEFAULT_PROBE: ProbeTiming = {
  initialDelay: 0,
  period: 10_000,
  timeout: 1_000,
  successThreshold: 1,
  failureThreshold: 3,
};

/** A probe with every default filled in. */
export interface ResolvedProbe {
  readonly handler: ProbeHandler;
  readonly timing: ProbeTiming;
}

/** Probes with every default filled in. */
export type ResolvedProbes = { readonly [Kind in ProbeKind]?: ResolvedProbe };

const HANDLERS = ["tcp", "http", "command", "ping", "heartbeat", "pattern"] as const;

/**
 * Fills in the defaults. `answers`: whether the sidecar's protocol has replies.
 *
 * @throws {OptionError} not exactly one handler, or one that this probe or protocol can't have
 * @throws {OptionError} a number out of range, or a pattern that can't be matched in linear time
 * @throws {SyntaxError} no regular expression
 */
export function resolveProbes(
  { startup, liveness, readiness }: Probes,
  { answers }: { readonly answers: boolean },
): ResolvedProbes {
  return {
    ...(startup && { startup: resolve("startup", { ...startup }, answers) }),
    ...(liveness && { liveness: resolve("liveness", { ...liveness }, answers) }),
    ...(readiness && { readiness: resolve("readiness", { ...readiness }, answers) }),
  };
}

function resolve(kind: ProbeKind, probe: Probe, answers: boolean): ResolvedProbe {
  const refuse = (why: string): never => {
    throw new OptionError(`Cannot make a ${kind} probe: ${why}`);
  };
  const given = HANDLERS.filter((name) => name in probe);
  if (given.length !== 1) {
    refuse(`it has ${given.join(" and ") || "no handler"}, and needs one of ${HANDLERS}`);
  }
  if ("pattern" in probe && kind === "liveness") {
    refuse("a pattern says once that it is there; use heartbeat");
  }
  if ("ping" in probe && !answers) {
    refuse("ping needs a protocol that pairs replies, such as lines or ndjson");
  }
  if ("command" in probe && !probe.command[0]) refuse("command has no program");
  if ("heartbeat" in probe) new LineWatch(probe.heartbeat, { lasting: false });
  if ("pattern" in probe) new LineWatch(probe.pattern, { lasting: true });
  // The URL is not shown in the message: it may contain a password.
  if ("http" in probe && !isHttp(probe.http)) {
    refuse("Invalid URL; http needs one that starts with http:// or https://, or a port");
  }
  const { initialDelay, period, timeout, successThreshold, failureThreshold, ...handler } = {
    ...DEFAULT_PROBE,
    ...probe,
  };
  const timing = { initialDelay, period, timeout, successThreshold, failureThreshold };
  for (const [name, value] of Object.entries(timing)) {
    if (typeof value === "number" && value >= (name === "initialDelay" ? 0 : 1)) continue;
    throw new OptionError(`Cannot make a ${kind} probe: ${name} is ${value}`);
  }
  if (successThreshold !== 1 && (kind !== "readiness" || "pattern" in probe)) {
    refuse("its successThreshold can only be 1");
  }
  return { handler: handler as ProbeHandler, timing };
}

function isHttp(target: HttpTarget): boolean {
  if (!("url" in target) && target.path !== undefined && !target.path.startsWith("/")) return false;
  const url = httpUrl(target);
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

/** The address of a check. */
export function httpUrl(target: HttpTarget): string {
  return "url" in target ? target.url : `http://127.0.0.1:${target.port}${target.path ?? "/"}`;
}
