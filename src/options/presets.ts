/**
 * Every default, once, as named presets.
 *
 * `otp` is what the constructors of the library go by, and follows Erlang/OTP. `operator` is written out into a
 * manifest when it is loaded, unless that names another one, so that what reaches the constructors leaves them
 * nothing to fill in. docs/supervision.md shows them side by side, generated.
 *
 * Values are written as in a manifest, and checked there and in code like any other value.
 */

import type { PresetName, StopSequence } from "./types.ts";
import { bytesOf, ms } from "./units.ts";

/** A value as it is written. */
export type PresetValue = string | number | boolean | readonly unknown[] | {
  readonly [key: string]: unknown;
};

/** Which parts a preset has: kinds of children, and the objects that their options are made of. */
export type PresetPart =
  | "root"
  | "supervisor"
  | "dynamicSupervisor"
  | "actor"
  | "sidecar"
  | "pool"
  | "start"
  | "intensity"
  | "quarantine"
  | "restartRules"
  | "backoff"
  | "dependency"
  | "mailbox"
  | "ready"
  | "stop"
  | "speakingStop"
  | "silentStop"
  | "limits"
  | "probe"
  | "ping"
  | "tcp"
  | "last"
  | "grow"
  | "log"
  | "ask";

/** Defaults, by part and key. */
export type Preset = Readonly<Record<PresetPart, Readonly<Record<string, PresetValue>>>>;

/** Restart at once, always: Erlang/OTP's way. `resetAfter` is for the quarantines of an operator's tree. */
const AT_ONCE = { initial: 0, factor: 1, max: 0, jitter: 0, resetAfter: 60_000 };

/** The environment variables that a program inherits. */
const INHERITED = ["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER"];

/** The variables that a program needs on Windows to start at all. */
const WINDOWS = ["SYSTEMROOT", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA"];

/** systemd's default for services. */
const START = "90s";

const CHILD = { restart: "permanent", significant: false };

const STEPS = { drain: "1s", stdin: "2s", term: "5s" };

const DELIVERY = { onDeath: "fail", attempts: 3, mailbox: {} };

const OTP: Preset = {
  root: {
    strategy: "one_for_one",
    intensity: {},
    onLimit: "escalate",
    onStartFailure: "rollback",
    autoShutdown: "never",
    onHostDeath: "eof",
    permissions: "enough",
  },
  supervisor: {
    strategy: "one_for_one",
    intensity: {},
    onLimit: "escalate",
    onStartFailure: "rollback",
    autoShutdown: "never",
    ...CHILD,
    startWithin: "infinity",
    backoff: AT_ONCE,
    shutdown: "infinity",
  },
  dynamicSupervisor: {
    intensity: {},
    onLimit: "escalate",
    overflow: "refuse",
    maxQueued: 1024,
    ...CHILD,
    startWithin: "infinity",
    backoff: AT_ONCE,
    shutdown: "infinity",
  },
  actor: { ...CHILD, startWithin: START, backoff: AT_ONCE, shutdown: "5s", ...DELIVERY },
  sidecar: {
    args: [],
    env: {},
    envFile: [],
    inheritEnv: [...INHERITED, ...(Deno.build.os === "windows" ? WINDOWS : [])],
    ...CHILD,
    backoff: {},
    ready: "started",
    ...DELIVERY,
    maxFrame: "10MB",
    strict: false,
  },
  pool: {
    routing: "round-robin",
    perCopy: 1,
    grow: {},
    shrinkAfter: "30s",
    mailbox: {},
    intensity: {},
    onLimit: { quarantine: { coolDown: "60s" } },
    onStartFailure: "rollback",
    ...CHILD,
    startWithin: "infinity",
    backoff: AT_ONCE,
    shutdown: "infinity",
  },
  // How long the start of a sidecar may take: with nothing to wait for, with a wait that has a limit of its own, with
  // the handshake of a server.
  start: { plain: START, waiting: "infinity", handshake: "1m" },
  intensity: { restarts: 5, within: "3m", per: "supervisor" },
  quarantine: { factor: 1, max: "10m" },
  restartRules: { on: "permanent" },
  backoff: { initial: "200ms", factor: 2, max: "30s", jitter: 0.25, resetAfter: "60s" },
  dependency: { condition: "ready" },
  mailbox: { capacity: 1024, overflow: "wait" },
  ready: { within: "10s" },
  stop: { goodbye: "2s", signal: "SIGTERM", scope: "group" },
  speakingStop: STEPS,
  // Where nothing is sent, nothing waits for an answer, and a program has no reason to watch its stdin.
  silentStop: { ...STEPS, drain: 0, stdin: 0 },
  limits: { for: "5s" },
  probe: { initialDelay: "0s", period: "10s", timeout: "1s", successThreshold: 1, failureThreshold: 3 },
  ping: { busyFor: "5m" },
  tcp: { host: "127.0.0.1" },
  last: { equals: true },
  grow: { waited: "1s" },
  log: { max: "10MB", keep: 5, gzip: false, overflow: "wait", format: "text" },
  ask: { timeout: "5s", maxTotalTimeout: "10m" },
};

/** One bad child harms no other: it is held back for a while, and tried again for ever. */
const HOLD_BACK = { onLimit: { quarantine: { coolDown: "30s" } } };

const OPERATOR: Preset = {
  ...OTP,
  root: { ...OTP.root, ...HOLD_BACK, onStartFailure: "retry" },
  supervisor: { ...OTP.supervisor, ...HOLD_BACK, onStartFailure: "retry" },
  pool: { ...OTP.pool, ...HOLD_BACK, onStartFailure: "retry" },
  sidecar: { ...OTP.sidecar, inheritEnv: INHERITED },
  intensity: { ...OTP.intensity, per: "child" },
  quarantine: { factor: 2, max: "10m" },
};

/** The presets, by name. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = { otp: OTP, operator: OPERATOR };

/** The preset that a manifest goes by which names none. */
export const MANIFEST_PRESET: PresetName = "operator";

/** Returns a number from the library's preset. */
export function defaultNumber(part: PresetPart, key: string): number {
  return PRESETS.otp[part][key] as number;
}

/** Bytes that the library goes by where nothing is said. */
export function defaultBytes(part: PresetPart, key: string): number {
  return bytesOf(PRESETS.otp[part][key] as string | number);
}

/** Milliseconds that the library goes by where nothing is said. */
export function defaultMs(part: PresetPart, key: string): number {
  return ms(PRESETS.otp[part][key] as string | number);
}

/** The steps of a stop with every default in its place, times in milliseconds. */
export type SettledStop = Required<Omit<StopSequence, "command">> & Pick<StopSequence, "command">;

/** The steps of a stop; `speaks`: whether there is a protocol. */
export function stopOf(
  written: StopSequence | undefined,
  { speaks, preset }: { readonly speaks: boolean; readonly preset: Preset },
): SettledStop {
  const { drain, stdin, term } = preset[speaks ? "speakingStop" : "silentStop"];
  const { goodbye, ...how } = preset.stop;
  const times = Object.entries({ drain, goodbye, stdin, term }).map((
    [step, time],
  ) => [step, ms(time as string)]);
  const given = Object.entries(written ?? {}).filter(([, value]) => value !== undefined);
  return { ...how, ...Object.fromEntries([...times, ...given]) } as SettledStop;
}

/** Milliseconds that the pipes may outlive their process before they are cut. */
export const PIPE_DRAIN_MS = 2_000;

/** Milliseconds that a stop may take beyond its sequence: for its pipes, and for a process that not even SIGKILL ends. */
const STOP_SLACK_MS = PIPE_DRAIN_MS + 1_000;

/** Milliseconds until a stop in which no other step ends the process comes to SIGKILL. */
export function timeToForce(
  { drain, goodbye, stdin, term, command }: SettledStop,
  hasGoodbye: boolean,
): number {
  return drain + (hasGoodbye ? goodbye : 0) + (command === undefined ? 0 : term) + stdin + term;
}

/** Milliseconds that such a stop may take. */
export function stopTimeOf(stop: SettledStop, hasGoodbye: boolean): number {
  return timeToForce(stop, hasGoodbye) + STOP_SLACK_MS;
}

/** How long the start of a sidecar may take. */
export function startLimitOf(
  written: number | "infinity" | undefined,
  { greets, ready, probe, preset }: {
    /** Whether its start is a handshake. */
    readonly greets: boolean;
    /** Milliseconds that it may take to be `ready`: a limit of its own. */
    readonly ready: number | undefined;
    /** Milliseconds in which a probe that its start waits for has failed `failureThreshold` times, `period` apart. */
    readonly probe: number | undefined;
    readonly preset: Preset;
  },
): number | "infinity" {
  if (written !== undefined) return written;
  if (!greets && probe !== undefined) {
    const limit = (ready ?? 0) + Math.max(ms(preset.start.plain as string), probe);
    return limit === Infinity ? "infinity" : limit;
  }
  const usual = preset.start[greets ? "handshake" : ready === undefined ? "plain" : "waiting"] as string;
  return usual === "infinity" ? usual : ms(usual);
}
