/**
 * What a manifest says, as written ({@link ManifestInput}) and with every default filled in ({@link Manifest}).
 *
 * The zod schema in `schema.ts` is the one source of these types. They are written out here because JSR takes no
 * inferred types in a public API, and because an interface with documented fields is what a reader wants to see;
 * `schema.ts` holds a check that stops compiling when the two differ in a single field.
 *
 * @module
 */

import type { MailboxOptions, Overflow } from "../actor/mailbox.ts";
import type { StopPlan } from "../process/stop.ts";
import type { Backoff } from "../supervision/backoff.ts";
import type { Intensity } from "../supervision/intensity.ts";
import type { Dependency } from "../supervision/dependencies.ts";
import type { AutoShutdown, Strategy } from "../supervision/strategy.ts";
import type { OnLimit } from "../supervision/supervisor_rules.ts";
import type { RestartRules, RestartType } from "../supervision/verdict.ts";
import type { ProbesEntry, ProbesInput } from "./probe_entries.ts";
import type {
  BackoffInput,
  DependencyInput,
  IntensityInput,
  OnLimitInput,
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
}

/** How long each step of stopping may take before the next one, as written. */
export interface StopInput {
  /** For what was taken to be answered; default 1s, without a protocol 0. */
  drain?: DurationInput | undefined;
  /** For the exit after stdin was closed; default 2s, without a protocol 0. */
  stdin?: DurationInput | undefined;
  /** For the exit after SIGTERM, before SIGKILL; default 5s. */
  term?: DurationInput | undefined;
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
  protocol?: "bytes" | "lines" | "ndjson" | undefined;
  /** Working directory, relative to the manifest; default the manifest's folder. */
  cwd?: string | undefined;
  /** Environment variables to set. */
  env?: Record<string, string> | undefined;
  /** Environment variables to pass on; default PATH, HOME, LANG, TERM, TMPDIR, USER. */
  inheritEnv?: string[] | undefined;
  /** When it is started again; default `permanent`. */
  restart?: RestartTypeInput | RestartRulesInput | undefined;
  /** Whether its end by itself counts for its supervisor's automatic shutdown; default false. */
  significant?: boolean | undefined;
  /** The siblings that it starts after. */
  after?: DependencyInput[] | undefined;
  /** The pause before each restart. */
  backoff?: BackoffInput | undefined;
  /** When the next sibling may start; default `"started"`. */
  ready?: ReadyInput | undefined;
  /** How to find out whether it is well. */
  probes?: ProbesInput | undefined;
  /** The bounded mailbox in front of the sidecar. */
  mailbox?: MailboxInput | undefined;
  /** Longest frame, 1 byte to 1GiB; default 10MB. */
  maxFrame?: SizeInput | undefined;
  /** The steps of stopping. */
  stop?: StopInput | undefined;
  /** Whether a bad frame fails the sidecar; default false. */
  strict?: boolean | undefined;
}

/** A supervisor inside the tree, as written. */
export interface SupervisorInput {
  /** Unique among its siblings; letters, digits, `_`, `.` and `-`, 64 at most. */
  id: string;
  /** Default `one_for_one`. */
  strategy?: Strategy | undefined;
  /** Restarts allowed before it gives up. */
  intensity?: IntensityInput | undefined;
  /** What happens when there would be more; default `escalate`. */
  onLimit?: OnLimitInput | undefined;
  /** Whether it ends when significant children have; default `never`. */
  autoShutdown?: AutoShutdown | undefined;
  /** What its own supervisor does when it gave up; default `permanent`. */
  restart?: RestartTypeInput | undefined;
  /** Whether its end by itself counts for its own supervisor's automatic shutdown; default false. */
  significant?: boolean | undefined;
  /** The siblings that it starts after. */
  after?: DependencyInput[] | undefined;
  /** In start order; at least one. */
  children: EntryInput[];
}

/** One child, as written: a supervisor if it has `children`, else a sidecar. */
export type EntryInput = SupervisorInput | SidecarInput;

/** What ends the sidecars if Outrider itself is killed: the end of their stdin (`eof`), or a guardian (`guard`). */
export type OnHostDeathEntry = "eof" | "guard";

/** A whole manifest, as written in a file. */
export interface ManifestInput {
  /** Where an editor finds the JSON Schema; Outrider does not read it. */
  $schema?: string | undefined;
  /** The tree's name; letters, digits, `_`, `.` and `-`, 64 at most. */
  name: string;
  /** Default `one_for_one`. */
  strategy?: Strategy | undefined;
  /** Restarts allowed before the tree gives up. */
  intensity?: IntensityInput | undefined;
  /** What happens when there would be more; default `escalate`. */
  onLimit?: OnLimitInput | undefined;
  /** Whether the tree ends when significant children have; default `never`. */
  autoShutdown?: AutoShutdown | undefined;
  /** What ends the sidecars if Outrider itself is killed; default `eof`. */
  onHostDeath?: OnHostDeathEntry | undefined;
  /** In start order; at least one. */
  children: EntryInput[];
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

/** A program to run, with every default filled in. */
export interface SidecarEntry {
  /** Unique among its siblings. */
  readonly id: string;
  /** A bare name to look up on PATH, or an absolute path. */
  readonly command: string;
  /** Arguments, as written. */
  readonly args: readonly string[];
  /** How messages are framed; absent: output is logged line by line. */
  readonly protocol?: "bytes" | "lines" | "ndjson" | undefined;
  /** Working directory, absolute. */
  readonly cwd: string;
  /** Environment variables to set. */
  readonly env: Readonly<Record<string, string>>;
  /** Environment variables to pass on, by name; `env` wins over these. */
  readonly inheritEnv: readonly string[];
  /** When it is started again. */
  readonly restart: RestartType;
  /** Exceptions from that, by exit code and signal. */
  readonly rules?: RestartRules | undefined;
  /** Whether its end by itself counts for its supervisor's automatic shutdown. */
  readonly significant: boolean;
  /** The siblings that it starts after. */
  readonly after?: readonly Dependency[] | undefined;
  /** The pause before each restart. */
  readonly backoff: Backoff;
  /** When the next sibling may start. */
  readonly ready: ReadyEntry;
  /** How to find out whether it is well. */
  readonly probes?: ProbesEntry | undefined;
  /** The bounded mailbox in front of it. */
  readonly mailbox: Required<Pick<MailboxOptions, "capacity" | "overflow">>;
  /** Longest frame, in bytes. */
  readonly maxFrame: number;
  /** The steps of stopping. */
  readonly stop: Omit<StopPlan, "goodbye">;
  /** Whether a bad frame fails the sidecar. */
  readonly strict: boolean;
}

/** A supervisor inside the tree, with every default filled in. */
export interface SupervisorEntry {
  /** Unique among its siblings. */
  readonly id: string;
  /** Which children restart when one fails. */
  readonly strategy: Strategy;
  /** Restarts allowed before it gives up. */
  readonly intensity: Intensity;
  /** What happens when there would be more. */
  readonly onLimit: OnLimit;
  /** Whether it ends when significant children have. */
  readonly autoShutdown: AutoShutdown;
  /** What its own supervisor does when it gave up. */
  readonly restart: RestartType;
  /** Whether its end by itself counts for its own supervisor's automatic shutdown. */
  readonly significant: boolean;
  /** The siblings that it starts after. */
  readonly after?: readonly Dependency[] | undefined;
  /** In start order; at least one. */
  readonly children: readonly Entry[];
}

/** One child; `"children" in entry` tells a supervisor from a sidecar. */
export type Entry = SupervisorEntry | SidecarEntry;

/** A whole manifest, with every default filled in: times in ms, sizes in bytes, paths absolute. */
export interface Manifest {
  /** Where an editor finds the JSON Schema; Outrider does not read it. */
  readonly $schema?: string | undefined;
  /** The tree's name. */
  readonly name: string;
  /** Which children restart when one fails. */
  readonly strategy: Strategy;
  /** Restarts allowed before the tree gives up. */
  readonly intensity: Intensity;
  /** What happens when there would be more. */
  readonly onLimit: OnLimit;
  /** Whether the tree ends when significant children have. */
  readonly autoShutdown: AutoShutdown;
  /** What ends the sidecars if Outrider itself is killed. */
  readonly onHostDeath: OnHostDeathEntry;
  /** In start order; at least one. */
  readonly children: readonly Entry[];
}

/**
 * Gives a `.ts` manifest its types: an editor completes the argument and marks what is wrong. It returns its
 * argument and checks nothing; loading the file does.
 *
 * @example
 * ```ts
 * import { define } from "@outrider/outrider";
 *
 * export default define({ name: "quick", children: [{ id: "upper", command: "tr", args: ["a-z", "A-Z"] }] });
 * ```
 */
export function define(manifest: ManifestInput): ManifestInput {
  return manifest;
}
