/**
 * The behaviour of a fake process, as plain data.
 */

import { code, flag, key, list, needed, number, shape, union, whole, word } from "../options/build.ts";
import { checkOptions } from "../options/check.ts";
import type { Field, Refuse, ShapeField } from "../options/field.ts";
import { aFunction } from "../options/fields/children.ts";
import { SIGNALS } from "../options/fields/signals.ts";
import type { JsonValue } from "../process/codecs/json.ts";

/** How a process ends: an exit code, or the name of a signal. */
export type ProcessEnding = number | Deno.Signal;

/** When something happens to a process: so many milliseconds after its start, or when it has read its n-th message. */
export type Moment = { readonly after: number } | { readonly onMessage: number };

/** It ends by itself. */
export type ScriptedDeath = Moment & {
  /** Default 1. */
  readonly with?: ProcessEnding;
};

/** It writes. */
export type ScriptedOutput = Moment & {
  /** A line on stdout; its newline is added. */
  readonly stdout?: string;
  /** A line on stderr; its newline is added. */
  readonly stderr?: string;
  /** Anything on stdout, as it is: half a line, or no text at all. */
  readonly raw?: string | Uint8Array;
};

/** The effect of a signal: none, an end with that code or signal, or that end after so many milliseconds. */
export type SignalEffect = "ignore" | ProcessEnding | {
  readonly after: number;
  readonly with: ProcessEnding;
};

/** Names the life of the process that calls, and its message. */
export interface ScriptContext {
  /** The number of this start, counted from 1. */
  readonly life: number;
  /** The number of the message in this life, counted from 1. */
  readonly message: number;
}

/**
 * The fields of every script. Milliseconds throughout; an empty script reads, writes nothing, and lives until it is
 * stopped.
 */
export interface CommonScript {
  /** Milliseconds that each message takes, before it is answered and the next one is read. Default 0. */
  readonly takes?: number;
  /** Lines that come by themselves: the one that readiness waits for, junk, last words. Default: none. */
  readonly says?: readonly ScriptedOutput[];
  /** Default: it lives until it is stopped. At the n-th message it dies before it has answered it. */
  readonly dies?: ScriptedDeath;
  /** From then on it reads no more, answers no more, and does not see the end of its stdin: it hangs. */
  readonly hangs?: Moment;
  /** From then on writing to it fails, while it lives on. */
  readonly closesStdin?: Moment;
  /** From then on nothing comes out of it, while it lives on. */
  readonly closesStdout?: Moment;
  /** The effect of the end of its stdin: how it ends, or nothing. Default 0. */
  readonly onEof?: ProcessEnding | "ignore";
  /** The effects of signals. SIGKILL always ends it. Default: each ends it. */
  readonly signals?: Readonly<Partial<Record<Deno.Signal, SignalEffect>>>;
  /** A process that it leaves behind holds its pipes open. Default `false`. */
  readonly leavesPipesOpen?: boolean;
  /** It can't be started, for that reason. */
  readonly cannotStart?: Error;
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

const moment = {
  after: key(number(0, Infinity), "Milliseconds after its start"),
  onMessage: key(whole(1, Infinity), "When it has read that message"),
};

function needsMoment({ after, onMessage }: { after?: number; onMessage?: number }, refuse: Refuse): void {
  if ((after === undefined) === (onMessage === undefined)) refuse(`needs one of "after" and "onMessage"`);
}

const ending = union("an exit code, 0 to 255, or a signal", [whole(0, 255), word(SIGNALS)]);

const endingOrNone = union('an exit code, 0 to 255, or "ignore"', [word(["ignore"]), ...ending.of]);

const effect = union('an exit code, a signal, "ignore", or an object with "after" and "with"', [
  ...endingOrNone.of,
  shape({ after: needed(number(0, Infinity), "So much later"), with: needed(ending, "It ends so") }),
]);

const script = shape({
  protocol: key(word(["lines", "ndjson", "bytes"]), "How its pipes are cut into messages"),
  reply: key(aFunction("(message, about) => reply"), "What it answers"),
  takes: key(number(0, Infinity), "Milliseconds that each message takes"),
  says: key(
    list(shape({
      ...moment,
      stdout: key({ kind: "text" }, "A line on stdout"),
      stderr: key({ kind: "text" }, "A line on stderr"),
      raw: key(
        union("a text or bytes", [
          { kind: "text" },
          code("bytes", "Uint8Array", (value) => value instanceof Uint8Array),
        ]),
        "Anything on stdout",
      ),
    }, { rule: needsMoment })),
    "What it writes by itself",
  ),
  dies: key(shape({ ...moment, with: key(ending, "How it ends") }, { rule: needsMoment }), "When it ends"),
  hangs: key(shape(moment, { rule: needsMoment }), "From when on it reads no more"),
  closesStdin: key(shape(moment, { rule: needsMoment }), "When it closes its stdin"),
  closesStdout: key(shape(moment, { rule: needsMoment }), "When it closes its stdout"),
  onEof: key(endingOrNone, "What the end of its stdin does"),
  signals: key(
    shape(Object.fromEntries(SIGNALS.map((name) => [name, key(effect, `What ${name} does`)]))),
    "What signals do",
  ),
  leavesPipesOpen: key(flag, "Whether its pipes stay open"),
  cannotStart: key(code("an error", "Error", (value) => value instanceof Error), "Why it can't be started"),
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
