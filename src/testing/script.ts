/**
 * The behaviour of a fake process, as plain data.
 */

import {
  code,
  flag,
  key,
  list,
  needed,
  number,
  shape,
  typed,
  types,
  union,
  whole,
  word,
} from "../options/build.ts";
import { checkOptions } from "../options/check.ts";
import type { Field, Property, ShapeField, TypeNames, UnionField } from "../options/field.ts";
import { aFunction } from "../options/fields/children.ts";
import { SIGNALS } from "../options/fields/signals.ts";
import type { JsonValue } from "../process/codecs/json.ts";
import type { CommonScript } from "./script_types.ts";

export type {
  CommonScript,
  Moment,
  ProcessEnding,
  ScriptedDeath,
  ScriptedOutput,
  SignalEffect,
} from "./script_types.ts";

/** Names the life of the process that calls, and its message. */
export interface ScriptContext {
  /** The number of this start, counted from 1. */
  readonly life: number;
  /** The number of the message in this life, counted from 1. */
  readonly message: number;
}

/** A process that answers nothing. Its input counts by lines. */
export interface SilentScript extends CommonScript {
  /** Only needed with a `reply`. */
  readonly protocol?: undefined;
  /** It has no protocol to answer in. */
  readonly reply?: undefined;
}

/** A process that reads and answers lines. */
export interface LinesScript extends CommonScript {
  /** How its stdin and stdout are cut into messages. */
  readonly protocol: "lines";
  /** The answer to a line; `undefined` for none. Default: it answers nothing. */
  readonly reply?: (message: string, about: ScriptContext) => string | undefined;
}

/** A process that reads and answers JSON. */
export interface JsonScript extends CommonScript {
  /** How its stdin and stdout are cut into messages. */
  readonly protocol: "ndjson";
  /**
   * The answer to a message, with its `id` added where it is an object; `undefined` for none. Default: it answers
   * nothing.
   */
  readonly reply?: (message: JsonValue, about: ScriptContext) => JsonValue | undefined;
}

/** A process that reads and writes bytes, as they come. */
export interface BytesScript extends CommonScript {
  /** How its stdin and stdout are cut into messages: not at all. */
  readonly protocol: "bytes";
  /** Returns its output for a chunk; `undefined` for none. Default: it writes nothing. */
  readonly reply?: (message: Uint8Array, about: ScriptContext) => Uint8Array | undefined;
}

/** One life of a fake process. */
export type ProcessScript = SilentScript | LinesScript | JsonScript | BytesScript;

/**
 * All its lives: the same script for each; one for the first, the second and so on, of which the last holds for all
 * that follow; or a function of their number, counted from 1.
 */
export type ProcessScripts =
  | ProcessScript
  | readonly ProcessScript[]
  | ((life: number) => ProcessScript);

const ms = number(0, Infinity);

function oneType(name: string, doc: string): TypeNames {
  return types(name, name, doc);
}

const ending = union("an exit code, 0 to 255, or a signal", [whole(0, 255), word(SIGNALS)], {
  input: "number | Deno.Signal",
  types: oneType("ProcessEnding", "How a process ends: an exit code, or the name of a signal."),
});

const endingOrNone = union(`an exit code, a signal, or "ignore"`, [word(["ignore"]), ...ending.of], {
  input: 'ProcessEnding | "ignore"',
});

const effect = union(`an exit code, a signal, "ignore", or an object with "after" and "with"`, [
  ...endingOrNone.of,
  shape({
    after: needed(ms, "Milliseconds after the signal"),
    with: needed(ending, "It ends so"),
  }),
], {
  input: '"ignore" | ProcessEnding | { readonly after: number; readonly with: ProcessEnding }',
  types: oneType(
    "SignalEffect",
    "The effect of a signal: none, an end with that code or signal, or that end after so many milliseconds.",
  ),
});

/** Something that happens at a moment, with `more` about it. */
function momentOf(name: TypeNames, more: Record<string, Property> = {}): UnionField {
  return union(`an object with "after" or "onMessage"`, [
    shape({ after: needed(ms, "So many milliseconds after its start"), ...more }),
    shape({ onMessage: needed(whole(1, Infinity), "When it has read its n-th message"), ...more }),
  ], { types: name });
}

const moment = momentOf(
  oneType(
    "Moment",
    "When something happens to a process: so many milliseconds after its start, or when it has read its n-th message.",
  ),
);

/** The keys of every script. */
export const commonScript: ShapeField = shape({
  takes: key(ms, "Milliseconds that each message takes, before it is answered and the next one is read", {
    otherwise: "0",
  }),
  says: key(
    list(momentOf(oneType("ScriptedOutput", "It writes."), {
      stdout: key({ kind: "text" }, "A line on stdout; its newline is added"),
      stderr: key({ kind: "text" }, "A line on stderr; its newline is added"),
      raw: key(
        union("a text or bytes", [
          { kind: "text" },
          code("bytes", "Uint8Array", (value) => value instanceof Uint8Array),
        ]),
        "Anything on stdout, as it is: half a line, or no text at all",
      ),
    })),
    "Lines that come by themselves: the one that readiness waits for, junk, last words",
    { otherwise: "none" },
  ),
  dies: key(
    momentOf(oneType("ScriptedDeath", "It ends by itself."), {
      with: key(ending, "How it ends", { otherwise: "1" }),
    }),
    "When it dies; at the n-th message, before it has answered that",
    { otherwise: "it lives until it is stopped" },
  ),
  hangs: key(
    moment,
    "From when on it reads no more, answers no more, and does not see the end of its stdin",
  ),
  closesStdin: key(moment, "From when on writing to it fails, while it lives on"),
  closesStdout: key(moment, "From when on nothing comes out of it, while it lives on"),
  onEof: key(endingOrNone, "The effect of the end of its stdin: how it ends, or nothing", { otherwise: "0" }),
  signals: key(
    typed(
      shape(Object.fromEntries(SIGNALS.map((name) => [name, key(effect, `The effect of ${name}`)]))),
      "Readonly<Partial<Record<Deno.Signal, SignalEffect>>>",
      "Readonly<Partial<Record<Deno.Signal, SignalEffect>>>",
    ),
    "The effects of signals; SIGKILL always ends it",
    { otherwise: "each ends it" },
  ),
  leavesPipesOpen: key(flag, "Whether a process that it leaves behind holds its pipes open", {
    otherwise: "false",
  }),
  cannotStart: key(
    code("an error", "Error", (value) => value instanceof Error),
    "The reason why it can't be started",
    { otherwise: "it can" },
  ),
}, {
  types: oneType(
    "CommonScript",
    "The keys of every script. Milliseconds throughout; an empty script reads, writes nothing, and lives until it is stopped.",
  ),
});

const script: ShapeField = shape({
  ...commonScript.fields,
  protocol: key(word(["lines", "ndjson", "bytes"]), "How its stdin and stdout are cut into messages"),
  reply: key(aFunction("Reply"), "The answer to a message"),
}, {
  rule({ protocol, reply }, refuse) {
    if (reply !== undefined && protocol === undefined) {
      refuse('needs "protocol", which it answers in', "reply");
    }
  },
});

const scripts: Field = union("a script, a list of scripts, or a function that gives one", [
  {
    ...aFunction("(life: number) => ProcessScript"),
    to: (make: (life: number) => unknown) => (life: number): ProcessScript =>
      checkOptions(`Cannot play life ${life} of a fake process`, script, make(life)),
  },
  list(script),
  script,
]);

/** The options of a simulation. */
export const simulationOptions: ShapeField = shape({
  processes: key({ kind: "dict", key: /^/, keyMessage: "", of: scripts }, "The scripts by path"),
  random: key(aFunction("() => number"), "Randomness for jitter"),
  usage: key(aFunction("() => readonly ProcessUsage[]"), "The usage of processes"),
});

/** Checks the scripts of a fake process; those that a function makes, when it makes them. @throws {OptionError} */
export function checkedScripts(given: ProcessScripts): ProcessScripts {
  return checkOptions("Cannot make a fake process", scripts, given);
}

/** The script of that life. */
export function scriptOf(scripts: ProcessScripts, life: number): ProcessScript {
  if (typeof scripts === "function") return scripts(life);
  if (!isList(scripts)) return scripts;
  return scripts[Math.min(life, scripts.length) - 1] ?? {};
}

function isList(scripts: ProcessScript | readonly ProcessScript[]): scripts is readonly ProcessScript[] {
  return Array.isArray(scripts);
}
