// deno-lint-ignore-file no-explicit-any -- the types of messages under any protocol
/**
 * The options of a sidecar, and their resolved form.
 *
 * @module
 */

import type { Command } from "../process/command.ts";
import type { StopPlan } from "../process/stop.ts";
import { OptionError } from "../actor/actor_errors.ts";
import type { ActorOptions, CheckedChildOptions } from "../supervision/child_spec.ts";
import type { Delivery } from "../actor/mailbox/delivery.ts";
import type { ResolvedMailbox } from "../actor/mailbox/options.ts";
import type { ChildProcess, SpawnOptions } from "../process/child.ts";
import type { CodecName } from "../process/codecs/codecs.ts";
import type { EnvValue } from "../process/secrets/secret.ts";
import type { Limits, ResolvedLimits } from "./health/limits.ts";
import {
  type CheckedProbes,
  type Probes,
  type ResolvedProbes,
  resolveProbes,
} from "./health/probe_options.ts";
import { type PairingWay, type Protocol, resolveProtocol } from "./protocol.ts";
import { checkLine, type Ready, type ResolvedReady } from "./health/line_pattern.ts";
import type { Until } from "./replies/reply_stream.ts";
import type { Schemas } from "./message_schemas.ts";
import { shape } from "../options/build.ts";
import { checkOptions } from "../options/check.ts";
import { commandFields, sidecarOptions } from "../options/fields/code_sidecar.ts";
import { defaultMs, PRESETS, startLimitOf, stopOf } from "../options/presets.ts";
import { waitsToBeReady } from "../options/fields/sidecar.ts";
import { splitRestart } from "../options/fields/supervision.ts";
import type { StartWithin, StartWithinInput, StopInput, StopTimes } from "../options/types.ts";
import type { SizeInput } from "../options/units.ts";

/**
 * The options for talking to a sidecar, from which the types of its address follow.
 *
 * @typeParam P the protocol, by name or as an object
 * @typeParam Way how replies are paired, where that is said
 * @typeParam Place what `until` says of a frame, where there is an `until`
 */
export interface ConversationOptions<
  Message = any,
  Value = any,
  Published = any,
  P = CodecName | Protocol | undefined,
  Way = PairingWay | "id" | undefined,
  Place = any,
> {
  /** How stdin and stdout are cut into messages. Without one, nothing is sent and stdout is logged line by line. */
  readonly protocol?: P;
  /**
   * How a reply finds its request: by a number in a field that goes out and comes back (`"id"` for `{ id: "id" }`), in
   * order, or not at all. Default: by `id` for `ndjson`, none for `bytes`, in order otherwise; a protocol of your own
   * says it itself.
   */
  readonly pairing?: Way;
  /** Where a reply has many frames: which is the last. Then an ask is answered with an async iterable of them. */
  readonly until?: ((frame: unknown) => Place) | undefined;
  /**
   * Schemas, such as zod's, of sent and received messages; the types of a ref follow from them. A message that does not
   * fit is refused; a reply that does not fit fails its ask; anything else is dropped, counted, reported.
   */
  readonly schemas?: Schemas<Message, Value, Published> | undefined;
}

/**
 * A program as a child. Times are milliseconds, or texts such as `"10s"`; sizes are bytes, or texts such as `"10MB"`.
 *
 * Besides the fields below: `protocol`, `pairing`, `until`, `schemas` (`ConversationOptions`, in `./protocol`);
 * `restart`, `rules`, `backoff`, `after`, `significant` (`ChildOptions`, in `./actor`); `mailbox`, `onDeath`,
 * `attempts` (`ActorOptions`).
 */
export interface SidecarOptions<
  Message = any,
  Value = any,
  Published = any,
  P = CodecName | Protocol | undefined,
  Way = PairingWay | "id" | undefined,
  Place = any,
> extends
  ConversationOptions<Message, Value, Published, P, Way, Place>,
  Omit<ActorOptions, "shutdown" | "startWithin"> {
  /** Default: `infinity` where `ready` or a probe, which have limits of their own, bounds the start; else 90,000 ms. */
  readonly startWithin?: StartWithinInput | undefined;
  /** A name to look up on PATH, or a path; a relative path is relative to `cwd`. */
  readonly command: string;
  /** Passed on unchanged, without a shell. Default: none. */
  readonly args?: readonly string[] | undefined;
  /** Default: the runtime's own. */
  readonly cwd?: string | undefined;
  /**
   * Variables to set, each to a text or to the content of a file, read before each start; a relative path is relative
   * to
   * `cwd`. Values from files are shown as `***` in events and errors. Default: none.
   */
  readonly env?: Readonly<Record<string, EnvValue>> | undefined;
  /** Names of variables to pass on. Default: PATH, HOME, LANG, TERM, TMPDIR, USER. */
  readonly inheritEnv?: readonly string[] | undefined;
  /** A program with its arguments that starts this one, such as `["nice", "-n", "10"]`. Default: none. */
  readonly launcher?: readonly string[] | undefined;
  /**
   * The SHA-256 of the program's file, in hexadecimal digits; it is run only while it has that. Default: not checked.
   */
  readonly sha256?: string | undefined;
  /** The user to run as, by number; only root may. Default: the runtime's. */
  readonly uid?: number | undefined;
  /** The group to run as, by number; only root may. Default: the runtime's. */
  readonly gid?: number | undefined;
  /**
   * Requests that the process is given before the first is answered. Default: no limit but 65,536 pending
   * requests.
   */
  readonly maxInFlight?: number | undefined;
  /** Default `"started"`. */
  readonly ready?: Ready | undefined;
  /**
   * Default: none. With `ready` as well, that comes first. @throws {OptionError} by `sidecar`, if they make no sense
   */
  readonly probes?: Probes | undefined;
  /**
   * Limits on its usage, with all that it started; over them for too long, it is ended. Needs to run `ps`. Default:
   * none.
   */
  readonly limits?: Limits | undefined;
  /** Longest frame on stdout, in bytes. Default 10,000,000. */
  readonly maxFrame?: SizeInput | undefined;
  /**
   * How it is stopped; a step that is left out has its default: 1 s to drain, 2 s after closing stdin, 5 s after
   * SIGTERM; without protocol 0, 0, 5 s.
   */
  readonly stop?: StopInput | undefined;
  /** Whether malformed output is a failure of the sidecar. Default `false`: it is dropped, counted, reported. */
  readonly strict?: boolean | undefined;
  /**
   * Starts the process, and commands of probes; for tests without processes. Default: the tree's own, else the
   * runtime's `spawn`.
   */
  readonly spawn?: ((command: Command, options?: SpawnOptions) => ChildProcess) | undefined;
}

/** How a sidecar without protocol is stopped: stdin is closed and SIGTERM sent at once. */
export const STOP_WITHOUT_PROTOCOL: StopPlan = {
  drain: defaultMs("silentStop", "drain"),
  stdin: defaultMs("silentStop", "stdin"),
  term: defaultMs("silentStop", "term"),
};

/** Options with every default in its place. */
export interface ResolvedSidecarOptions {
  readonly command: Command;
  readonly protocol: Protocol | undefined;
  readonly until: Until | undefined;
  readonly schemas: Schemas<unknown, unknown, unknown>;
  readonly maxInFlight: number;
  readonly ready: ResolvedReady;
  readonly probes: ResolvedProbes | undefined;
  readonly limits: ResolvedLimits | undefined;
  readonly maxFrame: number;
  readonly stop: Required<StopPlan>;
  readonly strict: boolean;
  readonly spawn: ((command: Command, options?: SpawnOptions) => ChildProcess) | undefined;
}

/** {@linkcode SidecarOptions}, checked. */
interface CheckedSidecarOptions extends Omit<CheckedChildOptions, "shutdown">, Delivery, CheckedCommand {
  readonly mailbox: ResolvedMailbox;
  readonly protocol?: CodecName | Protocol;
  readonly pairing?: PairingWay;
  readonly until?: Until;
  readonly schemas?: Schemas<unknown, unknown, unknown>;
  readonly maxInFlight?: number;
  readonly ready: ResolvedReady;
  readonly probes?: CheckedProbes;
  readonly limits?: ResolvedLimits;
  readonly maxFrame: number;
  readonly stop?: StopTimes;
  readonly strict: boolean;
  readonly spawn?: (command: Command, options?: SpawnOptions) => ChildProcess;
}

/** The options that define the command, checked. */
interface CheckedCommand extends Omit<Command, "program"> {
  readonly command: string;
}

/** The resolved options of a sidecar: for its process, and for its actor. */
export interface SidecarParts {
  readonly settings: ResolvedSidecarOptions;
  readonly child: Omit<ActorOptions, "shutdown"> & { readonly startWithin: StartWithin };
}

/**
 * Checks the options of the sidecar `id`, and fills in the defaults.
 *
 * @throws {OptionError} an option that can't be what it is, or a pattern that can't be matched in linear time
 */
export function resolveSidecarOptions(id: string, options: SidecarOptions): SidecarParts {
  const checked = checkOptions<CheckedSidecarOptions>(
    `Cannot make the sidecar '${id}'`,
    sidecarOptions,
    options,
  );
  const { ready, probes, stop } = checked;
  if (ready !== "started" && !("reply" in ready)) checkLine(ready);
  const preset = PRESETS.otp;
  const protocol = checked.protocol === undefined
    ? undefined
    : resolveProtocol(checked.protocol, checked.pairing);
  const { restart, rules = checked.rules } = splitRestart(checked.restart);
  const { significant, after, backoff, onDeath, attempts, mailbox } = checked;
  return {
    settings: {
      command: commandFrom(checked),
      protocol,
      until: checked.until,
      schemas: checked.schemas ?? {},
      maxInFlight: checked.maxInFlight ?? Infinity,
      ready,
      probes: probes && resolveProbes(probes, { answers: (protocol?.pairing ?? "none") !== "none" }),
      limits: checked.limits,
      maxFrame: checked.maxFrame,
      stop: Object.freeze(stopOf(stop, { speaks: protocol !== undefined, preset })),
      strict: checked.strict,
      spawn: checked.spawn,
    },
    child: {
      ...{ restart, rules, significant, after, backoff, onDeath, attempts, mailbox },
      // `ready` and the probes that a start waits for have limits of their own, which may be longer; a handshake has
      // none.
      startWithin: startLimitOf(checked.startWithin, {
        greets: false,
        waits: !(protocol?.hasHandshake ?? false) && waitsToBeReady(ready, probes),
        preset,
      }),
    },
  };
}

/** The options that define the command. */
export type CommandOptions = Pick<
  SidecarOptions,
  "command" | "args" | "cwd" | "env" | "inheritEnv" | "launcher" | "sha256" | "uid" | "gid"
>;

const commandOptions = shape(commandFields, { defaults: "sidecar" });

/**
 * The program of `options`, with every default in its place: a copy, so that the checked command is the one that is
 * started, each time.
 *
 * @throws {OptionError} one of them is out of its bounds
 */
export function commandOf(options: CommandOptions): Command {
  const keys = Object.keys(commandFields) as (keyof CommandOptions)[];
  const picked = Object.fromEntries(keys.map((key) => [key, options[key]]));
  return commandFrom(checkOptions<CheckedCommand>("Cannot make a command", commandOptions, picked));
}

/** @throws {OptionError} PATH is in a file */
function commandFrom(checked: CheckedCommand): Command {
  const { command: program, args, cwd, env, inheritEnv, launcher, sha256, uid, gid } = checked;
  if (typeof env.PATH === "object") {
    throw new OptionError(
      "Cannot read PATH from a file: programs are looked up by it, so it is not a secret",
      {
        path: "env.PATH",
      },
    );
  }
  return { program, args, cwd, env, inheritEnv, launcher, sha256, uid, gid };
}
