/**
 * The options of a sidecar, and their resolved form.
 */

import { OptionError } from "../actor/actor_errors.ts";
import type { ChildProcess, SpawnOptions } from "../process/child_process.ts";
import type { Command } from "../process/command.ts";
import type { StopPlan } from "../process/stop.ts";
import { type ActorOptions, checkedName } from "../supervision/child_spec.ts";
import type { ResolvedLimits } from "./health/limits.ts";
import { checkLine, type ResolvedReady } from "./health/line_pattern.ts";
import { type ResolvedProbes, resolveProbes } from "./health/probe_options.ts";
import type { Schemas } from "./messages/message_schemas.ts";
import type {
  CheckedCommandOptions,
  CheckedSidecarOptions,
  CommandOptions,
  SidecarOptions,
} from "./option_types.ts";
import { type Protocol, resolveProtocol } from "./protocol.ts";
import type { Until } from "./replies/reply_stream.ts";
import { markFault, markOf } from "../options/fields/conversation.ts";
import { identityFault, ptyFault, waitsForStderr } from "../options/launcher.ts";
import { quote } from "../text/words.ts";
import { checkOptions } from "../options/check.ts";
import { commandFields, commandOptions, sidecarOptions } from "../options/fields/code_sidecar.ts";
import { defaultMs, PRESETS, type SettledStop, startLimitOf, stopOf } from "../options/presets.ts";
import { NO_COPY, startWaits, STDIN_NEEDED, stdinOf } from "../options/fields/sidecar.ts";
import { splitRestart } from "../options/fields/restart.ts";
import type { ExitStatusMatch, StartWithin, WhenGivenUp } from "../options/types.ts";

export type { CommandOptions, ConversationOptions, SidecarOptions } from "./option_types.ts";

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
  readonly whenGivenUp: WhenGivenUp | undefined;
  readonly ready: ResolvedReady;
  readonly probes: ResolvedProbes | undefined;
  readonly limits: ResolvedLimits | undefined;
  readonly maxFrame: number;
  readonly stop: SettledStop;
  /** What is a success besides code 0. */
  readonly successExitStatus: readonly ExitStatusMatch[];
  readonly strict: boolean;
  readonly spawn: ((command: Command, options?: SpawnOptions) => ChildProcess) | undefined;
}

/** The resolved options of a sidecar: for its process, and for its actor. */
export interface SidecarParts {
  readonly settings: ResolvedSidecarOptions;
  /** The settings where a sibling waits for its end, which makes it a job. */
  readonly awaited: ResolvedSidecarOptions;
  readonly child: Omit<ActorOptions, "shutdown"> & { readonly startWithin: StartWithin };
}

/**
 * Checks the options of the sidecar `id`, and fills in the defaults.
 *
 * @throws {OptionError} an option that can't be what it is, or a pattern that can't be matched in linear time
 */
export function resolveSidecarOptions(id: string, options: SidecarOptions): SidecarParts {
  const checked = checkOptions<CheckedSidecarOptions>(
    `Cannot make the sidecar '${checkedName(id)}'`,
    sidecarOptions,
    options,
  );
  const { ready, probes, stop } = checked;
  if (ready !== "started" && !("reply" in ready)) checkLine(ready);
  const preset = PRESETS.otp;
  const protocol = checked.protocol === undefined
    ? undefined
    : resolveProtocol(checked.protocol, checked.pairing);
  checkMark(id, protocol, checked.until);
  const { restart, rules = checked.rules } = splitRestart(checked.restart);
  const { significant, after, backoff, onDeath, attempts, mailbox } = checked;
  const speaks = protocol !== undefined;
  if (speaks && checked.stdin === "null") {
    throw new OptionError(`Cannot make the sidecar '${id}' without stdin: ${STDIN_NEEDED}`, {
      path: "stdin",
    });
  }
  const command = commandFrom(checked, {
    isText: protocol === undefined || !BINARY.includes(codecName(protocol)),
    waitsForStderr: waitsForStderr(checked),
  });
  const commandAs = (isJob: boolean) => ({ ...command, stdin: stdinOf(checked.stdin, { speaks, isJob }) });
  const settings = {
    command: commandAs(restart !== "permanent"),
    protocol,
    until: checked.until,
    schemas: checked.schemas ?? {},
    maxInFlight: checked.maxInFlight ?? Infinity,
    whenGivenUp: checked.whenGivenUp,
    ready,
    probes: probes && resolveProbes(probes, { answers: (protocol?.pairing ?? "none") !== "none" }),
    limits: checked.limits,
    maxFrame: checked.maxFrame,
    successExitStatus: checked.successExitStatus ?? [],
    stop: Object.freeze(stopOf(stop, { speaks, preset })),
    strict: checked.strict,
    spawn: checked.spawn,
  };
  return {
    settings,
    awaited: { ...settings, command: commandAs(true) },
    child: {
      ...{ restart, rules, significant, after, backoff, onDeath, attempts, mailbox },
      // `ready` has a limit of its own, which may be longer; a handshake has none.
      startWithin: startLimitOf(checked.startWithin, {
        greets: false,
        ...startWaits(protocol?.hasHandshake ? "started" : ready, probes),
        preset,
      }),
    },
  };
}

/** @throws {OptionError} a mark that can't be sent, or not found again */
function checkMark(id: string, protocol: Protocol | undefined, until: Until | undefined): void {
  const pairing = protocol?.pairing;
  const ofPairing = typeof pairing === "object" && "mark" in pairing ? pairing.mark : undefined;
  const mark = ofPairing ?? markOf(until);
  if (mark === undefined) return;
  const isLines = protocol !== undefined && codecName(protocol) === "lines";
  const fault = !isLines || (ofPairing === undefined && pairing !== "in-order")
    ? `it needs "lines", in order`
    : ofPairing !== undefined && until !== undefined
    ? `a reply that ends at it is one text; leave "until" out, or "pairing"`
    : markFault(mark);
  if (fault === undefined) return;
  const path = ofPairing === undefined ? "until" : "pairing";
  throw new OptionError(`Cannot make the sidecar '${id}': its mark: ${fault}`, { path });
}

/**
 * The program of `options`, with every default in its place: a copy, so that the checked command is the one that is
 * started, each time.
 *
 * @throws {OptionError} one of them is out of its bounds
 */
export function commandOf(options: CommandOptions): Command {
  const keys = Object.keys(commandFields) as (keyof CommandOptions)[];
  const picked = Object.fromEntries(keys.map((key) => [key, options[key]]));
  return commandFrom(checkOptions<CheckedCommandOptions>("Cannot make a command", commandOptions, picked));
}

/** The name of its codec; the codecs themselves are not loaded here, as a program without sidecars needs none. */
function codecName({ codec }: Protocol): string {
  return typeof codec === "string" ? codec : codec.name;
}

/** Protocols whose frames are not lines of text; a codec of its own is not known to be either. */
const BINARY = ["bytes", "content-length", "length-prefixed-be", "length-prefixed-le", "netstring"];

/** @throws {OptionError} PATH is in a file, or it can't have a terminal */
function commandFrom(
  checked: CheckedCommandOptions,
  streams = { isText: true, waitsForStderr: false },
): Command {
  const { command: program, args, cwd, env, envFile, inheritEnv, launcher, pty, sha256 } = checked;
  const { uid, gid, user, group, nice, umask } = checked;
  if (typeof env.PATH === "object") {
    throw new OptionError(
      "Cannot read PATH from elsewhere: programs are looked up by it, so it is a text",
      {
        path: "env.PATH",
      },
    );
  }
  const numbered = Object.entries(env).find(([, value]) => typeof value === "object" && "copy" in value);
  if (numbered !== undefined) {
    throw new OptionError(`Cannot set ${numbered[0]} to the number of a copy: ${NO_COPY}`, {
      path: `env.${numbered[0]}`,
    });
  }
  const fault = ptyFault({ pty, launcher, ...streams, isWindows: Deno.build.os === "windows" });
  if (fault !== undefined) {
    throw new OptionError(`Cannot run ${quote(program)} in a terminal: ${fault}`, { path: "pty" });
  }
  const isWindows = Deno.build.os === "windows";
  const misfit = identityFault({ uid, gid, user, group, nice, umask, isWindows });
  if (misfit !== undefined) throw new OptionError(`Cannot run ${quote(program)} like that: ${misfit}`);
  return {
    ...{ program, args, cwd, env, envFile, inheritEnv, launcher, pty, sha256 },
    ...{ uid, gid, user, group, nice, umask },
  };
}
