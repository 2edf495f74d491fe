/**
 * The options that say how to find out whether a sidecar is well.
 */

import {
  any,
  duration,
  filled,
  key,
  linePattern,
  list,
  needed,
  shape,
  text,
  types,
  union,
  whole,
} from "../build.ts";
import type { Field, Property, Refuse, ShapeField, UnionField } from "../field.ts";
import { hostOf, hostProblem } from "./host.ts";
import type { LinePatternEntry, LinePatternInput, ProbeEntry, ProbeHandlerEntry } from "../types.ts";
import { quote, quoteChoices } from "../../text/words.ts";

const port = whole(1, 65_535);

const tcp: ShapeField = shape({
  port: needed(port, "The port that a connection is made to"),
  host: key({ ...filled, fault: hostProblem }, "The host that it is on"),
}, { defaults: "tcp" });

const NO_URL = "must be a URL that starts with http:// or https://";

const http: ShapeField = shape({
  url: key(
    {
      kind: "text",
      patterns: [[/^https?:\/\//, NO_URL]],
      fault: (url) => URL.canParse(url) ? hostProblem(hostOf(url)) : NO_URL,
    },
    "What is requested. Instead of it: port, and path",
    { otherwise: "" },
  ),
  port: key(port, "A port of 127.0.0.1", { otherwise: "" }),
  path: key(
    { kind: "text", patterns: [[/^\/[^\s#]*$/, `must start with "/"`]] },
    "The path on that port",
    { otherwise: `"/"` },
  ),
}, {
  output: "{ readonly url: string }",
  to: ({ url, port, path }: { url?: string; port?: number; path?: string }) => ({
    url: url ?? `http://127.0.0.1:${port}${path ?? "/"}`,
  }),
  rule({ url, port, path }, refuse) {
    if (url === undefined && port === undefined) refuse(`needs "url" or "port"`);
    if (url !== undefined && (port !== undefined || path !== undefined)) {
      refuse(`has "url" and ${quote(port === undefined ? "path" : "port")}; only one of them can be`);
    }
  },
});

const lines: ShapeField = shape({
  stdout: key(linePattern, "Regular expression that a line of stdout matches", { otherwise: "" }),
  stderr: key(linePattern, "Regular expression that a line of stderr matches", { otherwise: "" }),
}, {
  types: types(
    "LinePatternInput",
    "LinePatternEntry",
    "A line of one of the two streams, exactly one: the source of a regular expression, without flags.",
  ),
  output: "{ readonly stdout: string } | { readonly stderr: string }",
  to: ({ stdout, stderr }: LinePatternInput): LinePatternEntry =>
    stdout === undefined ? { stderr: stderr! } : { stdout },
  rule({ stdout, stderr }, refuse) {
    if ((stdout === undefined) !== (stderr === undefined)) return;
    refuse(
      stdout === undefined
        ? `needs "stdout" or "stderr"`
        : `has "stdout" and "stderr"; only one of them can be`,
    );
  },
});

/** A program with its arguments; there is no shell. */
export const programLine: Field = list(text, { min: 1, tooFew: "needs a program", isProgram: true });

/** The kinds of check; exactly one of them. */
export const handlerFields: Record<string, Property> = {
  tcp: key(tcp, "Success: the port accepts a connection", { otherwise: "" }),
  http: key(http, "Success: an answer with a status of 200 to 399", { otherwise: "" }),
  command: key(
    programLine,
    "Success: this program, with these arguments, exits with code 0. There is no shell",
    {
      otherwise: "",
    },
  ),
  ping: key(any, "Success: any reply to this message. lines or ndjson only", { otherwise: "" }),
  heartbeat: key(lines, "Success: it prints a line that matches, at least once a period", { otherwise: "" }),
  pattern: key(lines, "Success: it has printed a line that matches. Not for liveness", { otherwise: "" }),
};

const HANDLERS = Object.keys(handlerFields);

/** The numbers of a probe. */
export const timingFields: Record<string, Property> = {
  initialDelay: key(duration(0), "From the start of the process to the first check"),
  period: key(duration(1), "From the start of one check to the start of the next"),
  timeout: key(duration(1), "For one check"),
  successThreshold: key(
    whole(1, 1_000),
    "Successes in a row that count, after a failure; more than 1 for readiness only",
  ),
  failureThreshold: key(whole(1, 1_000_000), "Failures in a row that count"),
  busyFor: key(
    duration(0),
    "For liveness by ping: how long pings that find it at work on a request may be missed",
    { otherwise: ({ ping }) => String(ping.busyFor) },
  ),
};

/** The same, for its types. */
export const timing: ShapeField = shape(timingFields, {
  defaults: "probe",
  types: types("ProbeTimingInput", "ProbeTimingEntry", "The numbers of a probe."),
});

/** The kinds of check, for their types. */
export const probeHandler: UnionField = union(
  "a check",
  Object.entries(handlerFields).map(([name, { field, says }]) => shape({ [name]: needed(field, says) })),
  { types: types("ProbeHandlerInput", "ProbeHandlerEntry", "What a check does.") },
);

type Kind = "startup" | "liveness" | "readiness";

function probe(kind: Kind): ShapeField {
  return shape({ ...handlerFields, ...timingFields }, {
    defaults: "probe",
    types: types("ProbeInput", "ProbeEntry", "One probe: exactly one check, and numbers."),
    output: "ProbeHandlerEntry & ProbeTimingEntry",
    conditions: { oneOf: HANDLERS.map((name) => ({ required: [name] })) },
    rule: (value, refuse, isClean) => probeFaults(kind, value, refuse, isClean),
    to: (
      { initialDelay, period, timeout, successThreshold, failureThreshold, busyFor, ...handler },
    ): ProbeEntry => ({
      ...handlerOf(handler),
      initialDelay,
      period,
      timeout,
      successThreshold,
      failureThreshold,
      ...busyFor !== undefined && { busyFor },
    }),
  });
}

function probeFaults(
  kind: Kind,
  value: Readonly<Record<string, unknown>>,
  refuse: Refuse,
  isClean: boolean,
): void {
  const given = HANDLERS.filter((name) => value[name] !== undefined);
  // A key that is unknown is told, and is likely to be a handler misspelt.
  if (given.length === 0 && isClean) refuse(`needs ${quoteChoices(HANDLERS)}`);
  if (given.length > 1) refuse(`has ${given.map(quote).join(" and ")}; only one of them can be`);
  if (kind === "liveness" && value.pattern !== undefined) {
    refuse(
      `is for startup and readiness; a sidecar that says it again and again has a "heartbeat"`,
      "pattern",
    );
  }
  const { successThreshold, busyFor } = value;
  if (busyFor !== undefined && (kind !== "liveness" || value.ping === undefined)) {
    refuse(`is for a liveness probe with "ping"`, "busyFor");
  }
  if (Number(successThreshold) > 1 && (kind !== "readiness" || value.pattern !== undefined)) {
    const of = kind === "readiness" ? "a pattern" : kind;
    refuse(`must be 1 for ${of}, got ${successThreshold}`, "successThreshold");
  }
}

/** Of a probe that has exactly one. */
function handlerOf(handler: Readonly<Record<string, unknown>>): ProbeHandlerEntry {
  const [name, value] = Object.entries(handler).find(([, value]) => value !== undefined) ??
    ["ping", undefined];
  return { [name]: value } as unknown as ProbeHandlerEntry;
}

/** The probes of one sidecar. */
export const probes: ShapeField = shape({
  startup: key(
    probe("startup"),
    "Until it succeeds, the others do not run and the sidecar is not ready; else the start has failed",
    { otherwise: "" },
  ),
  liveness: key(probe("liveness"), "When it fails, the sidecar is ended, as a failure", { otherwise: "" }),
  readiness: key(
    probe("readiness"),
    "Without a startup probe, its first success makes it ready; later changes are events",
    { otherwise: "" },
  ),
}, {
  types: types("ProbesInput", "ProbesEntry", "The probes of a sidecar."),
  schema: { id: "Probes", description: "The probes of one sidecar." },
});
