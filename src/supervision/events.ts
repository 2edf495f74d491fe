/**
 * The events of children and their supervisors: a tree can be rebuilt from these alone.
 */

import type { DeathCause, Exit } from "../actor/exit.ts";
import type { DecidingRule, RestartType } from "./restart/restart_rules.ts";

/** The events of supervisors. */
export type SupervisionEvent = Readonly<
  /** An incarnation begins to start. */
  | { type: "starting" }
  /**
   * It is started as soon as what it waits for allows: `for` are the ids of siblings; none, it waits for its turn in the
   * list. It comes again, with `late`, once one of them has failed, is stopped, or has taken long: that is no usual start.
   */
  | { type: "waiting"; for: readonly string[]; late?: true }
  /**
   * A supervisor has started, though not all below it is ready: `ready` of `of` leaves are, and those at the paths
   * `waiting` are not. `ready` follows once each of its children has been.
   */
  | { type: "degraded"; ready: number; of: number; waiting: readonly string[] }
  /** The incarnation is ready; `took` ms since `starting`. */
  | { type: "ready"; took: number }
  /** The start succeeded, but there is nothing to run. */
  | { type: "ignored" }
  /** The incarnation never got ready. */
  | { type: "start_failed"; cause: Error }
  /** The supervisor asks it to stop; of the tree itself, `reason` says why, where that is known. */
  | { type: "stopping"; reason?: string }
  /** Of the tree: a stop waits for these children, which were told to stop `for` ms ago; `step`: that of a sidecar's stop. */
  | {
    type: "still_stopping";
    children: readonly Readonly<{ path: string; for: number; step?: string | undefined }>[];
  }
  /**
   * An operator has asked for it, over a control socket: `start`, `restart`, `terminate` or a signal; what comes of it has
   * events of its own. `via`: a client of an MCP gateway has, with one of its tools.
   */
  | { type: "requested"; request: string; via?: "mcp" }
  /** The incarnation ended by itself after `uptime` ms. */
  | { type: "exited"; exit: Exit; uptime: number }
  /** The incarnation ended because it was told to; `took` ms since `stopping`. */
  | { type: "stopped"; exit: Exit; took: number }
  /** It will not be started again (`keep`: by hand only): `by` is the rule that says so of its restart type and death. */
  | {
    type: "finished";
    verdict: "keep" | "forget";
    by?: DecidingRule;
    restartType?: RestartType;
    death?: DeathCause;
  }
  /** The supervisor will start it again in `delay` ms; restart number `restart` within the window. */
  | { type: "restarting"; delay: number; restart: number; limit: number }
  /** The supervisor has had more than `limit` restarts within `within` ms, and ends. */
  | { type: "gave_up"; limit: number; within: number; cause: Error | undefined }
  /**
   * It failed more often than its supervisor's intensity allows, and is held back: `coolDown` ms, or until it is
   * started by hand. It is the `nth` time in a row, counted from 1.
   */
  | { type: "quarantined"; coolDown: number | undefined; cause: Error | undefined; nth: number }
  /**
   * A supervisor begins, with these children, none of which runs yet; `generation` is that of their last life.
   * `onStartFailure`: whether it looks after them at once, or once all have started.
   */
  | {
    type: "supervising";
    onStartFailure?: "rollback" | "retry";
    children: readonly Readonly<{ id: string; kind: "worker" | "supervisor"; generation: number }>[];
  }
  /** Its supervisor knows it from now on, behind its other children. */
  | { type: "added"; kind: "worker" | "supervisor" }
  /** Its supervisor has removed it. */
  | { type: "forgotten" }
  /** Its start failed and will be tried again, as soon as its supervisor has done what came before. */
  | { type: "retrying" }
  /** It was to be started again, or looked at by its supervisor, and is not any more: it stays stopped. */
  | { type: "called_off" }
>;
