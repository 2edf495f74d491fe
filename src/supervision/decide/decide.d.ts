/**
 * The outline of `decide.ts`: its types without its code, which a program that uses the package need not type-check.
 * tests/public/outlines_test.ts holds it to the code.
 */

import type { SupervisorDecision, SupervisorEvent } from "./steps.ts";
import type { SupervisorState } from "./state.ts";

/** See `decide.ts`. */
export const decide: (state: SupervisorState, event: SupervisorEvent, now: number) => SupervisorDecision;
