/**
 * What a manifest says about a sidecar, as written and with every default filled in.
 *
 * @module
 */

import type { OnDeath } from "../../actor/mailbox/delivery.ts";
import type { Overflow } from "../../actor/mailbox/options.ts";
import type { StopPlan } from "../../process/stop.ts";
import type { Backoff } from "../../supervision/restart_limits.ts";
import type { StartWithin } from "../../supervision/child_spec.ts";
import type { Dependency } from "../../supervision/dependencies.ts";
import type { RestartRules, RestartType } from "../../supervision/restart_rules.ts";
import type { EnvEntry, EnvInput } from "./environment_entries.ts";
import type { Overrides, OverridesInput, PlatformName } from "./platform_entries.ts";
import type { ProbesEntry, ProbesInput } from "./probe_entries.ts";
import type { ProtocolEntry, ProtocolInput, UntilEntry, UntilInput } from "./protocol_entries.ts";
import type {
  BackoffInput,
  DependencyInput,
  RestartRulesInput,
  RestartTypeInput,
} from "./supervision_entries.ts";
import type { DurationInput, SizeInput } from "./units.ts";

/** When a sidecar counts as ready, as written; `within` defaults to 10s. */
export type ReadyInput =
  | "started"
  | { stdout: string; within?: DurationInput | undefined }
  | { stderr: string; within?: DurationInput | undefined }
  | { reply: unknown; within?: DurationInput | undefined };

/** A sidecar's bounded mailbox, as written. */
export interface MailboxInput {
  /** Messages it holds, 1 to 1,000,000; default 1024. */
  capacity?: number | undefined;
  /** What happens when it is full; default `wait`. */
  overflow?: Overflow | undefined;
  /** Bytes it holds, 1 byte to 1GiB; a larger message is let in alone. Default no such limit. */
  bytes?: SizeInput | undefined;
}

/** How long each step of stopping may take before the next one, as written. */
export interface StopInput {
  /** For what was taken to be answered; default 1s, without a protocol 0. */
  drain?: DurationInput | undefined;
  /** For the protocol's goodbye, where it has one; default 2s. */
  goodbye?: DurationInput | undefined;
  /** For the exit after stdin was closed; default 2s, without a protocol 0. */
  stdin?: DurationInput | undefined;
  /** For the exit after SIGTERM, before SIGKILL; default 5s. */
  term?: DurationInput | undefined;
}

/** What a sidecar may use, with all that it started, as written; one of `memory` and `cpu`, or both. */
export interface LimitsInput {
  /** Memory in RAM, 1 byte to 1,048,576GiB; default no limit. */
  memory?: SizeInput | undefined;
  /** Processors, on average; default no limit. */
  cpu?: number | undefined;
  /** For how long it may be over, 1s to 10m; default 5s. */
  for?: DurationInput | undefined;
}

/** A program to run, as written. */
export interface SidecarInput {
  /** Unique among its siblings; letters, digits, `_`, `.` and `-`, 64 at most. */
  id: string;
  /** A name looked up on PATH, or, with a slash, a path relative to the manifest. */
  command: string;
  /** Arguments, passed as they are: there is no shell. */
  args?: string[] | undefined;
  /** How messages are framed; without one, output is logged line by line. */
  protocol?: ProtocolInput | undefined;
  /** Where a reply has many frames: which of them ends it; default a reply is one frame. */
  until?: UntilInput | undefined;
  /** Working directory, relative to the manifest; default the manifest's folder. */
  cwd?: string | undefined;
  /** Environment variables to set, each to a text or to what is in a file. */
  env?: Record<string, EnvInput> | undefined;
  /** Environment variables to pass on; default PATH, HOME, LANG, TERM, TMPDIR, USER. */
  inheritEnv?: string[] | undefined;
  /** The platforms that it is for; elsewhere it is left out. Default all. */
  platforms?: PlatformName[] | undefined;
  /** What is different on some platforms. */
  on?: Partial<Record<PlatformName, OverridesInput | undefined>> | undefined;
  /** A program with its arguments that starts this one; default none. */
  launcher?: [string, ...string[]] | undefined;
  /** The SHA-256 of the program's file, which is run only while it has that; default not checked. */
  sha256?: string | undefined;
  /** The user to run as, by number; default the runtime's. */
  uid?: number | undefined;
  /** The group to run as, by number; default the runtime's. */
  gid?: number | undefined;
  /** What it may use; default no limits. */
  limits?: LimitsInput | undefined;
  /** When it is started again; default `permanent`. */
  restart?: RestartTypeInput | RestartRulesInput | undefined;
  /** Whether its end by itself counts for its supervisor's automatic shutdown; default false. */
  significant?: boolean | undefined;
  /** The siblings that it starts after. */
  after?: DependencyInput[] | undefined;
  /** How long a start may take; default 90s, and no limit where `ready` or a probe has one. */
  startWithin?: DurationInput | "infinity" | undefined;
  /** The pause before each restart. */
  backoff?: BackoffInput | undefined;
  /** When the next sibling may start; default `"started"`. */
  ready?: ReadyInput | undefined;
  /** How to find out whether it is well. */
  probes?: ProbesInput | undefined;
  /** The bounded mailbox in front of the sidecar. */
  mailbox?: MailboxInput | undefined;
  /** Requests that it is given before the first is answered, 1 to 65,536; default no limit. */
  maxInFlight?: number | undefined;
  /** What happens to a message that it had and did not answer when it ended; default `fail`. */
  onDeath?: OnDeath | undefined;
  /** How many incarnations may have a message that is replayed, 1 to 1,000,000; default 3. */
  attempts?: number | undefined;
  /** Longest frame, 1 byte to 1GiB; default 10MB. */
  maxFrame?: SizeInput | undefined;
  /** The steps of stopping. */
  stop?: StopInput | undefined;
  /** Whether a bad frame fails the sidecar; default false. */
  strict?: boolean | undefined;
}

/**
 * When a sidecar counts as ready: at once, when a line of stdout or stderr matches the source of a regular
 * expression (no flags), or when the first reply to `reply` came; `within` is in ms.
 */
export type ReadyEntry =
  | "started"
  | { readonly stdout: string; readonly within: number }
  | { readonly stderr: string; readonly within: number }
  | { readonly reply: unknown; readonly within: number };

/** What a sidecar may use, with all that it started. */
export interface LimitsEntry {
  /** Bytes of memory in RAM; absent: no limit. */
  readonly memory?: number | undefined;
  /** Processors, on average; absent: no limit. */
  readonly cpu?: number | undefined;
  /** For how many ms it may be over. */
  readonly for: number;
}

/** A bounded mailbox. */
export interface MailboxEntry {
  /** Messages it holds. */
  readonly capacity: number;
  /** What happens when it is full. */
  readonly overflow: Overflow;
  /** Bytes it holds; absent: no such limit. */
  readonly bytes?: number | undefined;
}

/** A program to run, with every default filled in. */
export interface SidecarEntry {
  /** Unique among its siblings. */
  readonly id: string;
  /** A bare name to look up on PATH, or an absolute path. */
  readonly command: string;
  /** Arguments, as written. */
  readonly args: readonly string[];
  /** How messages are framed; absent: output is logged line by line. */
  readonly protocol?: ProtocolEntry | undefined;
  /** Where a reply has many frames: which of them ends it. */
  readonly until?: UntilEntry | undefined;
  /** Working directory, absolute. */
  readonly cwd: string;
  /** Environment variables to set, each to a text or to what is in a file, whose path is absolute. */
  readonly env: Readonly<Record<string, EnvEntry>>;
  /** Environment variables to pass on, by name; `env` wins over these. */
  readonly inheritEnv: readonly string[];
  /** The platforms that it is for; applied, and gone, once a manifest is loaded. */
  readonly platforms?: readonly PlatformName[] | undefined;
  /** What is different on some platforms; applied, and gone, once a manifest is loaded. */
  readonly on?: Partial<Record<PlatformName, Overrides | undefined>> | undefined;
  /** A program with its arguments that starts this one. */
  readonly launcher?: readonly [string, ...string[]] | undefined;
  /** The SHA-256 of the program's file; absent: not checked. */
  readonly sha256?: string | undefined;
  /** The user to run as; absent: the runtime's. */
  readonly uid?: number | undefined;
  /** The group to run as; absent: the runtime's. */
  readonly gid?: number | undefined;
  /** What it may use; absent: no limits. */
  readonly limits?: LimitsEntry | undefined;
  /** When it is started again. */
  readonly restart: RestartType;
  /** Exceptions from that, by exit code and signal. */
  readonly rules?: RestartRules | undefined;
  /** Whether its end by itself counts for its supervisor's automatic shutdown. */
  readonly significant: boolean;
  /** The siblings that it starts after. */
  readonly after?: readonly Dependency[] | undefined;
  /** How long a start may take, in ms. */
  readonly startWithin: StartWithin;
  /** The pause before each restart. */
  readonly backoff: Backoff;
  /** When the next sibling may start. */
  readonly ready: ReadyEntry;
  /** How to find out whether it is well. */
  readonly probes?: ProbesEntry | undefined;
  /** The bounded mailbox in front of it. */
  readonly mailbox: MailboxEntry;
  /** Requests that it is given before the first is answered; absent: no limit. */
  readonly maxInFlight?: number | undefined;
  /** What happens to a message that it had and did not answer when it ended. */
  readonly onDeath: OnDeath;
  /** How many incarnations may have a message that is replayed. */
  readonly attempts: number;
  /** Longest frame, in bytes. */
  readonly maxFrame: number;
  /** The steps of stopping. */
  readonly stop: Required<StopPlan>;
  /** Whether a bad frame fails the sidecar. */
  readonly strict: boolean;
}
