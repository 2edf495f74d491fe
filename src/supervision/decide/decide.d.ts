/**
 * The outline of `decide.ts`: its types without its code, which a program that uses the package need not type-check.
 * tests/public/outlines_test.ts holds it to the code.
 */

import type { SupervisorDecision, SupervisorEvent } from "./steps.ts";
import type { ChildRecord, SupervisorState } from "./state.ts";

/** See `waiting.ts`. */
export const blockersOf: (
  children: { readonly state: SupervisorState; find(id: string): ChildRecord | undefined },
  id: string,
) => readonly string[];

/** See `decide.ts`. */
export const decide: (state: SupervisorState, event: SupervisorEvent, now: number) => SupervisorDecision;
