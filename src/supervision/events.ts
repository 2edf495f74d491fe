/**
 * The events of children and their supervisors: a tree can be rebuilt from these alone.
 */

import type { Exit } from "../actor/exit.ts";

/** The events of supervisors. */
export type SupervisionEvent =
  /** An incarnation begins to start. */
  | { readonly type: "starting" }
  /** The incarnation is ready; `took` ms since `starting`. */
  | { readonly type: "ready"; readonly took: number }
  /** The start succeeded, but there is nothing to run. */
  | { readonly type: "ignored" }
  /** The incarnation never got ready. */
  | { readonly type: "start_failed"; readonly cause: Error }
  /** The supervisor asks it to stop. */
  | { readonly type: "stopping" }
  /** The incarnation ended by itself after `uptime` ms. */
  | { readonly type: "exited"; readonly exit: Exit; readonly uptime: number }
  /** The incarnation ended because it was told to; `took` ms since `stopping`. */
  | { readonly type: "stopped"; readonly exit: Exit; readonly took: number }
  /** It will not be started again: it ended as its restart type allows (`keep`: by hand only). */
  | { readonly type: "finished"; readonly verdict: "keep" | "forget" }
  /** The supervisor will start it again in `delay` ms; restart number `restart` within the window. */
  | { readonly type: "restarting"; readonly delay: number; readonly restart: number; readonly limit: number }
  /** The supervisor has had more than `limit` restarts within `within` ms, and ends. */
  | {
    readonly type: "gave_up";
    readonly limit: number;
    readonly within: number;
    readonly cause: Error | undefined;
  }
  /**
   * It failed more often than its supervisor's intensity allows, and is held back: `coolDown` ms, or until it is
   * started by hand.
   */
  | {
    readonly type: "quarantined";
    readonly coolDown: number | undefined;
    readonly cause: Error | undefined;
  }
  /** A supervisor begins, with these children, none of which runs yet; `generation` is that of their last life. */
  | {
    readonly type: "supervising";
    readonly children: readonly {
      readonly id: string;
      readonly kind: "worker" | "supervisor";
      readonly generation: number;
    }[];
  }
  /** Its supervisor knows it from now on, behind its other children. */
  | { readonly type: "added"; readonly kind: "worker" | "supervisor" }
  /** Its supervisor has removed it. */
  | { readonly type: "forgotten" }
  /** Its start failed and will be tried again, as soon as its supervisor has done what came before. */
  | { readonly type: "retrying" }
  /** It was to be started again, or looked at by its supervisor, and is not any more: it stays stopped. */
  | { readonly type: "called_off" };
