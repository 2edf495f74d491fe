/**
 * The manifest's zod schema: the one source of its defaults, its bounds, its types and its JSON Schema.
 *
 * @module
 */

import { z } from "zod";
import type {
  Entry,
  EntryInput,
  Manifest,
  ManifestInput,
  SupervisorEntry,
  SupervisorInput,
} from "./entries.ts";
import { VALIDATOR_KEYS } from "./arguments.ts";
import { PLATFORM_KEYS } from "./platform.ts";
import { limitsObject } from "./confinement.ts";
import { variableFile } from "./environment_schema.ts";
import type { PoolEntry, PoolInput } from "./pool_entries.ts";
import { GROW_KEYS, poolFields, poolSchema, routingObject } from "./pool.ts";
import { PROBE_KEYS } from "./probe.ts";
import { LAST_KEYS, PAIRING_KEYS, protocolObject, untilForms } from "./protocol.ts";
import type { SidecarEntry, SidecarInput } from "./sidecar_entries.ts";
import { copyFields, mailboxSchema, readyOn, sidecarFields, sidecarSchema, stopSchema } from "./sidecar.ts";
import {
  after,
  autoShutdown,
  backoff,
  dependency,
  intensity,
  onLimit,
  quarantine,
  quarantined,
  restartRules,
  restartType,
  significant,
  startWithin,
  strategy,
  tallySchema,
} from "./supervision.ts";
import { template, templateFields } from "./template_schema.ts";
import { idSchema } from "./text.ts";

const supervisor = z.strictObject({
  id: idSchema.describe("Unique among its siblings; becomes part of its children's paths."),
  strategy,
  intensity,
  onLimit,
  autoShutdown,
  restart: restartType.describe("What its own supervisor does when it gave up. Default permanent."),
  significant,
  after,
  startWithin: startWithin.transform((within) => within ?? "infinity" as const).describe(
    "How long its start, with that of all its children, may take: a duration, ms, or infinity. Default infinity.",
  ),
  get children() {
    return children;
  },
}).meta({ id: "Supervisor", description: "A supervisor with children of its own." });

const children: z.ZodType<Entry[], EntryInput[]> = z.lazy(
  () => z.array(z.union([supervisor, poolSchema, sidecarSchema])).min(1, "needs at least one child"),
).meta({ id: "Children", description: "Sidecars, pools and supervisors, in start order; at least one." });

// Whether there must be one depends on the templates: rules.ts says it.
const rootChildren: typeof children = z.lazy(() => z.array(z.union([supervisor, poolSchema, sidecarSchema])))
  .describe(
    "Sidecars, pools and supervisors, in start order; at least one, unless there are templates.",
  );

const onHostDeath = z.enum(["eof", "guard"]).prefault("eof").describe(
  "What ends the sidecars if Outrider itself is killed: the end of their stdin, or a guardian process. Default eof.",
);

const permissions = z.enum(["enough", "strict"]).prefault("enough").describe(
  "Under which of Deno's permissions it starts: with those it needs or more (enough), or with no more (strict). Default enough.",
);

const root = z.strictObject({
  $schema: z.string().optional().describe("Where the editor finds this schema."),
  name: idSchema.describe("The tree's name."),
  strategy,
  intensity,
  onLimit,
  autoShutdown,
  onHostDeath,
  permissions,
  children: rootChildren,
  templates: z.array(template).optional().describe(
    "Sidecars that are started at run time, with arguments that each allows. Default none.",
  ),
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
  Record<
    | "children"
    | "env"
    | "routing"
    | "protocol"
    | "pairing"
    | "until"
    | "ready"
    | "restart"
    | "after"
    | "onLimit",
    readonly Branch[]
  >
> = {
  children: [
    { tell: "children", keys: Object.keys(supervisor.shape) },
    { tell: "sidecar", keys: Object.keys(poolFields.shape) },
    { tell: "command", keys: Object.keys(sidecarFields.shape) },
  ],
  env: [
    { tell: undefined, keys: [] },
    { tell: "file", keys: Object.keys(variableFile.shape) },
  ],
  routing: [
    { tell: undefined, keys: [] },
    { tell: "by", keys: Object.keys(routingObject.shape) },
  ],
  protocol: [
    { tell: undefined, keys: [] },
    { tell: "type", keys: Object.keys(protocolObject.shape) },
  ],
  pairing: [
    { tell: undefined, keys: [] },
    { tell: "id", keys: PAIRING_KEYS },
  ],
  until: [
    { tell: "end", keys: Object.keys(untilForms.end.shape) },
    { tell: "last", keys: Object.keys(untilForms.last.shape) },
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
  limits: Object.keys(limitsObject.shape),
  mailbox: Object.keys(mailboxSchema.unwrap().shape),
  stop: Object.keys(stopSchema.unwrap().shape),
  last: LAST_KEYS,
  sidecar: Object.keys(copyFields.shape),
  grow: GROW_KEYS,
  ...PROBE_KEYS,
  ...PLATFORM_KEYS,
  templates: Object.keys(templateFields.shape),
  args: VALIDATOR_KEYS,
  tallies: Object.keys(tallySchema.shape),
  quarantine: Object.keys(quarantine.shape),
};

// The types in entries.ts are this schema's own, spelled out. What follows exists for the compiler alone: it turns
// red when a field is missing, left over, or of another type.
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
type Flat<T> = Omit<T, "children">;
const same: [
  Same<Frozen<z.infer<typeof sidecarSchema>>, Frozen<SidecarEntry>>,
  Same<Frozen<z.input<typeof sidecarSchema>>, Frozen<SidecarInput>>,
  Same<Frozen<z.infer<typeof poolSchema>>, Frozen<PoolEntry>>,
  Same<Frozen<z.input<typeof poolSchema>>, Frozen<PoolInput>>,
  Same<Frozen<Flat<z.infer<typeof supervisor>>>, Frozen<Flat<SupervisorEntry>>>,
  Same<Frozen<Flat<z.input<typeof supervisor>>>, Frozen<Flat<SupervisorInput>>>,
  Same<Frozen<Flat<z.infer<typeof root>>>, Frozen<Flat<Manifest>>>,
  Same<Frozen<Flat<z.input<typeof root>>>, Frozen<Flat<ManifestInput>>>,
] = [true, true, true, true, true, true, true, true];
void same;
