/**
 * The outline of `sidecar_process.ts`: its types without its code, which a program that uses the package need not type-check.
 * tests/public/outlines_test.ts holds it to the code.
 */

import type { SidecarBehavior } from "../implementation.ts";
import type { ResolvedSidecarOptions } from "../options.ts";

/** See `sidecar_process.ts`. */
export const SidecarProcess: new (settings: ResolvedSidecarOptions) => SidecarBehavior;
