/**
 * The state of a supervisor and of its children: plain data, without a promise, a timer or a process in it. Read and
 * made by `decide`.
 */

import type { WhyStopped } from "../../actor/actor_errors.ts";
import type { Exit } from "../../actor/exit.ts";
import type { StartOutcome } from "../../actor/incarnation.ts";
import { pathOf } from "../child_path.ts";
import type { ChildSpec } from "../child_spec.ts";
import type { ChildState } from "../child_state.ts";
import type { StartError } from "../supervision_errors.ts";
import type { DatedDeath } from "../restart/restart_rules.ts";
import { haveDependencies, type KnownStanding, siblingsBefore } from "../dependencies.ts";
import type { SupervisorRules } from "../restart/strategy.ts";

export type CallerId = number;

/** On whose behalf a child is started: it decides what becomes of it if the start fails. */
export type StartReason = Readonly<
  /** The first start of the supervisor, which is all or nothing. */
  | { for: "supervisor" }
  /** A restart: one that fails is tried again. */
  | { for: "restart" }
  /** A request; a child that was just added is removed if its start fails. */
  | { for: "request"; caller: CallerId; isFirst: boolean }
>;

export type AfterStop = Readonly<
  /** Nothing: it stays known, for its group or its supervisor's end. */
  | { do: "keep" }
  /** It is started again as soon as what it waits for allows: a member of a group that is restarted. */
  | { do: "wait" }
  /** It is removed: a temporary member of a group that is restarted. */
  | { do: "remove"; why: WhyStopped }
  /**
   * A request asked for it: its caller is answered. `isNew`: it was never ready, and is removed. `keepsMessages`: those in
   * its mailbox wait, and so do later ones.
   */
  | { do: "answer"; caller: CallerId; isNew: boolean; keepsMessages: boolean }
>;

export type StartResult = Readonly<
  /** `isDegraded`: a supervisor that runs, and of which not all children are ready. */
  | { outcome: StartOutcome; isDegraded?: boolean }
  | { outcome: "failed"; cause: StartError; chance: number }
>;

/**
 * Where one child stands. Each change is a new object: who holds an older one knows that something has happened
 * since.
 */
export type ChildLife = Readonly<
  /** It does not run, and will not by itself. */
  | { state: "stopped" }
  /** `isCut`: it was told to stop before it was ready. `then`: it is stopped as soon as the start has come out. */
  | { state: "starting"; reason: StartReason; isCut: boolean; then: AfterStop | undefined }
  /** Its start came out in the background, without success, and is still to be looked at. */
  | { state: "start_over"; reason: StartReason; isCut: boolean; result: StartResult }
  /** `isDegraded`: a supervisor of which not all children have been ready; others that need it ready wait. */
  | { state: "running"; isDegraded?: boolean }
  | { state: "stopping"; then: AfterStop }
  /** It has ended by itself, which is still to be looked at. */
  | { state: "ended" }
  | { state: "restarting" }
  /** It is started as soon as what it waits for allows. `told`: which event is out, that it waits, or that it is for long. */
  | { state: "waiting"; told: "nothing" | "waits" | "late" }
  /** It failed too often, and is held back. */
  | { state: "quarantined"; cause?: Error }
>;

export interface ChildRecord {
  /** Data only: the supervisor that carries the steps out starts it. */
  readonly spec: ChildSpec;
  readonly life: ChildLife;
  /** The supervisor was made with it, and will know it when it starts anew. */
  readonly isInitial: boolean;
  /** The ids of the siblings that it, or a member of it, starts after. */
  readonly behind: readonly string[];
  /**
   * Where a failed start is retried, its part in the first round: `attempted`, its first start has failed, takes long,
   * or waits for such a one; `ready`, it has been ready, or had its end where siblings wait for that, or has no part.
   */
  readonly first: "pending" | "attempted" | "ready";
  /** Which step of its backoff comes next. */
  readonly backoffStep: number;
  /** Where each child has a restart budget of its own: when its restarts were, as far as they count. */
  readonly restarts: readonly number[];
  /** How often in a row it was held back, without having been ready for long enough since. */
  readonly quarantines: number;
  /** The causes of its deaths, the latest last. */
  readonly deaths: readonly DatedDeath[];
  /** How it ended by itself, until it is started again; `normal` where there was nothing to start. */
  readonly completion: Exit | undefined;
}

/** One move of what a supervisor is doing; those behind it wait until it is done. */
export type Move = Readonly<
  | { do: "stop"; id: string; then: AfterStop }
  | { do: "start"; id: string; reason: StartReason }
  | { do: "wait"; id: string; delay: number }
>;

export type Phase = Readonly<
  /**
   * Its first start is under way: `waiting` children are not ready yet. `dependents` are those that start after
   * another.
   */
  | { is: "starting"; waiting: number; dependents: ReadonlyMap<string, readonly string[]> }
  | { is: "running" }
  /** One above it is to stop: nothing is started any more. */
  | { is: "closing" }
  /**
   * It stops what runs, last to first: the first `left` children are still to be stopped. `start`: how its first
   * start came out.
   */
  | { is: "ending"; exit: Exit; left: number; start: "ok" | Error | undefined }
  | { is: "over" }
>;

/** Where a failed start is retried: how far the first start of the children is, until each has been ready. */
export interface FirstRound {
  /** How many are `pending`. */
  readonly unattempted: number;
  /** How many are not `ready`. */
  readonly unready: number;
  /** Whether the supervisor has said that it is ready, though not all its children are. */
  readonly isOver: boolean;
  /** The children whose end siblings wait for, and whether it has to be a success. */
  readonly ends: ReadonlyMap<string, boolean>;
}

/** A child that is to be terminated, as soon as it is that request's turn. */
export interface TerminateRequest {
  readonly id: string;
  readonly caller: CallerId;
  /** A start was cut short for it. */
  readonly isGranted: boolean;
}

/** A request for one child more. */
export type StartRequest = Readonly<{ ask: "start"; caller: CallerId; spec: ChildSpec }>;

/** A request of a program or an operator. */
export type SupervisorRequest = Readonly<
  | StartRequest
  | { ask: "terminate"; caller: CallerId; id: string; keepsMessages?: boolean }
  | { ask: "restart" | "delete"; caller: CallerId; id: string }
>;

export interface SupervisorState {
  readonly path: string;
  readonly rules: SupervisorRules;
  readonly phase: Phase;
  /** The ids of its children, in start order. */
  readonly order: readonly string[];
  readonly children: ReadonlyMap<string, ChildRecord>;
  /** When its restarts were, as far as they count, where all children share one budget. */
  readonly restarts: readonly number[];
  /** Its agenda, move by move. Other events wait until all moves are done. */
  readonly agenda: readonly Move[];
  /** How many of them are done; the next one is under way. */
  readonly done: number;
  readonly terminateRequests: readonly TerminateRequest[];
  /**
   * Whether any of its first children names children that it starts after, or has a member that does so within this list;
   * else the order of the list counts.
   */
  readonly usesAfter: boolean;
  /** Whether any of its first children is restarted whenever another that it names is. */
  readonly hasFollowers: boolean;
  /** The ids of children that are `waiting`. */
  readonly waiting: readonly string[];
  /** Children that are being stopped beside each other, or are to be, as soon as those that depend on them have ended. */
  readonly stops: ReadonlyMap<string, AfterStop>;
  /** `undefined`: a failed start is not retried, or each child has been ready. */
  readonly round: FirstRound | undefined;
  /** Where children of other groups stand that its own start after, by their names there. */
  readonly elsewhere: ReadonlyMap<string, KnownStanding>;
  /** By own child: the paths of children of other groups that run, and are restarted whenever it is. */
  readonly followedBy: ReadonlyMap<string, readonly string[]>;
  /** Of a dynamic supervisor: starts that wait until a child has ended, in order. */
  readonly queued: readonly StartRequest[];
  /** Requests about children that are being stopped in the background: they wait for that, in order. */
  readonly deferred: readonly SupervisorRequest[];
}

/** The failures of a child that was ready for long enough, or is started by hand. */
export const FORGIVEN = { backoffStep: 0, restarts: [], quarantines: 0 } as const;

/** A child that was just added, or that nothing is known of yet. */
export function newChild(spec: ChildSpec, isInitial: boolean): ChildRecord {
  const past = { backoffStep: 0, restarts: [], quarantines: 0, deaths: [], completion: undefined };
  const behind = siblingsBefore(spec);
  return {
    spec,
    life: { state: "stopped" },
    isInitial,
    behind,
    first: isInitial && !spec.startsByHand ? "pending" : "ready",
    ...past,
  };
}

/** A supervisor at `path` that has started nothing yet. */
export function initialState(
  path: string,
  { specs, rules }: { readonly specs: readonly ChildSpec[]; readonly rules: SupervisorRules },
): SupervisorState {
  return {
    path,
    rules,
    phase: { is: "starting", waiting: specs.length, dependents: new Map() },
    order: specs.map(({ id }) => id),
    children: new Map(specs.map((spec) => [spec.id, newChild(spec, true)])),
    restarts: [],
    agenda: [],
    done: 0,
    terminateRequests: [],
    usesAfter: haveDependencies(specs),
    hasFollowers: specs.some(({ after }) => after?.some(({ restart }) => restart)),
    waiting: [],
    stops: new Map(),
    round: undefined,
    elsewhere: new Map(),
    followedBy: new Map(),
    queued: [],
    deferred: [],
  };
}

/** Whether something is under way that has to come out before anything is taken from the queue. */
export function isBusy({ phase, agenda, done }: SupervisorState): boolean {
  return done < agenda.length || (phase.is !== "running" && phase.is !== "closing");
}

/** Whether it, or one above it, is to end: nothing is started any more. */
export function isClosing({ phase }: SupervisorState): boolean {
  return phase.is !== "starting" && phase.is !== "running";
}

/** Whether a start that fails, also a first one, is a death like any other. */
export function retriesStarts({ rules }: SupervisorState): boolean {
  return rules.onStartFailure === "retry";
}

/** Where a child stands, in the words of `status()` and the events. */
export function childState({ life }: ChildRecord): ChildState {
  return life.state === "start_over" ? "stopped" : life.state;
}

/** Whether there is, as far as its supervisor has looked, an incarnation. */
export function hasIncarnation({ life: { state } }: ChildRecord): boolean {
  return !IDLE.includes(state);
}

const IDLE: readonly ChildLife["state"][] = ["stopped", "restarting", "waiting", "quarantined"];

/** Whether it is to stop, or to be stopped as soon as it has started. */
export function isBeingStopped({ life }: ChildRecord): boolean {
  return life.state === "stopping" || (life.state === "starting" && life.then !== undefined);
}

export function subjectOf(request: SupervisorRequest): string {
  return request.ask === "start" ? request.spec.id : request.id;
}

/**
 * Whether it runs, or will by itself; one in quarantine counts, it waits for a request. One that waits for others does
 * not: it comes only if one of those is active.
 */
export function isActiveChild({ life }: ChildRecord): boolean {
  if (life.state === "start_over") return life.result.outcome !== "ignore";
  return life.state !== "stopped" && life.state !== "waiting";
}

export function childPath({ path }: SupervisorState, id: string): string {
  return pathOf(path, id);
}
