/**
 * What a manifest says, as written ({@link ManifestInput}) and with every default filled in ({@link Manifest}).
 *
 * The zod schema in `manifest.ts` is the one source of these types. They are written out here because JSR takes no
 * inferred types in a public API, and because an interface with documented fields is what a reader wants to see;
 * `manifest.ts` holds a check that stops compiling when the two differ in a single field.
 *
 * @module
 */

import type { StartWithin } from "../../supervision/child_spec.ts";
import type { Dependency } from "../../supervision/dependencies.ts";
import type { Intensity } from "../../supervision/restart_limits.ts";
import type { AutoShutdown, Strategy } from "../../supervision/strategy.ts";
import type { OnLimit } from "../../supervision/strategy.ts";
import type { RestartType } from "../../supervision/restart_rules.ts";
import type { ArgumentRules, ArgumentRulesInput } from "./argument_entries.ts";
import type { Overrides, OverridesInput, PlatformName } from "./platform_entries.ts";
import type { PoolEntry, PoolInput } from "./pool_entries.ts";
import type { SidecarEntry, SidecarInput } from "./sidecar_entries.ts";
import type {
  DependencyInput,
  IntensityInput,
  OnLimitInput,
  RestartTypeInput,
} from "./supervision_entries.ts";
import type { DurationInput } from "./units.ts";

/** A supervisor inside the tree, as written. */
export interface SupervisorInput {
  /** Unique among its siblings; letters, digits, `_`, `.` and `-`, 64 at most. */
  id: string;
  /** Default `one_for_one`. */
  strategy?: Strategy | undefined;
  /** Restarts allowed before it gives up. */
  intensity?: IntensityInput | undefined;
  /** What happens when there would be more; default `escalate`. */
  onLimit?: OnLimitInput | undefined;
  /** Whether it ends when significant children have; default `never`. */
  autoShutdown?: AutoShutdown | undefined;
  /** What its own supervisor does when it gave up; default `permanent`. */
  restart?: RestartTypeInput | undefined;
  /** Whether its end by itself counts for its own supervisor's automatic shutdown; default false. */
  significant?: boolean | undefined;
  /** The siblings that it starts after. */
  after?: DependencyInput[] | undefined;
  /** How long its start may take, with that of its children; default `infinity`. */
  startWithin?: DurationInput | "infinity" | undefined;
  /** In start order; at least one. */
  children: EntryInput[];
}

/** One child, as written: a supervisor if it has `children`, a pool if it has `sidecar`, else a sidecar. */
export type EntryInput = SupervisorInput | PoolInput | SidecarInput;

/** A sidecar to start at run time, as written: all of a sidecar's fields but those that join it to siblings. */
export interface TemplateInput extends Omit<SidecarInput, "args" | "on" | "after" | "significant"> {
  /** What the arguments given at its start may be; default none. */
  args?: ArgumentRulesInput | undefined;
  /** What is different on some platforms. */
  on?: Partial<Record<PlatformName, OverridesInput<ArgumentRulesInput> | undefined>> | undefined;
}

/** What ends the sidecars if Outrider itself is killed: the end of their stdin (`eof`), or a guardian (`guard`). */
export type OnHostDeathEntry = "eof" | "guard";

/** Under which of Deno's permissions a manifest starts: those that it needs or more (`enough`), or no more (`strict`). */
export type PermissionsEntry = "enough" | "strict";

/** A whole manifest, as written in a file. */
export interface ManifestInput {
  /** Where an editor finds the JSON Schema; Outrider does not read it. */
  $schema?: string | undefined;
  /** The tree's name; letters, digits, `_`, `.` and `-`, 64 at most. */
  name: string;
  /** Default `one_for_one`. */
  strategy?: Strategy | undefined;
  /** Restarts allowed before the tree gives up. */
  intensity?: IntensityInput | undefined;
  /** What happens when there would be more; default `escalate`. */
  onLimit?: OnLimitInput | undefined;
  /** Whether the tree ends when significant children have; default `never`. */
  autoShutdown?: AutoShutdown | undefined;
  /** What ends the sidecars if Outrider itself is killed; default `eof`. */
  onHostDeath?: OnHostDeathEntry | undefined;
  /** Whether it starts with more of Deno's permissions than it needs; default `enough`. */
  permissions?: PermissionsEntry | undefined;
  /** In start order; at least one, unless there are templates. */
  children: EntryInput[];
  /** Sidecars that are started at run time. */
  templates?: TemplateInput[] | undefined;
}

/** A supervisor inside the tree, with every default filled in. */
export interface SupervisorEntry {
  /** Unique among its siblings. */
  readonly id: string;
  /** Which children restart when one fails. */
  readonly strategy: Strategy;
  /** Restarts allowed before it gives up. */
  readonly intensity: Intensity;
  /** What happens when there would be more. */
  readonly onLimit: OnLimit;
  /** Whether it ends when significant children have. */
  readonly autoShutdown: AutoShutdown;
  /** What its own supervisor does when it gave up. */
  readonly restart: RestartType;
  /** Whether its end by itself counts for its own supervisor's automatic shutdown. */
  readonly significant: boolean;
  /** The siblings that it starts after. */
  readonly after?: readonly Dependency[] | undefined;
  /** How long its start may take, in ms, with that of its children. */
  readonly startWithin: StartWithin;
  /** In start order; at least one. */
  readonly children: readonly Entry[];
}

/** One child; `"children" in entry` tells a supervisor, `"sidecar" in entry` a pool. */
export type Entry = SupervisorEntry | PoolEntry | SidecarEntry;

/** A sidecar to start at run time, with every default filled in. */
export interface TemplateEntry extends Omit<SidecarEntry, "args" | "on" | "after" | "significant"> {
  /** What the arguments given at its start may be. */
  readonly args: ArgumentRules;
  /** What is different on some platforms; applied, and gone, once a manifest is loaded. */
  readonly on?: Partial<Record<PlatformName, Overrides<ArgumentRules> | undefined>> | undefined;
}

/** A whole manifest, with every default filled in: times in ms, sizes in bytes, paths absolute. */
export interface Manifest {
  /** Where an editor finds the JSON Schema; Outrider does not read it. */
  readonly $schema?: string | undefined;
  /** The tree's name. */
  readonly name: string;
  /** Which children restart when one fails. */
  readonly strategy: Strategy;
  /** Restarts allowed before the tree gives up. */
  readonly intensity: Intensity;
  /** What happens when there would be more. */
  readonly onLimit: OnLimit;
  /** Whether the tree ends when significant children have. */
  readonly autoShutdown: AutoShutdown;
  /** What ends the sidecars if Outrider itself is killed. */
  readonly onHostDeath: OnHostDeathEntry;
  /** Whether it starts with more of Deno's permissions than it needs. */
  readonly permissions: PermissionsEntry;
  /** In start order; at least one, unless there are templates. */
  readonly children: readonly Entry[];
  /** Sidecars that are started at run time. */
  readonly templates?: readonly TemplateEntry[] | undefined;
}

/**
 * Gives a `.ts` manifest its types: an editor completes the argument and marks what is wrong. It returns its
 * argument and checks nothing; loading the file does.
 *
 * @example
 * ```ts
 * import { define } from "@outrider/outrider";
 *
 * export default define({ name: "quick", children: [{ id: "upper", command: "tr", args: ["a-z", "A-Z"] }] });
 * ```
 */
export function define(manifest: ManifestInput): ManifestInput {
  return manifest;
}
