/**
 * The part of the manifest's schema that says how to find out whether a sidecar is well.
 *
 * @module
 */

import { z } from "zod";
import type { LinePatternEntry, ProbeEntry, ProbeHandlerEntry, ProbeInput } from "./probe_entries.ts";
import { hostOf, hostProblem } from "../host.ts";
import { filledTextSchema, patternSchema, textSchema } from "./text.ts";
import { durationSchema } from "./units.ts";
import { quote, quoteChoices } from "../../text/words.ts";

const port = z.int().min(1).max(65_535);

function report(context: z.RefinementCtx, fault: string | undefined): void {
  if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
}

const tcp = z.strictObject({
  port: port.describe("The port that a connection is made to."),
  host: filledTextSchema.superRefine((host, context) => report(context, hostProblem(host))).prefault(
    "127.0.0.1",
  )
    .describe(
      "The host that it is on. Default 127.0.0.1.",
    ),
});

const NO_URL = "must be a URL that starts with http:// or https://";

const http = z.strictObject({
  url: z.string().regex(/^https?:\/\//, NO_URL).refine((url) => URL.canParse(url), NO_URL).superRefine(
    (url, context) => report(context, URL.canParse(url) ? hostProblem(hostOf(url)) : undefined),
  ).optional()
    .describe(
      "What is requested. Instead of it: port, and path.",
    ),
  port: port.optional().describe("A port of 127.0.0.1."),
  path: z.string().regex(/^\/[^\s#]*$/, `must start with "/"`).optional().describe(
    `The path on that port. Default "/".`,
  ),
}).superRefine(({ url, port, path }, context) => {
  const message = url === undefined && port === undefined
    ? `needs "url" or "port"`
    : url !== undefined && (port !== undefined || path !== undefined)
    ? `has "url" and ${quote(port === undefined ? "path" : "port")}; only one of them can be`
    : undefined;
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

const lines = z.strictObject({
  stdout: patternSchema.optional().describe("Regular expression that a line of stdout matches."),
  stderr: patternSchema.optional().describe("Regular expression that a line of stderr matches."),
}).superRefine(({ stdout, stderr }, context) => {
  if ((stdout === undefined) !== (stderr === undefined)) return;
  const message = stdout === undefined
    ? `needs "stdout" or "stderr"`
    : `has "stdout" and "stderr"; only one of them can be`;
  context.addIssue({ code: "custom", message });
});

const HANDLERS = ["tcp", "http", "command", "ping", "heartbeat", "pattern"] as const;

const fields = z.strictObject({
  tcp: tcp.optional().describe("Success: the port accepts a connection."),
  http: http.optional().describe("Success: an answer with a status of 200 to 399."),
  command: z.array(textSchema).min(1, "needs a program").refine((argv) => argv[0] !== "", {
    error: "must not be empty",
    path: [0],
  }).optional().describe(
    "Success: this program, with these arguments, exits with code 0. There is no shell.",
  ),
  ping: z.unknown().optional().describe("Success: any reply to this message. lines or ndjson only."),
  heartbeat: lines.optional().describe("Success: it prints a line that matches, at least once a period."),
  pattern: lines.optional().describe("Success: it has printed a line that matches. Not for liveness."),
  initialDelay: durationSchema(0).prefault("0s").describe(
    "From the start of the process to the first check: a duration, or ms. Default 0s.",
  ),
  period: durationSchema(1).prefault("10s").describe(
    "From the start of one check to the start of the next: a duration, or ms. Default 10s.",
  ),
  timeout: durationSchema(1).prefault("1s").describe("For one check: a duration, or ms. Default 1s."),
  successThreshold: z.int().min(1).max(1_000).prefault(1).describe(
    "Successes in a row that count, after a failure. Default 1; more for readiness only.",
  ),
  failureThreshold: z.int().min(1).max(1_000_000).prefault(3).describe(
    "Failures in a row that count. Default 3.",
  ),
});

function probe(kind: "startup" | "liveness" | "readiness"): z.ZodType<ProbeEntry, ProbeInput> {
  return fields.superRefine((value, context) => {
    const given = HANDLERS.filter((name) => value[name] !== undefined);
    const refuse = (message: string, key?: keyof typeof value) =>
      context.addIssue({ code: "custom", message, path: key === undefined ? [] : [key] });
    // A key that is unknown is told, and is likely to be a handler misspelt.
    if (given.length === 0 && context.issues.length === 0) refuse(`needs ${quoteChoices(HANDLERS)}`);
    if (given.length > 1) refuse(`has ${given.map(quote).join(" and ")}; only one of them can be`);
    if (kind === "liveness" && value.pattern !== undefined) {
      refuse(
        `is for startup and readiness; a sidecar that says it again and again has a "heartbeat"`,
        "pattern",
      );
    }
    if (value.successThreshold > 1 && (kind !== "readiness" || value.pattern !== undefined)) {
      const of = kind === "readiness" ? "a pattern" : kind;
      refuse(`must be 1 for ${of}, got ${value.successThreshold}`, "successThreshold");
    }
  }).meta({ oneOf: HANDLERS.map((name) => ({ required: [name] })) }).transform((
    { initialDelay, period, timeout, successThreshold, failureThreshold, ...handler },
  ): ProbeEntry => ({
    ...resolved(handler),
    initialDelay,
    period,
    timeout,
    successThreshold,
    failureThreshold,
  }));
}

type Handler = Pick<z.infer<typeof fields>, typeof HANDLERS[number]>;

/** Of a probe that has exactly one handler. */
function resolved({ tcp, http, command, ping, heartbeat, pattern }: Handler): ProbeHandlerEntry {
  if (tcp !== undefined) return { tcp };
  if (http !== undefined) {
    return { http: { url: http.url ?? `http://127.0.0.1:${http.port}${http.path ?? "/"}` } };
  }
  if (command !== undefined) return { command };
  if (heartbeat !== undefined) return { heartbeat: line(heartbeat) };
  return pattern === undefined ? { ping } : { pattern: line(pattern) };
}

function line({ stdout, stderr }: z.infer<typeof lines>): LinePatternEntry {
  return stdout === undefined ? { stderr: stderr! } : { stdout };
}

const all = z.strictObject({
  startup: probe("startup").optional().describe(
    "Until it succeeds, the others do not run and the sidecar is not ready. If it does not, the start has failed.",
  ),
  liveness: probe("liveness").optional().describe("When it fails, the sidecar is ended, as a failure."),
  readiness: probe("readiness").optional().describe(
    "Without a startup probe, its first success makes the sidecar ready. Later changes are events.",
  ),
}).meta({ id: "Probes", description: "The probes of one sidecar." });

/** The probes of a sidecar. */
export const probes = all.optional().describe(
  "How to find out whether the sidecar is well; as in Kubernetes.",
);

/** The keys that each object in it may have, by the property that holds it. */
export const PROBE_KEYS: Readonly<Record<string, readonly string[]>> = {
  probes: Object.keys(all.shape),
  startup: Object.keys(fields.shape),
  liveness: Object.keys(fields.shape),
  readiness: Object.keys(fields.shape),
  tcp: Object.keys(tcp.shape),
  http: Object.keys(http.shape),
  heartbeat: Object.keys(lines.shape),
  pattern: Object.keys(lines.shape),
};
