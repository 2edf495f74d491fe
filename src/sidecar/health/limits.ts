/**
 * Limits on the memory and processor time of a sidecar.
 */

import { limitsField } from "../../options/fields/program.ts";
import type { QuantityField } from "../../options/field.ts";
import { defaultMs } from "../../options/presets.ts";
import type { LimitsEntry, LimitsInput } from "../../options/types.ts";

/** Milliseconds from one reading to the next. */
export const LIMITS_TICK_MS = 1_000;

/** Milliseconds for which it may be over a limit, unless set otherwise. */
export const DEFAULT_LIMITS_FOR_MS: number = defaultMs("limits", "for");

/** The longest time for which it may be over a limit: readings that far back are kept. */
export const MAX_LIMITS_FOR_MS: number = (limitsField.fields.for!.field as QuantityField).max!;

/** The limits of a sidecar together with all that it started; one of `memory` and `cpu`, or both. */
export type Limits = LimitsInput;

/** {@linkcode Limits}, resolved. */
export type ResolvedLimits = LimitsEntry;
