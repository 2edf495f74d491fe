/**
 * The part of the manifest's schema that describes a sidecar.
 *
 * @module
 */

import { z } from "zod";
import { DEFAULT_START_MS } from "../../supervision/child_spec.ts";
import { gidSchema, launcherSchema, limitsSchema, sha256Schema, uidSchema } from "./confinement.ts";
import { variableNames, variables } from "./environment_schema.ts";
import { onSchema, platformsSchema } from "./platform.ts";
import { probes } from "./probe.ts";
import { greets, protocol, until } from "./protocol.ts";
import { after, backoff, restartSchema, significant, splitRestart, startWithin } from "./supervision.ts";
import { filledTextSchema, idSchema, patternSchema, textSchema } from "./text.ts";
import { durationSchema, sizeSchema } from "./units.ts";

const within = durationSchema(1).prefault("10s").describe(
  "How long it may take before the start counts as failed: a duration, or ms. Default 10s.",
);

/** The object forms of `ready`. */
export const readyOn = {
  stdout: z.strictObject({
    stdout: patternSchema.describe("Regular expression that a line of stdout matches."),
    within,
  }),
  stderr: z.strictObject({
    stderr: patternSchema.describe("Regular expression that a line of stderr matches."),
    within,
  }),
  reply: z.strictObject({
    reply: z.unknown().nonoptional().describe(
      "A message to send; the first reply makes it ready. lines or ndjson only.",
    ),
    within,
  }),
};

const ready = z.union([z.literal("started"), readyOn.stdout, readyOn.stderr, readyOn.reply], {
  error: `expected "started", or an object with "stdout", "stderr" or "reply"`,
}).prefault("started").describe(
  "When the sidecar counts as ready and the next one may start: at once, on a pattern, or on a reply. Default started.",
);

/** The bounded mailbox in front of an actor. */
export const mailboxSchema = z.strictObject({
  capacity: z.int().min(1).max(1_000_000).prefault(1024).describe("Messages it holds. Default 1024."),
  overflow: z.enum(["wait", "drop-oldest", "drop-newest", "fail"]).prefault("wait").describe(
    "When it is full: make the sender wait, drop the oldest or the newest message, or fail. Default wait.",
  ),
  bytes: sizeSchema().optional().describe(
    "Bytes that it holds: a size, or bytes. A larger message is let in alone. Default no such limit.",
  ),
}).prefault({}).describe("The bounded mailbox in front of the sidecar.");

/** The steps of stopping. */
export const stopSchema = z.strictObject({
  drain: durationSchema(0).optional().describe(
    "How long what was taken may need: a duration, or ms. Default 1s, without a protocol 0.",
  ),
  goodbye: durationSchema(0).prefault("2s").describe(
    "How long the protocol's goodbye may take, where it has one: a duration, or ms. Default 2s.",
  ),
  stdin: durationSchema(0).optional().describe(
    "How long to wait after closing stdin: a duration, or ms. Default 2s, without a protocol 0.",
  ),
  term: durationSchema(0).optional().describe(
    "How long to wait after SIGTERM, before SIGKILL: a duration, or ms. Default 5s.",
  ),
}).optional().describe("How the sidecar is stopped, step by step.");

/** The keys of a sidecar. */
export const sidecarFields = z.strictObject({
  id: idSchema.describe("Unique among its siblings; becomes part of the sidecar's path."),
  command: filledTextSchema.describe(
    "The program: a name on PATH, or, with a slash, a path relative to the manifest.",
  ),
  args: z.array(textSchema).prefault([]).describe(
    "Arguments, passed as they are: there is no shell. Default none.",
  ),
  protocol,
  until,
  cwd: filledTextSchema.prefault(".").describe(
    "Working directory, relative to the manifest. Default the manifest's folder.",
  ),
  env: variables.prefault({}).describe(
    "Environment variables to set, each to a text or to what is in a file. Default none.",
  ),
  inheritEnv: variableNames
    .prefault(["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER"])
    .describe("Environment variables to pass on. Default PATH, HOME, LANG, TERM, TMPDIR, USER."),
  platforms: platformsSchema,
  on: onSchema,
  launcher: launcherSchema,
  sha256: sha256Schema,
  uid: uidSchema,
  gid: gidSchema,
  limits: limitsSchema,
  restart: restartSchema,
  significant,
  after,
  startWithin: startWithin.describe(
    "How long a start may take before it counts as failed: a duration, ms, or infinity. Default infinity with ready or a startup or readiness probe, which have limits of their own, 1m for lsp and mcp, else 90s.",
  ),
  backoff,
  ready,
  probes,
  mailbox: mailboxSchema,
  maxInFlight: z.int().min(1).max(65_536).optional().describe(
    "Requests that it is given before the first is answered. Default no limit.",
  ),
  onDeath: z.enum(["fail", "replay", "dead-letter"]).prefault("fail").describe(
    "What happens to a message that it had and did not answer when it ended: fail, replay to the next incarnation, or dead-letter. Default fail.",
  ),
  attempts: z.int().min(1).max(1_000_000).prefault(3).describe(
    "How many incarnations may have a message that is replayed. Default 3.",
  ),
  maxFrame: sizeSchema().prefault("10MB").describe(
    "The longest message: a size, or bytes, up to 1GiB. Default 10MB.",
  ),
  stop: stopSchema,
  strict: z.boolean().prefault(false).describe(
    "Whether a frame that is too long or no JSON fails the sidecar, instead of being dropped. Default false.",
  ),
}).meta({ id: "Sidecar", description: "A program that runs as a supervised actor." });

/** Milliseconds for a start that is a handshake, where nothing else is said; the actors have the same. */
const HANDSHAKE_MS = 60_000;

/** Whether its start waits for what has a limit of its own. */
function isBounded({ ready, probes }: Pick<z.infer<typeof sidecarFields>, "ready" | "probes">): boolean {
  return ready !== "started" || probes?.startup !== undefined || probes?.readiness !== undefined;
}

/** The keys of what each copy of a pool runs: what the pool has for all of them is not theirs. */
export const copyFields = sidecarFields.omit({ id: true, significant: true, after: true, mailbox: true })
  .meta({
    id: "Copy",
    description: "The program that each copy of a pool runs.",
  });

type Unsettled = Pick<
  z.infer<typeof copyFields>,
  "stop" | "restart" | "startWithin" | "protocol" | "ready" | "probes"
>;

/** A program with the defaults that depend on what else is written. */
// A program that speaks no protocol has no reason to watch its stdin, so waiting for it would only be a delay.
export function resolveSidecar<Fields extends Unsettled>({ stop, restart, startWithin, ...fields }: Fields) {
  return {
    ...fields,
    ...splitRestart(restart),
    startWithin: startWithin ??
      (greets(fields.protocol) ? HANDSHAKE_MS : isBounded(fields) ? "infinity" as const : DEFAULT_START_MS),
    stop: {
      drain: stop?.drain ?? (fields.protocol ? 1000 : 0),
      goodbye: stop?.goodbye ?? 2000,
      stdin: stop?.stdin ?? (fields.protocol ? 2000 : 0),
      term: stop?.term ?? 5000,
    },
  };
}

/** A program that runs as a supervised actor. */
export const sidecarSchema = sidecarFields.transform((fields) => resolveSidecar(fields));

/** The program that each copy of a pool runs. */
export const copySchema = copyFields.transform((fields) => resolveSidecar(fields));
