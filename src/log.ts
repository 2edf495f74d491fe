/**
 * Events as log records: the only place that knows `@std/log`.
 *
 * The level of an event says who should care: `ERROR`, an operator has to act;
 * `WARN`, something failed and was dealt with; `INFO`, the life of the tree;
 * `DEBUG`, its details.
 */

import { BaseHandler, type LevelName, Logger, type LogRecord } from "@std/log";
import type { LogLevel, SystemEvent } from "./events.ts";
import { isClean, isStoppedByForce } from "./actor/exit.ts";
import { causesOf, errorMessage, isError, readField, textOfValue } from "./actor/user_value.ts";
import type { FramedLines } from "./logs/plain_text.ts";
import type { Gap } from "./logs/sink.ts";
import type { PlainLines } from "./process/output_log.ts";
import { visibleJson } from "./text/printable.ts";

/** Levels, most important first. */
export const LOG_LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** Options of {@linkcode openLog}. */
export interface LogOptions {
  /** Events below it are not written. */
  readonly level: LogLevel;
  /** An event as one line, or `undefined` for none. */
  readonly format: (event: SystemEvent) => string | undefined;
  /** Gets each line. */
  readonly write: (line: string) => void;
}

/** Whether what has `level` is written where those below `least` are not. */
export function isLevelShown(level: LogLevel, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(least);
}

/** Of an event. */
export function levelOf(event: SystemEvent): LogLevel {
  switch (event.type) {
    case "gave_up":
    case "quarantined":
      return "error";
    case "degraded":
    case "start_failed":
    case "restarting":
    case "malformed":
    case "dead_letter":
    case "pipes_held":
    case "leftovers_killed":
    case "swept":
    case "warning":
    case "events_lost":
      return "warn";
    case "readiness":
      return event.ready ? "info" : "warn";
    case "exited":
      return isClean(event.exit) ? "info" : "warn";
    case "stopped":
      return isStoppedByForce(event.exit) ? "warn" : "info";
    case "starting":
    case "stopping":
      return event.path === "/" ? "info" : "debug";
    case "output":
      return event.level ?? "info";
    case "still_stopping":
      return "info";
    case "stop_step":
    case "supervising":
    case "added":
    case "forgotten":
    case "retrying":
    case "called_off":
      return "debug";
    default:
      return "info";
  }
}

/** Where events go to be written. */
export function openLog({ level, format, write }: LogOptions): (event: SystemEvent) => void {
  const handler = new LineHandler(level, format, write);
  const logger = new Logger("outrider", stdLevel(level), { handlers: [handler] });
  return (event) => {
    const level = levelOf(event);
    // The event travels as an argument: a message would be turned into text first.
    if (level === "error") logger.error("", event);
    else if (level === "warn") logger.warn("", event);
    else if (level === "info") logger.info("", event);
    else logger.debug("", event);
  };
}

/**
 * An event as one line of JSON, in which nothing is that a terminal obeys or hides: `time` in ISO 8601, `level`, then
 * its fields; errors as data, times in ms. A message that JSON has no form for is left out, with the reason in
 * `unwritable`.
 */
export function jsonLine(event: SystemEvent): string {
  const { at, path, generation, type, ...rest } = event;
  const head = { time: new Date(at).toISOString(), level: levelOf(event), path, generation, type };
  try {
    return visibleJson(JSON.stringify({ ...head, ...rounded(rest) }, errorsAsData));
  } catch (error) {
    // A cyclic object, or one with a `toJSON` that throws: anything can be sent to an actor.
    return visibleJson(JSON.stringify({ ...head, unwritable: errorMessage(error) }));
  }
}

/** Plain lines as {@linkcode jsonLine} writes each of them. */
export function jsonLines({ at, path, generation, stream, text }: PlainLines): FramedLines {
  const before = jsonLine({ at, path, generation, type: "output", stream, line: "" }).slice(0, -2);
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\t", "\\t");
  return { before, text: escaped, after: '"}' };
}

/** The line that stands for lines and events that are missing. */
export function jsonGap({ path, lines, events, from, to }: Gap): string {
  const head = { time: new Date(to).toISOString(), level: "warn", path, generation: 0, type: "lines_lost" };
  const [since, until] = [from, to].map((at) => new Date(at).toISOString());
  return visibleJson(JSON.stringify({ ...head, lines, events, from: since, to: until }));
}

/**
 * The error that ends a command, as one line of JSON: `time`, `level` and `type` as an event has them, and `error`,
 * which is data, with its causes.
 */
export function errorLine(error: Error, at: number = Date.now()): string {
  const head = { time: new Date(at).toISOString(), level: "error", type: "failed" };
  try {
    return visibleJson(JSON.stringify({ ...head, error }, errorsAsData));
  } catch (unwritable) {
    // A cause can be any thrown value: our own part of the error is still logged.
    const code = readField(error, "code");
    const told = {
      ...namesOf(error),
      ...(typeof code === "string" || typeof code === "number") && { code },
      unwritable: errorMessage(unwritable),
    };
    return visibleJson(JSON.stringify({ ...head, error: told }));
  }
}

/** The clock's fractions of a microsecond say nothing. */
function rounded<Fields extends object>(fields: Fields): Fields {
  const times = Object.entries(fields).filter(([key]) => key === "took" || key === "uptime");
  return { ...fields, ...Object.fromEntries(times.map(([key, ms]) => [key, Number(ms.toFixed(3))])) };
}

class LineHandler extends BaseHandler {
  readonly #format: (event: SystemEvent) => string | undefined;
  readonly #write: (line: string) => void;

  constructor(
    level: LogLevel,
    format: (event: SystemEvent) => string | undefined,
    write: (line: string) => void,
  ) {
    super(stdLevel(level));
    this.#format = format;
    this.#write = write;
  }

  override handle(record: LogRecord): void {
    if (this.level > record.level) return;
    const line = this.#format(record.args[0] as SystemEvent);
    if (line !== undefined) this.log(line);
  }

  override log(line: string): void {
    this.#write(line);
  }
}

function stdLevel(level: LogLevel): LevelName {
  return level.toUpperCase() as LevelName;
}

/** `JSON.stringify` leaves an error's message out. Binary messages are shown by their length. */
function errorsAsData(_key: string, value: unknown): unknown {
  if (isError(value)) return errorAsData([...causesOf(value)]);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === "bigint" ? String(value) : value;
}

/** An error and its causes, each within the one before it; a chain without an end, or a ring, is cut. */
function errorAsData(chain: readonly Error[]): unknown {
  const [last] = chain.slice(-1);
  const end = readField(last, "cause");
  // Anything that was thrown may be the last cause. Where it is one more error, the chain was cut.
  let data: unknown = isError(end) ? undefined : end;
  for (const error of [...chain].reverse()) {
    data = { ...namesOf(error), ...fieldsOf(error), ...data !== undefined && { cause: data } };
  }
  return data;
}

function namesOf(error: Error): { name: string; message: string } {
  const name = readField(error, "name");
  return { name: name === undefined ? "Error" : textOfValue(name), message: errorMessage(error) };
}

/** An error's own fields but for its cause; one that can't be read is left out. */
function fieldsOf(error: Error): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  try {
    for (const name of Object.keys(error)) {
      if (!["cause", "name", "message"].includes(name)) fields[name] = readField(error, name);
    }
  } catch {
    // A proxy that hides its keys.
  }
  return fields;
}
