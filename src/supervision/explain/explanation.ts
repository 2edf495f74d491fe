/**
 * The explanation of a child's death, as data.
 */

import type { DeathCause } from "../../actor/exit.ts";
import type { ChildSpec } from "../child_spec.ts";
import type { Intensity } from "../restart/restart_limits.ts";
import type { RestartDecision, RestartType, RestartVerdict } from "../restart/restart_rules.ts";

/** One thing that happens, in its order. */
export type Step = Readonly<
  /** A child that runs is stopped; `forgotten`: its supervisor does not know it any more after that. */
  | { do: "stop"; path: string; forgotten: boolean }
  /** Milliseconds, between these two, are waited; what they are depends on chance. */
  | { do: "wait"; min: number; max: number }
  /** A child is started, and is ready before the next one is. */
  | { do: "start"; path: string }
>;

/** The fate of a child that died, and of its supervisor. */
export type ExplainedOutcome =
  | RestartVerdict
  /** It is held back: there would be too many restarts. */
  | "quarantine"
  /** Its supervisor gives up: there would be too many restarts. */
  | "give_up"
  /** Its supervisor ends, as significant children have. */
  | "shut_down";

/** One supervisor's decision about one death. */
export interface Decision {
  readonly path: string;
  readonly type: ChildSpec["type"];
  readonly death: DeathCause;
  readonly restart: RestartType;
  readonly supervisor: string;
  /** Whether it would be started again, and which rule says so. */
  readonly ruling: RestartDecision;
  /** Which restart it is of those that count, where it would be one. */
  readonly nth?: number | undefined;
  /** How many restarts that supervisor may make. */
  readonly intensity: Intensity;
  /** Of a quarantine: milliseconds until the child is started again; `undefined` is never. */
  readonly coolDown?: number | undefined;
  readonly outcome: ExplainedOutcome;
  readonly steps: readonly Step[];
}

export interface Explanation {
  /** Which death in a row is explained: the one asked for, or the last that there could be. 0: there could be none. */
  readonly nth: number;
  /** Whether a start fails rather than one that runs dies. */
  readonly failedStart: boolean;
  /** Whether a start that fails is a death like any other, also when the tree starts. */
  readonly isRetried: boolean;
  /** What the same death is while the tree starts, where it differs: final, as a tree starts all or not at all. */
  readonly atFirstStart: {
    /** It is final before the child is ready. */
    readonly beforeReady: boolean;
    /** It is final at any time, as these siblings start only after the child has completed successfully. */
    readonly failsAfter: readonly string[];
  };
  /** The decision of its supervisor; then, if that one ends, of the next one above, and so on. */
  readonly decisions: readonly Decision[];
  /** Whether anything in the tree runs after that, or will by itself. */
  readonly active: boolean;
}
