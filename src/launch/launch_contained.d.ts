/**
 * The outline of `launch_contained.ts`: its types without its code, which a program that uses the package need not type-check.
 * tests/public/outlines_test.ts holds it to the code.
 */

import type { ChildSpec } from "../supervision/child_spec.ts";
import type { App, LaunchOptions } from "./options.ts";

/** See `launch_contained.ts`. */
export const launchContained: (root: ChildSpec, options: LaunchOptions) => Promise<App>;
