/**
 * The fields of a manifest: what its root, its supervisors and its templates may say. What a sidecar and a pool may
 * say is in `src/options/`, as the library's constructors take it too.
 */

import { args, env, envFile } from "../../options/fields/program.ts";
import {
  duration,
  flag,
  idField,
  key,
  list,
  needed,
  shape,
  text,
  types,
  union,
  without,
  word,
} from "../../options/build.ts";
import type { LazyField, ListField, Property, ShapeField, UnionField } from "../../options/field.ts";
import { logField } from "../../options/fields/log.ts";
import { poolShape } from "../../options/fields/pool.ts";
import { presetName } from "../../options/defaults.ts";
import { MANIFEST_PRESET } from "../../options/presets.ts";
import type { PresetName } from "../../options/types.ts";
import { settled, settledKeys, sidecarFields } from "../../options/fields/sidecar.ts";
import { restartType } from "../../options/fields/restart.ts";
import { description, entryChildFields, supervisorFields } from "../../options/fields/supervision.ts";
import { describeValue } from "../../text/words.ts";
import { platformFields } from "./platforms.ts";
import type { ManifestInput } from "./types.ts";

/** The newest version of manifests that this Outrider knows. All are read alike: a version says which defaults its author knew. */
export const MANIFEST_VERSION = 2;

/** That of a manifest which names none. */
const FIRST_VERSION = 1;

/** How many arguments a template may take. */
export const MAX_ARGUMENTS = 256;

const fields = sidecarFields(platformFields(args, "Overrides"));

/** A sidecar. */
export const sidecarEntryField: ShapeField = shape(fields, {
  defaults: "sidecar",
  types: types("SidecarInput", "SidecarEntry", "A program to run."),
  schema: { id: "Sidecar", description: "A program that runs as a supervised actor." },
  to: settled,
  outputs: settledKeys,
});

/** The program of each copy of a pool, without the fields that the pool has for all of them. */
export const copyField: ShapeField = {
  ...sidecarEntryField,
  fields: without(fields, "id", "start", "description", "significant", "after", "mailbox"),
  types: types(
    "CopyInput",
    "CopyEntry",
    "What each copy of a pool runs: a sidecar without what the pool has for all of them.",
  ),
  schema: { id: "Copy", description: "The program that each copy of a pool runs." },
  misplaced: hintForAll(poolShape(sidecarEntryField).fields, `write it beside "sidecar": it is the pool's`),
};

/** A pool. */
export const poolEntryField: ShapeField = {
  ...poolShape(copyField),
  misplaced: hintForAll(copyField.fields, `write it in "sidecar"`),
};

function hintForAll(fields: Readonly<Record<string, Property>>, hint: string): Record<string, string> {
  return Object.fromEntries(Object.keys(fields).map((key) => [key, hint]));
}

// Its children may be supervisors, which are defined by then.
const later: LazyField = {
  kind: "lazy",
  of: () => entries,
  schema: { id: "Children", description: "Sidecars, pools and supervisors, in start order; at least one." },
};

/** What a tree, or a part of it, says for all sidecars below. */
const sharedFields: Record<string, Property> = {
  env: key(env, "Environment variables of all sidecars below; their own ones win", {
    otherwise: "none",
    see: "#environment",
  }),
  envFile: key(envFile, "Files of variables of all sidecars below; their own ones win", {
    otherwise: "none",
    see: "#environment",
  }),
};

/** A supervisor inside the tree. */
export const supervisorEntryField: ShapeField = shape({
  id: needed(idField, "Unique among its siblings; becomes part of its children's paths"),
  ...supervisorFields,
  ...sharedFields,
  ...entryChildFields,
  restart: key(restartType, "What its own supervisor does when it gave up"),
  log: key(logField, "Files that the output of its children is written to, and not to those of the tree", {
    otherwise: "that of what is above it",
    see: "#log",
  }),
  startWithin: {
    ...entryChildFields.startWithin!,
    says: "How long its start, with that of its children, may take",
    isUnshown: true,
  },
  children: needed(later, "In start order; at least one"),
}, {
  defaults: "supervisor",
  types: types("SupervisorInput", "SupervisorEntry", "A supervisor inside the tree."),
  schema: { id: "Supervisor", description: "A supervisor with children of its own." },
});

const argumentRule: UnionField = union(`a text, or an object with "validator"`, [
  text,
  shape({
    validator: needed(
      { kind: "pattern", of: "argument" },
      "A regular expression in RE2's syntax that the whole argument matches",
    ),
    secret: key(flag, "Whether the argument is never shown", { usual: false }),
  }, {
    types: types("ArgumentValidatorInput", "ArgumentValidatorEntry", "An argument that must match."),
  }),
], { isHidden: true });

const argumentRules: UnionField = union("true, or a list of texts and validators", [
  { kind: "literal", value: true },
  list(argumentRule, { max: MAX_ARGUMENTS, tooMany: `must be ${MAX_ARGUMENTS} at most` }),
], {
  isHidden: true,
  types: types(
    "ArgumentRulesInput",
    "ArgumentRules",
    "What a template's arguments may be: `true` for any, or a text or a validator for each of them.",
  ),
});

/** A sidecar that is started at run time. */
export const template: ShapeField = {
  ...sidecarEntryField,
  fields: {
    ...without(fields, "start", "after", "significant", "args", "on", "log"),
    id: needed(idField, "Unique among the templates"),
    args: key(argumentRules, "What the arguments given at its start may be", { see: "templates.md" }),
    on: platformFields(argumentRules, "TemplateOverrides").on!,
  },
  types: types("TemplateInput", "TemplateEntry", "A sidecar that is started at run time, with arguments."),
  schema: { id: "Template", description: "A sidecar that is started at run time, with arguments." },
};

/** One child. */
export const entry: UnionField = union(
  "an object",
  [supervisorEntryField, poolEntryField, sidecarEntryField],
  {
    isHidden: true,
    untold: `a child needs "command" (a program), "sidecar" (a pool) or "children" (a supervisor)`,
    types: types(
      "EntryInput",
      "Entry",
      "One child: a supervisor if it has `children`, a pool if it has `sidecar`, else a sidecar.",
    ),
  },
);

const entries: ListField = list(entry, { min: 1, tooFew: "needs at least one child" });
// Whether there must be one depends on the templates: rules.ts says it.
const rootEntries: ListField = list({ ...entry });

/** A whole manifest. */
export const root: ShapeField = shape({
  $schema: key({ kind: "text" }, "Where the editor finds this schema", { otherwise: "" }),
  version: key(
    { kind: "literal", value: MANIFEST_VERSION, older: [FIRST_VERSION], wrong: wrongVersion },
    "The version of manifests it is written in; 2 knows an operator's defaults",
    { usual: FIRST_VERSION },
  ),
  defaults: key(presetName, "Which preset holds for what is not written", {
    usual: MANIFEST_PRESET,
    see: "supervision.md#presets",
  }),
  name: needed(idField, "The tree's name"),
  description,
  ...supervisorFields,
  ...sharedFields,
  stopWithin: key(
    duration(1),
    "For stopping everything; in a shorter one a step has its proportion of the time left",
    {
      otherwise: "90s, or what all stops take in turn",
      see: "#stop",
    },
  ),
  onHostDeath: key(
    word(["eof", "guard"], {
      types: types(
        "OnHostDeathEntry",
        "OnHostDeathEntry",
        "What ends the sidecars if Outrider itself is killed: the end of their stdin (`eof`), or a guardian (`guard`).",
      ),
    }),
    "What ends the sidecars if Outrider is killed: the end of their stdin, or a guardian process",
    { see: "containment.md#if-the-runtime-is-killed" },
  ),
  permissions: key(
    word(["enough", "strict"], {
      types: types(
        "PermissionsEntry",
        "PermissionsEntry",
        "Under which of Deno's permissions a manifest starts: those that it needs or more (`enough`), or no more (`strict`).",
      ),
    }),
    "Whether it starts with more of Deno's permissions than it needs (enough), or not (strict)",
    { see: "security.md#no-more-than-is-needed" },
  ),
  log: key(logField, "Files that output and events are written to, beside standard output", {
    otherwise: "none",
    see: "#log",
  }),
  children: needed(rootEntries, "In start order; at least one, unless there are templates"),
  templates: key(list(template), "Sidecars that are started at run time, with arguments that each allows", {
    otherwise: "none",
    see: "templates.md",
  }),
}, {
  defaults: "root",
  types: types("ManifestInput", "Manifest", "A whole manifest."),
  schema: { title: "Outrider manifest", description: "A tree of sidecar processes." },
});

function wrongVersion(version: unknown): string {
  const known =
    `expected ${FIRST_VERSION} or ${MANIFEST_VERSION}, the newest version that this Outrider knows, got ${
      describeValue(version)
    }`;
  return typeof version === "number" && version > MANIFEST_VERSION
    ? `${known}; a newer Outrider reads it`
    : known;
}

/** The preset that a manifest, as it is written, goes by. */
export function presetIn(written: unknown): PresetName {
  const named = typeof written === "object" && written !== null
    ? Reflect.get(written, "defaults")
    : undefined;
  return named === "otp" || named === "operator" ? named : MANIFEST_PRESET;
}

/**
 * Gives a `.ts` manifest its types: an editor completes the argument and marks what is wrong. It returns its
 * argument and checks nothing; loading the file does.
 *
 * @example
 * ```ts
 * import { define } from "@outrider/outrider/manifest";
 *
 * export default define({ name: "quick", children: [{ id: "upper", command: "tr", args: ["a-z", "A-Z"] }] });
 * ```
 */
export function define(manifest: ManifestInput): ManifestInput {
  return manifest;
}
