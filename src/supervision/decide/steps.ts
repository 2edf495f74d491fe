/**
 * The events and steps of a supervisor, and the result of `decide`: plain data.
 */

import type { WhyStopped } from "../../actor/actor_errors.ts";
import type { DeathCause, Exit } from "../../actor/exit.ts";
import type { StartOutcome } from "../../actor/incarnation.ts";
import type { ChildSpec } from "../child_spec.ts";
import type { KnownStanding } from "../dependencies.ts";
import type { SupervisionEvent } from "../events.ts";
import type { RestartDecision } from "../restart/restart_rules.ts";
import type { StartError } from "../supervision_errors.ts";
import type {
  CallerId,
  ChildLife,
  ChildRecord,
  StartResult,
  SupervisorRequest,
  SupervisorState,
} from "./state.ts";

/**
 * An event that waits for its turn. `life` is the child's state when it was queued: in another state now, the event
 * is void.
 */
export type DueEvent = Readonly<
  | { type: "request_due"; request: SupervisorRequest }
  | { type: "exit_due"; id: string; life: ChildLife; exit: Exit; chance: number }
  | { type: "start_result_due" | "restart_due"; id: string; life: ChildLife }
  /** A start that failed is tried again at once. */
  | { type: "retry_due"; id: string; life: ChildLife; cause: StartError }
>;

/** An event of a supervisor. `chance`, from 0 to 1, is for the jitter of a wait. */
export type SupervisorEvent = Readonly<
  /** It begins to start its first children. */
  | { type: "began" }
  | { type: "start_finished"; id: string; result: StartResult }
  | { type: "child_exited"; id: string; exit: Exit; uptime: number; chance: number }
  | { type: "stop_finished"; id: string }
  /** All children of a supervisor that has started without some have been ready. */
  | { type: "became_ready"; id: string }
  /** One turn of the event loop is over since it was asked for. */
  | { type: "turn_elapsed" }
  /** Children of another group, which own ones name so in their `after`, stand elsewhere than before. */
  | { type: "elsewhere_changed"; standings: ReadonlyMap<string, KnownStanding> }
  /** Those of other groups that run and are restarted whenever that child is, are these now. */
  | { type: "followers_changed"; id: string; paths: readonly string[] }
  | { type: "timer_elapsed"; id: string }
  | { type: "requested"; request: SupervisorRequest }
  /** One above it is to stop. */
  | { type: "closed" }
  /** It is to stop, or by force. */
  | { type: "told_to_end"; exit: Exit }
  | DueEvent
>;

/** A step that the supervisor carries out; steps run in order. */
export type SupervisorStep = Readonly<
  | { do: "start"; id: string }
  /** Asks it to stop, by force when its shutdown time is over. */
  | { do: "terminate"; id: string }
  /** The same while it starts. */
  | { do: "cut_short"; id: string }
  /** Ends all children by force, at once. */
  | { do: "kill_all" }
  /** Has the supervisors below start nothing any more. */
  | { do: "close_below" }
  /** `timer_elapsed` is to follow after `delay` ms. */
  | { do: "wait"; id: string; delay: number }
  | { do: "cancel_wait"; id: string }
  /** `turn_elapsed` is to follow after one turn of the event loop. */
  | { do: "await_turn" }
  /** To be decided behind what waits already, and not before the agenda is empty. */
  | { do: "queue"; event: DueEvent }
  /** The same, before what waits already. */
  | { do: "queue_first"; event: DueEvent }
  | { do: "add"; spec: ChildSpec }
  /** No incarnation follows by itself: senders are refused and told why. */
  | { do: "refuse_messages"; id: string; why: WhyStopped }
  /** Subscribers get no more: it has ended for good. */
  | { do: "end_subscriptions"; id: string }
  | { do: "remove"; id: string; why: WhyStopped }
  /** Of a child, or, without `id`, of the supervisor. */
  | { do: "emit"; id?: string; event: SupervisionEvent }
  | { do: "answer"; caller: CallerId; result: StartOutcome | undefined }
  | { do: "refuse"; caller: CallerId; error: unknown }
  /** All children of the first start are ready. */
  | { do: "report_ready" }
  /** It has started, though not all its children are ready. */
  | { do: "report_degraded" }
  /** Nothing runs any more. */
  | { do: "end"; exit: Exit; failure: Error | undefined }
>;

/** A death that was looked at: whether the child is started again, and which rule says so. */
export interface DecidedDeath {
  readonly spec: ChildSpec;
  readonly death: DeathCause;
  readonly decision: RestartDecision;
}

/** The result of `decide`. Its input stays unchanged: {@linkcode commit} makes the new state of it. */
export interface SupervisorDecision {
  /** With the children as they were: a supervisor may have 10,000, which can't be copied for each event. */
  readonly state: SupervisorState;
  /** Those children that stand elsewhere now; `undefined` where there is none any more. */
  readonly changed: ReadonlyMap<string, ChildRecord | undefined>;
  readonly steps: readonly SupervisorStep[];
  /** The reason, for who explains it. */
  readonly decided: DecidedDeath | undefined;
}

/** The state after a decision; the children of the one before are changed in place. */
export function commit(
  { state, changed }: Pick<SupervisorDecision, "state" | "changed">,
): SupervisorState {
  const children = state.children as Map<string, ChildRecord>;
  for (const [id, record] of changed) {
    if (record === undefined) children.delete(id);
    else children.set(id, record);
  }
  return state;
}
