/**
 * What a manifest says about pools, as written and with every default filled in.
 *
 * @module
 */

import type { Dependency } from "../../supervision/dependencies.ts";
import type { Intensity } from "../../supervision/restart_limits.ts";
import type { OnLimit } from "../../supervision/strategy.ts";
import type { RestartType } from "../../supervision/restart_rules.ts";
import type { StartWithin } from "../../supervision/child_spec.ts";
import type { MailboxEntry, MailboxInput, SidecarEntry, SidecarInput } from "./sidecar_entries.ts";
import type {
  DependencyInput,
  IntensityInput,
  OnLimitInput,
  RestartTypeInput,
} from "./supervision_entries.ts";
import type { DurationInput } from "./units.ts";

/** What each copy of a pool runs, as written: a sidecar without what the pool has for all of them. */
export interface CopyInput extends Omit<SidecarInput, "id" | "significant" | "after" | "mailbox"> {}

/** Which copy gets a message, as written. */
export type RoutingInput = "round-robin" | "least-busy" | "hash" | {
  /** The same words. */
  by: "round-robin" | "least-busy" | "hash";
  /** For `hash`: the field of a message that it goes by; default the whole message. */
  field?: string | undefined;
};

/** What makes a pool grow, as written; either is enough. */
export interface GrowInput {
  /** Messages that wait, from 1; default as many as there are copies. */
  queued?: number | undefined;
  /** For how long messages have been waiting without a break; default 1s. */
  waited?: DurationInput | undefined;
}

/** A pool, as written. */
export interface PoolInput {
  /** Unique among its siblings; letters, digits, `_`, `.` and `-`, 64 at most. */
  id: string;
  /** How many copies, 1 to 1,000; needed where `min` and `max` do not both say it. */
  size?: number | undefined;
  /** Copies at least; default `size`. */
  min?: number | undefined;
  /** Copies at most; default `size`. */
  max?: number | undefined;
  /** Which copy gets a message; default `round-robin`. */
  routing?: RoutingInput | undefined;
  /** Unanswered messages that a copy has at most, 1 to 65,536; default 1. */
  perCopy?: number | undefined;
  /** When a copy is added. */
  grow?: GrowInput | undefined;
  /** After so long without need for all copies one is taken away; default 30s. */
  shrinkAfter?: DurationInput | undefined;
  /** What becomes of a message that a copy has when its caller gives up; default `cancel` for JSON-RPC, else `finish`. */
  whenGivenUp?: "finish" | "cancel" | undefined;
  /** The bounded mailbox that all copies share. */
  mailbox?: MailboxInput | undefined;
  /** Restarts of all copies together. */
  intensity?: IntensityInput | undefined;
  /** What happens when there would be more; default the copy that failed is held back for 60s. */
  onLimit?: OnLimitInput | undefined;
  /** What its own supervisor does when it gave up; default `permanent`. */
  restart?: RestartTypeInput | undefined;
  /** Whether its end by itself counts for its supervisor's automatic shutdown; default false. */
  significant?: boolean | undefined;
  /** The siblings that it starts after. */
  after?: DependencyInput[] | undefined;
  /** How long its start may take, with that of its copies; default `infinity`. */
  startWithin?: DurationInput | "infinity" | undefined;
  /** What each copy runs. */
  sidecar: CopyInput;
}

/** What each copy of a pool runs, with every default filled in. */
export interface CopyEntry extends Omit<SidecarEntry, "id" | "significant" | "after" | "mailbox"> {}

/** Which copy gets a message. */
export type RoutingEntry = "round-robin" | "least-busy" | "hash" | {
  /** The one that a field of the message belongs to. */
  readonly by: "hash";
  /** That field. */
  readonly field: string;
};

/** A pool, with every default filled in. */
export interface PoolEntry {
  /** Unique among its siblings. */
  readonly id: string;
  /** Copies at least. */
  readonly min: number;
  /** Copies at most. */
  readonly max: number;
  /** Which copy gets a message. */
  readonly routing: RoutingEntry;
  /** Unanswered messages that a copy has at most. */
  readonly perCopy: number;
  /** When a copy is added: so many messages wait (absent: as many as there are copies), or any for so many ms. */
  readonly grow: { readonly queued?: number | undefined; readonly waited: number };
  /** After so many ms without need for all copies one is taken away. */
  readonly shrinkAfter: number;
  /** What becomes of a message that a copy has when its caller gives up; absent: as the protocol has it. */
  readonly whenGivenUp?: "finish" | "cancel" | undefined;
  /** The bounded mailbox that all copies share. */
  readonly mailbox: MailboxEntry;
  /** Restarts of all copies together. */
  readonly intensity: Intensity;
  /** What happens when there would be more. */
  readonly onLimit: OnLimit;
  /** What its own supervisor does when it gave up. */
  readonly restart: RestartType;
  /** Whether its end by itself counts for its supervisor's automatic shutdown. */
  readonly significant: boolean;
  /** The siblings that it starts after. */
  readonly after?: readonly Dependency[] | undefined;
  /** How long its start may take, in ms, with that of its copies. */
  readonly startWithin: StartWithin;
  /** What each copy runs. */
  readonly sidecar: CopyEntry;
}
