/**
 * What a manifest says about supervision, as written: the fields that only supervisors go by.
 *
 * @module
 */

import type { DependencyCondition } from "../../supervision/dependencies.ts";
import type { RestartType } from "../../supervision/restart_rules.ts";
import type { DurationInput } from "./units.ts";

/** How many restarts a supervisor allows within a sliding window, as written. */
export interface IntensityInput {
  /** Restarts allowed, 0 to 1,000,000; default 5. */
  restarts?: number | undefined;
  /** The window; default 3m. */
  within?: DurationInput | undefined;
}

/** The pause before each restart, as written. */
export interface BackoffInput {
  /** Pause before the first restart; default 200ms. */
  initial?: DurationInput | undefined;
  /** What each further pause is multiplied by, 1 to 1,000; default 2. */
  factor?: number | undefined;
  /** The longest pause; default 30s. */
  max?: DurationInput | undefined;
  /** Share of the pause that is random, 0 to 1; default 0.25. */
  jitter?: number | undefined;
  /** Uptime after which the next pause is `initial` again; default 60s. */
  resetAfter?: DurationInput | undefined;
}

/** A restart type, or systemd's word for one: `always` is `permanent`, `on-failure` `transient`, `no` `temporary`. */
export type RestartTypeInput = RestartType | "always" | "on-failure" | "no";

/** An exit code, 0 to 255, or the name of a signal, such as `SIGABRT`. */
export type ExitStatusInput = number | Deno.Signal;

/** So many deaths of that kind within that time are final, as written. */
export interface TallyInput {
  /** The exit codes and signals that count; at least one. */
  of: ExitStatusInput[];
  /** How many of them are final, 1 to 64. */
  deaths: number;
  /** Within which time. */
  within: DurationInput;
}

/** When a sidecar is started again, with exceptions by exit code and signal, as written. */
export interface RestartRulesInput {
  /** Default `permanent`. */
  on?: RestartTypeInput | undefined;
  /** Never started again after these. */
  prevent?: ExitStatusInput[] | undefined;
  /** Always started again after these. */
  force?: ExitStatusInput[] | undefined;
  /** Not started again once one of these is full. */
  tallies?: TallyInput[] | undefined;
}

/** A sibling that a child starts after, as written: its id means that it is ready. */
export type DependencyInput = string | {
  /** The sibling. */
  id: string;
  /** What must be true of it; default `ready`. */
  condition?: DependencyCondition | undefined;
};

/** What happens when a supervisor would restart too often, as written. */
export type OnLimitInput = "escalate" | {
  /** The child that failed is held back. */
  quarantine: {
    /** It is started again after that time; default never. */
    coolDown?: DurationInput | undefined;
  };
};
