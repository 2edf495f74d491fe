/**
 * What a manifest says about probes, as written and with every default filled in.
 *
 * @module
 */

import type { DurationInput } from "./units.ts";

/** What a check does, as written: exactly one of these. */
export interface ProbeHandlerInput {
  /** Success: the port accepts a connection; `host` defaults to 127.0.0.1. */
  tcp?: { port: number; host?: string | undefined } | undefined;
  /** Success: a status of 200 to 399; `url`, or a port of 127.0.0.1 and a path that defaults to `/`. */
  http?: { url?: string | undefined; port?: number | undefined; path?: string | undefined } | undefined;
  /** Success: the program exits with code 0; no shell. */
  command?: string[] | undefined;
  /** Success: any reply to this message; `lines` or `ndjson` only. */
  ping?: unknown;
  /** Success: a line that matches, at least once a period. */
  heartbeat?: LinePatternInput | undefined;
  /** Success: a line that matches, once; not for liveness. */
  pattern?: LinePatternInput | undefined;
}

/** A line of one of the two streams, exactly one: the source of a regular expression, without flags. */
export interface LinePatternInput {
  /** A line of stdout. */
  stdout?: string | undefined;
  /** A line of stderr. */
  stderr?: string | undefined;
}

/** The numbers of a probe, as written. */
export interface ProbeTimingInput {
  /** From the start of the process to the first check; default 0. */
  initialDelay?: DurationInput | undefined;
  /** From the start of one check to the start of the next; default 10s. */
  period?: DurationInput | undefined;
  /** For one check; default 1s. */
  timeout?: DurationInput | undefined;
  /** Successes in a row that count, after a failure; default 1, and nothing else but for readiness. */
  successThreshold?: number | undefined;
  /** Failures in a row that count; default 3. */
  failureThreshold?: number | undefined;
}

/** One probe, as written. */
export interface ProbeInput extends ProbeHandlerInput, ProbeTimingInput {}

/** The probes of a sidecar, as written. */
export interface ProbesInput {
  /** Until it succeeds, the others do not run and the sidecar is not ready. */
  startup?: ProbeInput | undefined;
  /** When it fails, the sidecar is ended, as a failure. */
  liveness?: ProbeInput | undefined;
  /** Without a startup probe, its first success makes the sidecar ready; later changes are events. */
  readiness?: ProbeInput | undefined;
}

/** What a check does. */
export type ProbeHandlerEntry =
  | { readonly tcp: { readonly port: number; readonly host: string } }
  | { readonly http: { readonly url: string } }
  | { readonly command: readonly string[] }
  | { readonly ping: unknown }
  | { readonly heartbeat: LinePatternEntry }
  | { readonly pattern: LinePatternEntry };

/** A line of one of the two streams. */
export type LinePatternEntry = { readonly stdout: string } | { readonly stderr: string };

/** The numbers of a probe; milliseconds. */
export interface ProbeTimingEntry {
  /** From the start of the process to the first check. */
  readonly initialDelay: number;
  /** From the start of one check to the start of the next. */
  readonly period: number;
  /** For one check. */
  readonly timeout: number;
  /** Successes in a row that count. */
  readonly successThreshold: number;
  /** Failures in a row that count. */
  readonly failureThreshold: number;
}

/** One probe. */
export type ProbeEntry = ProbeHandlerEntry & ProbeTimingEntry;

/** The probes of a sidecar. */
export interface ProbesEntry {
  /** Whether it has started. */
  readonly startup?: ProbeEntry | undefined;
  /** Whether it has to be restarted. */
  readonly liveness?: ProbeEntry | undefined;
  /** Whether it can be used. */
  readonly readiness?: ProbeEntry | undefined;
}
