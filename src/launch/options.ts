/**
 * The options of a launched tree, and how it comes out, apart from the code that runs it.
 */

import type { DurationInput } from "../options/units.ts";
import type { OnHostDeath } from "../containment/events.ts";
import type { ReportOptions } from "../report/options.ts";
import type { System } from "../supervision/tree.ts";
import type { SystemEvent } from "../events.ts";

/** How a tree runs and ends. */
export interface AppOptions {
  /** Milliseconds for stopping everything, `Infinity` for no limit. Default 90,000. */
  readonly stopDeadline?: DurationInput | undefined;
  /** The effect of SIGINT, SIGTERM and SIGHUP. Default `exit`. */
  readonly onSignal?: OnSignal | undefined;
  /** Stops the tree when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Stops the tree after so many milliseconds; `Infinity` is as good as none. */
  readonly runFor?: DurationInput | undefined;
  /** Stops the tree once nothing in it runs, or will by itself. Default `false`: children may still be added. */
  readonly stopWhenFinished?: boolean | undefined;
}

/**
 * The effect of a signal: `exit` stops the tree and then ends the process with exit code 128 + the signal's number;
 * `stop` stops the tree; `ignore` nothing, for a program that listens itself.
 */
export type OnSignal = "exit" | "stop" | "ignore";

/** Options of `launch`. */
export interface LaunchOptions extends AppOptions {
  /** The root supervisor's id, where `launch` makes it. Default `app`. */
  readonly name?: string | undefined;
  /**
   * Tells what happens, as a timeline on standard error; or as its options say; or to a function of your own, which
   * gets the events from the first on and is awaited at the end, for a second at most. Default `false`.
   */
  readonly report?:
    | boolean
    | LaunchReport
    | ((events: AsyncIterable<SystemEvent>) => Promise<void>)
    | undefined;
  /** Refuses to start while another run of the same program has a tree of that name. Default `false`. */
  readonly exclusive?: boolean | undefined;
  /**
   * The mechanism that ends the sidecars if this program is killed by SIGKILL: `guard`, a small process that ends all
   * within a second;
   * `eof`, the end of their stdin. Default: `guard` where `sh` may be run, else `eof`.
   */
  readonly onHostDeath?: OnHostDeath | undefined;
  /**
   * Gets, as a sentence, what can't be promised under the permissions of this program, and what was found left behind;
   * where there is no report, also that the tree gave up. Default: a line on standard error.
   */
  readonly warn?: ((warning: string) => void) | undefined;
}

/** How `launch` reports. */
export type LaunchReport = Pick<ReportOptions, "format" | "level" | "to">;

/** How a tree came out. */
export type Outcome =
  /** Stopped as asked. */
  | { readonly how: "stopped" }
  /** Every child has ended for good. */
  | { readonly how: "finished" }
  /**
   * Something could not be started: at the start, and everything that ran was stopped again, or when it was to be
   * restarted, and all else has ended for good.
   */
  | { readonly how: "start_failed"; readonly cause: Error }
  /** Too many restarts. */
  | { readonly how: "gave_up"; readonly cause: Error }
  /** Ended by force by a second signal. */
  | { readonly how: "forced" };

/**
 * A tree that `launch` has started: a {@linkcode System} that ends with its program. `stop` and `await using`
 * return when nothing of it is left; the latter rejects with what its report failed with.
 */
export interface App extends System {
  /** How it came out, once nothing of it is left. Rejects only with what its report failed with. */
  readonly outcome: Promise<Outcome>;
}
