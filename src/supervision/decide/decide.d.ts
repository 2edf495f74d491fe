/**
 * The outline of `decide.ts`: its types without its code, which a program that uses the package need not type-check.
 * tests/public/outlines_test.ts holds it to the code.
 */

import type { KnownStanding } from "../dependencies.ts";
import type { SupervisorDecision, SupervisorEvent } from "./steps.ts";
import type { ChildRecord, SupervisorState } from "./state.ts";

interface Children {
  readonly state: SupervisorState;
  find(id: string): ChildRecord | undefined;
}

/** See `waiting.ts`. */
export const blockersOf: (children: Children, id: string) => readonly string[];

/** See `elsewhere.ts`. */
export const GONE: KnownStanding;

/** See `elsewhere.ts`. */
export const REMOVED: KnownStanding;

/** See `elsewhere.ts`. */
export const followersElsewhere: (children: Children, named: string) => readonly string[];

/** See `elsewhere.ts`. */
export const standingOf: (children: Children, id: string) => KnownStanding | undefined;

/** See `decide.ts`. */
export const decide: (state: SupervisorState, event: SupervisorEvent, now: number) => SupervisorDecision;
