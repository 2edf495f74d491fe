/**
 * The events and steps of a supervisor, and the result of `decide`: plain data.
 */

import type { DeathCause, Exit } from "../../actor/exit.ts";
import type { StartOutcome } from "../../actor/incarnation.ts";
import type { ChildSpec } from "../child_spec.ts";
import type { SupervisionEvent } from "../events.ts";
import type { RestartDecision } from "../restart_rules.ts";
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
export type DueEvent =
  | { readonly type: "request_due"; readonly request: SupervisorRequest }
  | {
    readonly type: "exit_due";
    readonly id: string;
    readonly life: ChildLife;
    readonly exit: Exit;
    readonly chance: number;
  }
  | { readonly type: "start_result_due" | "restart_due"; readonly id: string; readonly life: ChildLife }
  /** A start that failed is tried again at once. */
  | { readonly type: "retry_due"; readonly id: string; readonly life: ChildLife; readonly cause: StartError };

/** An event of a supervisor. `chance`, from 0 to 1, is for the jitter of a wait. */
export type SupervisorEvent =
  /** It begins to start its first children. */
  | { readonly type: "began" }
  | { readonly type: "start_finished"; readonly id: string; readonly result: StartResult }
  | {
    readonly type: "child_exited";
    readonly id: string;
    readonly exit: Exit;
    readonly uptime: number;
    readonly chance: number;
  }
  | { readonly type: "stop_finished"; readonly id: string }
  /** One turn of the event loop is over since it was asked for. */
  | { readonly type: "turn_elapsed" }
  | { readonly type: "timer_elapsed"; readonly id: string }
  | { readonly type: "requested"; readonly request: SupervisorRequest }
  /** One above it is to stop. */
  | { readonly type: "closed" }
  /** It is to stop, or by force. */
  | { readonly type: "told_to_end"; readonly exit: Exit }
  | DueEvent;

/** A step that the supervisor carries out; steps run in order. */
export type SupervisorStep =
  | { readonly do: "start"; readonly id: string }
  /** Asks it to stop, by force when its shutdown time is over. */
  | { readonly do: "terminate"; readonly id: string }
  /** The same while it starts. */
  | { readonly do: "cut_short"; readonly id: string }
  /** Ends all children by force, at once. */
  | { readonly do: "kill_all" }
  /** Has the supervisors below start nothing any more. */
  | { readonly do: "close_below" }
  /** `timer_elapsed` is to follow after `delay` ms. */
  | { readonly do: "wait"; readonly id: string; readonly delay: number }
  | { readonly do: "cancel_wait"; readonly id: string }
  /** `turn_elapsed` is to follow after one turn of the event loop. */
  | { readonly do: "await_turn" }
  /** To be decided behind what waits already, and not before the agenda is empty. */
  | { readonly do: "queue"; readonly event: DueEvent }
  /** The same, before what waits already. */
  | { readonly do: "queue_first"; readonly event: DueEvent }
  | { readonly do: "add"; readonly spec: ChildSpec }
  /** No incarnation follows by itself: senders are refused and told why. */
  | { readonly do: "refuse_messages"; readonly id: string; readonly why: string }
  /** Subscribers get no more: it has ended for good. */
  | { readonly do: "end_subscriptions"; readonly id: string }
  | { readonly do: "remove"; readonly id: string; readonly why: string }
  /** Of a child, or, without `id`, of the supervisor. */
  | { readonly do: "emit"; readonly id?: string; readonly event: SupervisionEvent }
  | { readonly do: "answer"; readonly caller: CallerId; readonly result: StartOutcome | undefined }
  | { readonly do: "refuse"; readonly caller: CallerId; readonly error: unknown }
  /** All children of the first start are ready. */
  | { readonly do: "report_ready" }
  /** Nothing runs any more. */
  | { readonly do: "end"; readonly exit: Exit; readonly failure: Error | undefined };

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
