/** The form of the recordings of Erlang/OTP's supervisor, as far as the player needs it. */

export type Outcome = "ok" | "error" | "ignore";
export type Reason = "normal" | "shutdown" | "crash" | "killed";

export interface WorkerSpec {
  readonly id: string;
  readonly type: "worker";
  readonly restart: "permanent" | "transient" | "temporary";
  readonly significant: boolean;
  readonly shutdown: number | "brutal_kill" | "infinity";
  readonly start: readonly Outcome[];
  readonly on_stop?: "exit" | "normal" | "crash" | "hang";
}

export interface SupervisorSpec {
  readonly id: string;
  readonly type: "supervisor";
  readonly strategy: "one_for_one" | "one_for_all" | "rest_for_one" | "simple_one_for_one";
  readonly intensity: number;
  readonly period_s: number;
  readonly auto_shutdown: "never" | "any_significant" | "all_significant";
  readonly restart?: "permanent" | "transient" | "temporary";
  readonly significant?: boolean;
  readonly shutdown?: number | "brutal_kill" | "infinity";
  readonly children?: readonly Spec[];
  readonly template?: WorkerSpec;
}

export type Spec = WorkerSpec | SupervisorSpec;

export type Event =
  | readonly ["start", string, Outcome]
  | readonly ["stop", string, Reason]
  | readonly ["unordered", readonly Event[]];

export type Action =
  | { readonly op: "exit"; readonly child: string; readonly reason: ExitReason }
  | { readonly op: "exit_many"; readonly exits: readonly { child: string; reason: ExitReason }[] }
  | {
    readonly op: "terminate_child" | "restart_child" | "delete_child";
    readonly sup: string;
    readonly child: string;
  }
  | {
    readonly op: "start_child";
    readonly sup: string;
    readonly spec?: Spec;
    readonly start?: readonly Outcome[];
  }
  | { readonly op: "stop" }
  | { readonly op: "sleep"; readonly ms: number };

export type ExitReason = "normal" | "shutdown" | "crash" | "kill";

export type Queued = Action & { readonly during_start: string; readonly nth: number };

/** `null` for a tree that is not alive. */
export type Children = { readonly [id: string]: "running" | "stopped" | Children };

export interface Observation {
  readonly result: string;
  readonly queued_results?: readonly string[];
  readonly events: readonly Event[];
  readonly max_intensity?: readonly string[];
  readonly children: Children | null;
  readonly alive: boolean;
  readonly exit_reason?: Reason;
  readonly failed_child?: string;
}

export type Step = Action & Observation & { readonly queued?: readonly Queued[] };

export interface Scenario {
  readonly name?: string;
  readonly seed?: number;
  readonly tree: SupervisorSpec;
  readonly initial: Observation;
  readonly steps: readonly Step[];
}
