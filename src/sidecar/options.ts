// deno-lint-ignore-file no-explicit-any -- the types of messages under any protocol
/**
 * The options of a sidecar, and their resolved form.
 *
 * @module
 */

import { checkedTime, checkTimes } from "../actor/checked_time.ts";
import { type Command, DEFAULT_INHERIT_ENV } from "../process/command.ts";
import { DEFAULT_MAX_FRAME } from "../process/framing/framing.ts";
import { DEFAULT_STOP, type StopPlan } from "../process/stop.ts";
import { OptionError } from "../actor/actor_errors.ts";
import type { ActorOptions, StartWithin } from "../supervision/child_spec.ts";
import type { ChildProcess, SpawnOptions } from "../process/child.ts";
import type { CodecName } from "../process/codecs/codecs.ts";
import type { EnvValue } from "../process/secrets/secret.ts";
import type { Search } from "../text/pattern.ts";
import { type Limits, type ResolvedLimits, resolveLimits } from "./health/limits.ts";
import { type Probes, type ResolvedProbes, resolveProbes } from "./health/probe_options.ts";
import { type PairingWay, type Protocol, resolveProtocol } from "./protocol.ts";
import { type Ready, readyLine } from "./health/output_lines.ts";
import type { Until } from "./replies/reply_stream.ts";
import type { Schemas } from "./message_schemas.ts";

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
  readonly schemas?: Schemas<Message, Value, Published>;
}

/** A program as a child. Milliseconds and bytes throughout. */
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
  readonly startWithin?: StartWithin | undefined;
  /** A name to look up on PATH, or a path; a relative path is relative to `cwd`. */
  readonly command: string;
  /** Passed on unchanged, without a shell. Default: none. */
  readonly args?: readonly string[];
  /** Default: the runtime's own. */
  readonly cwd?: string;
  /**
   * Variables to set, each to a text or to the content of a file, read before each start; a relative path is relative
   * to
   * `cwd`. Values from files are shown as `***` in events and errors. Default: none.
   */
  readonly env?: Readonly<Record<string, EnvValue>>;
  /** Names of variables to pass on. Default: PATH, HOME, LANG, TERM, TMPDIR, USER. */
  readonly inheritEnv?: readonly string[];
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
   * Requests that the process is given before the first is answered. Default: no limit but {@linkcode
   * MAX_PENDING_REQUESTS}.
   */
  readonly maxInFlight?: number | undefined;
  /** Default `"started"`. */
  readonly ready?: Ready;
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
  readonly maxFrame?: number;
  /**
   * How it is stopped. Default: 1 s to drain, 2 s after closing stdin, 5 s after SIGTERM; without protocol 0, 0, 5 s.
   */
  readonly stop?: StopPlan;
  /** Whether malformed output is a failure of the sidecar. Default `false`: it is dropped, counted, reported. */
  readonly strict?: boolean;
  /**
   * Starts the process, and commands of probes; for tests without processes. Default: the tree's own, else the
   * runtime's `spawn`.
   */
  readonly spawn?: (command: Command, options?: SpawnOptions) => ChildProcess;
}

/** How a sidecar without protocol is stopped: stdin is closed and SIGTERM sent at once. */
export const STOP_WITHOUT_PROTOCOL: StopPlan = { drain: 0, stdin: 0, term: DEFAULT_STOP.term };

/** The highest number of a user or group; the one above it stands for "leave it is". */
const MAX_ID = 2 ** 32 - 2;

/** Options with every default in its place. */
export interface ResolvedSidecarOptions {
  readonly command: Command;
  readonly protocol: Protocol | undefined;
  readonly until: Until | undefined;
  readonly schemas: Schemas<unknown, unknown, unknown>;
  readonly maxInFlight: number;
  readonly ready: Ready;
  /** The line that `ready` waits for. */
  readonly readyLine: Search | undefined;
  readonly probes: ResolvedProbes | undefined;
  readonly limits: ResolvedLimits | undefined;
  readonly maxFrame: number;
  readonly stop: StopPlan;
  readonly strict: boolean;
  readonly spawn: ((command: Command, options?: SpawnOptions) => ChildProcess) | undefined;
}

/**
 * Fills in the defaults.
 *
 * @throws {OptionError} options that make no sense together, or a pattern that can't be matched in linear time
 * @throws {SyntaxError} a pattern that is not a regular expression
 */
export function resolveSidecarOptions(options: SidecarOptions): ResolvedSidecarOptions {
  const protocol = options.protocol === undefined
    ? undefined
    : resolveProtocol(options.protocol, options.pairing);
  const { maxInFlight = Infinity } = options;
  if (!(maxInFlight >= 1)) {
    throw new OptionError(`Cannot allow ${maxInFlight} requests in flight: it takes 1 or more`);
  }
  const { drain, goodbye, stdin, term } = options.stop ?? DEFAULT_STOP;
  for (const [name, ms] of Object.entries({ drain, stdin, term })) checkedTime(`stop.${name}`, ms);
  checkTimes({ "stop.goodbye": goodbye });
  if (typeof options.ready === "object") checkTimes({ "ready.within": options.ready.within });
  return {
    command: commandOf(options),
    protocol,
    until: options.until,
    schemas: options.schemas ?? {},
    maxInFlight,
    ready: options.ready ?? "started",
    readyLine: readyLine(options.ready ?? "started"),
    probes: options.probes &&
      resolveProbes(options.probes, { answers: (protocol?.pairing ?? "none") !== "none" }),
    limits: options.limits && resolveLimits(options.limits),
    maxFrame: options.maxFrame ?? DEFAULT_MAX_FRAME,
    stop: options.stop
      ? Object.freeze({ ...options.stop })
      : (protocol === undefined ? STOP_WITHOUT_PROTOCOL : DEFAULT_STOP),
    strict: options.strict ?? false,
    spawn: options.spawn,
  };
}

/** The options that define the command. */
export type CommandOptions = Pick<
  SidecarOptions,
  "command" | "args" | "cwd" | "env" | "inheritEnv" | "launcher" | "sha256" | "uid" | "gid"
>;

/**
 * The program of `options`, with every default in its place: a copy, so that the checked command is the one that is
 * started, each time.
 *
 * @throws {OptionError} one of them is out of its bounds
 */
export function commandOf(options: CommandOptions): Command {
  const { command: program, args = [], cwd, env = {}, inheritEnv = DEFAULT_INHERIT_ENV } = options;
  const { launcher, sha256, uid, gid } = options;
  return checkedCommand({
    program,
    args: Object.freeze([...args]),
    cwd,
    env: Object.freeze(Object.fromEntries(Object.entries(env).map(([name, value]) => [name, copied(value)]))),
    inheritEnv: Object.freeze([...inheritEnv]),
    launcher: launcher && Object.freeze([...launcher]),
    sha256,
    uid,
    gid,
  });
}

function copied(value: EnvValue): EnvValue {
  return typeof value === "object" && value !== null ? Object.freeze({ ...value }) : value;
}

/** @throws {OptionError} one of its fields is out of its bounds */
function checkedCommand(command: Command): Command {
  const { env, launcher, sha256, uid, gid } = command;
  if (typeof env.PATH === "object") {
    throw new OptionError(
      "Cannot read PATH from a file: programs are looked up by it, so it is not a secret",
    );
  }
  if (launcher?.length === 0) {
    throw new OptionError("Cannot start by a launcher that is empty: name its program");
  }
  if (sha256 !== undefined && !/^[\da-f]{64}$/i.test(sha256)) {
    throw new OptionError("Cannot pin a program by that: a SHA-256 has 64 hexadecimal digits");
  }
  for (const [name, id] of Object.entries({ uid, gid })) {
    if (id === undefined || (Number.isInteger(id) && id >= 0 && id <= MAX_ID)) continue;
    throw new OptionError(`Cannot run with ${name} ${id}: it takes a whole number from 0 to ${MAX_ID}`);
  }
  return command;
}
