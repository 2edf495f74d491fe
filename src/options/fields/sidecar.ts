/**
 * The options of a sidecar that are not about its program, its protocol or its supervision, and all of them together.
 */

import {
  any,
  duration,
  flag,
  idField,
  key,
  linePattern,
  list,
  needed,
  shape,
  sizeField,
  types,
  union,
  whole,
  word,
} from "../build.ts";
import type { Property, ShapeField, UnionField, WordField } from "../field.ts";
import { type Preset, startLimitOf, stopOf } from "../presets.ts";
import { confinementFields, programFields, surroundingFields } from "./program.ts";
import { logField } from "./log.ts";
import { probes, programLine } from "./probes.ts";
import { hasHandshake, protocol } from "./protocol.ts";
import { until } from "./conversation.ts";
import { deliveryFields, mailboxField, whenGivenUp } from "./messages.ts";
import { exitStatus, splitRestart } from "./restart.ts";
import { backoff, entryChildFields } from "./supervision.ts";
import { SIGNALS } from "./signals.ts";
import type { ProbesEntry, ProtocolEntry, ReadyEntry, StdinEntry, StopSequence } from "../types.ts";

/** How long getting ready may take. */
export const readyWithin: Property = key(
  duration(1),
  "How long it may take before the start counts as failed",
);

/** When a sidecar counts as ready. */
export const ready: UnionField = union(
  `"started", or an object with "stdout", "stderr" or "reply", such as { "stdout": "^listening" }`,
  [
    { kind: "literal", value: "started" },
    shape({
      stdout: needed(linePattern, "Regular expression that a line of stdout matches"),
      within: readyWithin,
    }, {
      defaults: "ready",
    }),
    shape({
      stderr: needed(linePattern, "Regular expression that a line of stderr matches"),
      within: readyWithin,
    }, {
      defaults: "ready",
    }),
    shape({
      reply: needed(any, "A message to send; the first reply makes it ready. lines or ndjson only"),
      within: readyWithin,
    }, { defaults: "ready" }),
  ],
  {
    types: types(
      "ReadyInput",
      "ReadyEntry",
      "When a sidecar counts as ready: at once, when a line of stdout or stderr matches the source of a regular expression (no flags), or when the first reply to `reply` came.",
    ),
  },
);

/** The standard input of a sidecar. */
export const stdinField: WordField = word(["null", "pipe"], {
  elsewhere: { "piped": "pipe", "inherit": "pipe", "none": "null", "ignore": "null", "/dev/null": "null" },
  types: types(
    "StdinEntry",
    "StdinEntry",
    "The standard input of a sidecar: `null` is empty from the start; `pipe` ends at a stop, and when the runtime ends.",
  ),
});

/** Why a sidecar that talks can't do without stdin, with the way out. */
export const STDIN_NEEDED = `its protocol writes to stdin; set it to "pipe", or leave out the protocol`;

/**
 * The standard input of a sidecar. A job without a protocol has none, as it may read to the end before it works; a
 * service has a pipe, as its end tells the service that the runtime has ended.
 */
export function stdinOf(
  written: StdinEntry | undefined,
  { speaks, isJob }: {
    /** Whether there is a protocol. */
    readonly speaks: boolean;
    /** Whether it is to end by itself: it is not permanent, or a sibling waits for its end. */
    readonly isJob: boolean;
  },
): StdinEntry {
  return written ?? (isJob && !speaks ? "null" : "pipe");
}

/** Why a variable can't be set to the number of a copy, with the way out. */
export const NO_COPY = "only a sidecar of a pool has one; write the value as a text";

/** The steps of stopping. */
export const stopField: ShapeField = shape({
  drain: key(duration(0), "For what is in flight to be answered", { otherwise: stepText("drain") }),
  goodbye: key(duration(0), "For the protocol's goodbye, where it has one"),
  stdin: key(duration(0), "After closing stdin, for the exit", { otherwise: stepText("stdin") }),
  term: key(duration(0), "After the signal, for the exit; then comes SIGKILL", {
    otherwise: stepText("term"),
  }),
  signal: key(
    union('a signal such as "SIGQUIT"', [
      word([...SIGNALS, ...SIGNALS.map((name) => name.slice("SIG".length))]),
    ], {
      to: (name: string) => name.startsWith("SIG") ? name : `SIG${name}`,
      input: "string",
      output: "Deno.Signal",
    }),
    "The signal that asks it to end, such as `QUIT`",
  ),
  scope: key(
    word(["group", "process"]),
    "Who gets that signal: the program and all that it has started, or the program alone",
  ),
  command: key(
    programLine,
    "A program, with arguments, that asks it to end, before the signal does",
    { otherwise: "none" },
  ),
}, {
  defaults: "stop",
  types: types(
    "StopInput",
    "StopSequence",
    "The steps of stopping: how long each may take, and what asks it to end.",
  ),
});

function stepText(step: string): (preset: Preset) => string {
  return ({ speakingStop, silentStop }) =>
    speakingStop[step] === silentStop[step]
      ? String(speakingStop[step])
      : `${speakingStop[step]}, without a protocol ${silentStop[step]}`;
}

/** How a sidecar talks, starts and stops. */
export const conversationFields: Record<string, Property> = {
  ready: key(ready, "When it is ready, and the next one may start", { see: "#ready" }),
  probes: key(probes, "How to find out whether it is well, as in Kubernetes", {
    otherwise: "none",
    see: "probes.md",
  }),
};

const startText = ({ start }: Preset) =>
  `${start.plain}, longer for a probe that has longer; ${start.waiting} with ready; ${start.handshake} with lsp and mcp`;

/** The keys of a sidecar in a manifest; `on` and `platforms` are what it has of platforms. */
export function sidecarFields(platforms: Readonly<Record<string, Property>>): Record<string, Property> {
  return {
    id: needed(idField, "Unique among its siblings; becomes part of its path"),
    ...programFields,
    protocol: key(protocol, "How stdin and stdout are cut into messages; without one, output is logged", {
      otherwise: "none",
      see: "#protocol",
    }),
    until: key(until, "Where a reply has many frames: which of them ends it", {
      otherwise: "a reply is one frame",
      see: "#until",
    }),
    stdin: key(stdinField, "Its standard input: empty (`null`), or a `pipe` that ends with the runtime", {
      otherwise: "pipe; null for a job without a protocol",
      see: "#stdin",
    }),
    ...surroundingFields,
    ...platforms,
    ...confinementFields,
    ...entryChildFields,
    startWithin: { ...entryChildFields.startWithin!, otherwise: startText },
    backoff: key(backoff, "The pause before each restart", { see: "#backoff" }),
    ...conversationFields,
    mailbox: key(mailboxField, "The bounded mailbox in front of it", { see: "#mailbox" }),
    maxInFlight: key(
      whole(1, 65_536, { isOpen: true }),
      "Requests that it is given before the first is answered",
      {
        otherwise: "no limit",
      },
    ),
    whenGivenUp: key(whenGivenUp, "What becomes of a request that it has when its caller gives up", {
      otherwise: "cancel for jsonrpc, else finish",
      see: "conversation.md#deadlines-and-cancelling",
    }),
    ...deliveryFields,
    log: key(logField, "Files that its output is written to, and not to those of the tree", {
      otherwise: "the tree's",
      see: "#log",
    }),
    maxFrame: key(sizeField(), "The longest message on stdout, and without a protocol the longest line"),
    successExitStatus: key(
      list(exitStatus),
      "Exit codes and signals that are a success, as code 0 is",
      { otherwise: "none" },
    ),
    stop: key(stopField, "How it is stopped, step by step", { otherwise: "", see: "#stop" }),
    strict: key(flag, "Whether output that is not a message fails it, instead of being reported and dropped"),
  };
}

/** Checks of keys that depend on others. */
interface Unsettled {
  readonly stop?: StopSequence | undefined;
  readonly restart: Parameters<typeof splitRestart>[0];
  readonly startWithin?: number | "infinity" | undefined;
  readonly protocol?: ProtocolEntry | undefined;
  readonly ready: ReadyEntry;
  readonly probes?: ProbesEntry | undefined;
}

/** A sidecar of a manifest with the defaults that depend on what else is written. */
export function settled({ stop, restart, startWithin, ...fields }: Unsettled, preset: Preset): object {
  const { protocol, ready, probes } = fields;
  return {
    ...fields,
    ...splitRestart(restart),
    startWithin: startLimitOf(startWithin, {
      greets: hasHandshake(protocol),
      ...startWaits(ready, probes),
      preset,
    }),
    stop: stopOf(stop, { speaks: protocol !== undefined, preset }),
  };
}

/** Whether a sidecar is ready only when a line, a reply or a probe says so, and not as soon as it is started. */
export function waitsToBeReady(
  ready: unknown,
  probes: { readonly startup?: unknown; readonly readiness?: unknown } | undefined,
): boolean {
  return ready !== "started" || probes?.startup !== undefined || probes?.readiness !== undefined;
}

/** How long a start may take to be ready, and its probe to succeed, in ms; `undefined`: it does not wait for that. */
export function startWaits(
  ready: "started" | { readonly within: number },
  probes: { readonly startup?: GateTiming; readonly readiness?: GateTiming } | undefined,
): { readonly ready: number | undefined; readonly probe: number | undefined } {
  const gate = probes?.startup ?? probes?.readiness;
  return {
    ready: ready === "started" ? undefined : ready.within,
    probe: gate && gate.initialDelay + gate.failureThreshold * gate.period,
  };
}

type GateTiming =
  | { readonly initialDelay: number; readonly failureThreshold: number; readonly period: number }
  | undefined;

/** The keys that {@linkcode settled} makes. */
export const settledKeys: NonNullable<ShapeField["outputs"]> = {
  restart: { type: "RestartType", says: "When it is started again" },
  rules: { type: "RestartRules", says: "Exceptions from that, by exit code and signal", isOptional: true },
  startWithin: { type: "StartWithin", says: "How long a start may take, in ms" },
  stop: {
    type: `Required<Omit<StopSequence, "command">> & Pick<StopSequence, "command">`,
    says: "The steps of stopping",
  },
};
