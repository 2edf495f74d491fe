/**
 * The manifest's zod schema: the one source of its defaults, its bounds, its types and its JSON Schema.
 *
 * @module
 */

import { z } from "zod";
import type {
  Manifest,
  ManifestInput,
  SidecarEntry,
  SidecarInput,
  SupervisorEntry,
  SupervisorInput,
} from "./entries.ts";
import { PROBE_KEYS, probes } from "./probe_schema.ts";
import {
  after,
  autoShutdown,
  backoff,
  dependency,
  intensity,
  onLimit,
  quarantine,
  quarantined,
  restart,
  restartRules,
  restartType,
  significant,
  splitRestart,
  strategy,
  tally,
} from "./supervision_schema.ts";
import { filled, pattern, text } from "./text.ts";
import { duration, size } from "./units.ts";
import { quote } from "./words.ts";

const id = z.string().max(64, "must have 64 characters at most").regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, {
  error: ({ input }) =>
    `${quote(String(input))} must be letters, digits, "_", "." and "-", not starting with "." or "-"`,
});

const within = duration(1).prefault("10s").describe(
  "How long it may take before the start counts as failed: a duration, or ms. Default 10s.",
);

const readyOn = {
  stdout: z.strictObject({
    stdout: pattern.describe("Regular expression that a line of stdout matches."),
    within,
  }),
  stderr: z.strictObject({
    stderr: pattern.describe("Regular expression that a line of stderr matches."),
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

const mailbox = z.strictObject({
  capacity: z.int().min(1).max(1_000_000).prefault(1024).describe("Messages it holds. Default 1024."),
  overflow: z.enum(["wait", "drop-oldest", "drop-newest", "fail"]).prefault("wait").describe(
    "When it is full: make the sender wait, drop the oldest or the newest message, or fail. Default wait.",
  ),
}).prefault({}).describe("The bounded mailbox in front of the sidecar.");

const stop = z.strictObject({
  drain: duration(0).optional().describe(
    "How long what was taken may need: a duration, or ms. Default 1s, without a protocol 0.",
  ),
  stdin: duration(0).optional().describe(
    "How long to wait after closing stdin: a duration, or ms. Default 2s, without a protocol 0.",
  ),
  term: duration(0).optional().describe(
    "How long to wait after SIGTERM, before SIGKILL: a duration, or ms. Default 5s.",
  ),
}).optional().describe("How the sidecar is stopped, step by step.");

const sidecarFields = z.strictObject({
  id: id.describe("Unique among its siblings; becomes part of the sidecar's path."),
  command: filled.describe("The program: a name on PATH, or, with a slash, a path relative to the manifest."),
  args: z.array(text).prefault([]).describe(
    "Arguments, passed as they are: there is no shell. Default none.",
  ),
  protocol: z.enum(["bytes", "lines", "ndjson"]).optional().describe(
    "How stdin and stdout are cut into messages. Without one, output is logged line by line.",
  ),
  cwd: filled.prefault(".").describe(
    "Working directory, relative to the manifest. Default the manifest's folder.",
  ),
  env: z.record(
    z.string().regex(/^[^=\0]+$/, `a variable's name must not be empty or contain "=" or NUL`),
    text,
  )
    .prefault({}).describe("Environment variables to set. Default none."),
  inheritEnv: z.array(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, `a variable's name must be letters, digits and "_"`),
  )
    .prefault(["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER"])
    .describe("Environment variables to pass on. Default PATH, HOME, LANG, TERM, TMPDIR, USER."),
  restart,
  significant,
  after,
  backoff,
  ready,
  probes,
  mailbox,
  maxFrame: size().prefault("10MB").describe(
    "The longest message: a size, or bytes, up to 1GiB. Default 10MB.",
  ),
  stop,
  strict: z.boolean().prefault(false).describe(
    "Whether a frame that is too long or no JSON fails the sidecar, instead of being dropped. Default false.",
  ),
}).meta({ id: "Sidecar", description: "A program that runs as a supervised actor." });

// A program that speaks no protocol has no reason to watch its stdin, so waiting for it would only be a delay.
const sidecar = sidecarFields.transform(({ stop, restart, ...fields }) => ({
  ...fields,
  ...splitRestart(restart),
  stop: {
    drain: stop?.drain ?? (fields.protocol ? 1000 : 0),
    stdin: stop?.stdin ?? (fields.protocol ? 2000 : 0),
    term: stop?.term ?? 5000,
  },
}));

const supervisor = z.strictObject({
  id: id.describe("Unique among its siblings; becomes part of its children's paths."),
  strategy,
  intensity,
  onLimit,
  autoShutdown,
  restart: restartType.describe("What its own supervisor does when it gave up. Default permanent."),
  significant,
  after,
  get children() {
    return children;
  },
}).meta({ id: "Supervisor", description: "A supervisor with children of its own." });

const children: z.ZodType<(SupervisorEntry | SidecarEntry)[], (SupervisorInput | SidecarInput)[]> = z.lazy(
  () => z.array(z.union([supervisor, sidecar])).min(1, "needs at least one child"),
).meta({ id: "Children", description: "Sidecars and supervisors, in start order; at least one." });

const onHostDeath = z.enum(["eof", "guard"]).prefault("eof").describe(
  "What ends the sidecars if Outrider itself is killed: the end of their stdin, or a guardian process. Default eof.",
);

const root = z.strictObject({
  $schema: z.string().optional().describe("Where the editor finds this schema."),
  name: id.describe("The tree's name."),
  strategy,
  intensity,
  onLimit,
  autoShutdown,
  onHostDeath,
  children,
}).meta({ title: "Outrider manifest", description: "A tree of sidecar processes." });

/** Reads a manifest's value; times come out in ms, sizes in bytes, defaults filled in, paths as they are written. */
export const manifest: z.ZodType<Manifest, ManifestInput> = root;

/**
 * The JSON Schema (draft-07, which editors know best) of a manifest as it is written: what `outrider schema` prints.
 *
 * It holds what can be said of one value at a time. That siblings' ids differ, that a pattern compiles and that a
 * time is within its bounds when written with a unit is checked when a manifest is loaded.
 */
export function jsonSchema(): object {
  return z.toJSONSchema(root, { io: "input", target: "draft-7" });
}

/** One kind of object in a union of several: the key that only it has, and all keys it may have. */
export interface Branch {
  /** The key that tells it; undefined if it is no object. */
  readonly tell: string | undefined;
  /** All keys it may have. */
  readonly keys: readonly string[];
}

/** The unions of objects, by the property that holds them, in the order in which the schema tries them. */
export const BRANCHES: Readonly<
  Record<"children" | "ready" | "restart" | "after" | "onLimit", readonly Branch[]>
> = {
  children: [
    { tell: "children", keys: Object.keys(supervisor.shape) },
    { tell: "command", keys: Object.keys(sidecarFields.shape) },
  ],
  ready: [
    { tell: undefined, keys: [] },
    { tell: "stdout", keys: Object.keys(readyOn.stdout.shape) },
    { tell: "stderr", keys: Object.keys(readyOn.stderr.shape) },
    { tell: "reply", keys: Object.keys(readyOn.reply.shape) },
  ],
  restart: [
    { tell: undefined, keys: [] },
    { tell: "on", keys: Object.keys(restartRules.shape) },
  ],
  after: [
    { tell: undefined, keys: [] },
    { tell: "id", keys: Object.keys(dependency.shape) },
  ],
  onLimit: [
    { tell: undefined, keys: [] },
    { tell: "quarantine", keys: Object.keys(quarantined.shape) },
  ],
};

/** The keys that every other object may have, by the property that holds it; the manifest itself is `""`. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(root.shape),
  intensity: Object.keys(intensity.unwrap().shape),
  backoff: Object.keys(backoff.unwrap().shape),
  mailbox: Object.keys(mailbox.unwrap().shape),
  stop: Object.keys(stop.unwrap().shape),
  ...PROBE_KEYS,
  tallies: Object.keys(tally.shape),
  quarantine: Object.keys(quarantine.shape),
};

// The types in entries.ts are this schema's own, spelled out. What follows exists for the compiler alone: it turns
// red when a field is missing, left over, or of another type.
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type Flat<T> = Omit<T, "children">;
const same: [
  Same<Frozen<z.infer<typeof sidecar>>, Frozen<SidecarEntry>>,
  Same<Frozen<z.input<typeof sidecar>>, Frozen<SidecarInput>>,
  Same<Frozen<Flat<z.infer<typeof supervisor>>>, Frozen<Flat<SupervisorEntry>>>,
  Same<Frozen<Flat<z.input<typeof supervisor>>>, Frozen<Flat<SupervisorInput>>>,
  Same<Frozen<Flat<z.infer<typeof root>>>, Frozen<Flat<Manifest>>>,
  Same<Frozen<Flat<z.input<typeof root>>>, Frozen<Flat<ManifestInput>>>,
] = [true, true, true, true, true, true];
void same;
