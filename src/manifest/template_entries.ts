/**
 * Templates: sidecars that are started at run time, with arguments that the manifest allows.
 *
 * @module
 */

import type { ArgumentRules, ArgumentRulesInput } from "./argument_entries.ts";
import type { SidecarEntry, SidecarInput } from "./entries.ts";
import type { Overrides, OverridesInput, PlatformName } from "./platform_entries.ts";

/** A sidecar to start at run time, as written: all of a sidecar's fields but those that join it to siblings. */
export interface TemplateInput extends Omit<SidecarInput, "args" | "on" | "after" | "significant"> {
  /** What the arguments given at its start may be; default none. */
  args?: ArgumentRulesInput | undefined;
  /** What is different on some platforms. */
  on?: Partial<Record<PlatformName, OverridesInput<ArgumentRulesInput> | undefined>> | undefined;
}

/** A sidecar to start at run time, with every default filled in. */
export interface TemplateEntry extends Omit<SidecarEntry, "args" | "on" | "after" | "significant"> {
  /** What the arguments given at its start may be. */
  readonly args: ArgumentRules;
  /** What is different on some platforms; applied, and gone, once a manifest is loaded. */
  readonly on?: Partial<Record<PlatformName, Overrides<ArgumentRules> | undefined>> | undefined;
}
