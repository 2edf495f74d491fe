/**
 * `@std/log` for a machine that reaches only the npm registry, which has no copy of it: the part of its API that
 * `src/log.ts` needs, held to the same contract as the original (tests/checkout/std_contract_test.ts). It has no
 * file handlers and no free-standing `info()` and the like.
 */
import {
  type BaseHandler,
  ConsoleHandler,
  getLevelByName,
  getLevelName,
  type LevelName,
  type LogLevel,
  LogLevels,
  LogRecord,
} from "./log_handlers.ts";

export {
  BaseHandler,
  ConsoleHandler,
  formatters,
  getLevelByName,
  getLevelName,
  jsonFormatter,
  LogLevelNames,
  LogLevels,
} from "./log_handlers.ts";
// As in the original, LogRecord is a type to those who import the package, though a class at run time.
export type {
  BaseHandlerOptions,
  ConsoleHandlerOptions,
  FormatterFunction,
  LevelName,
  LogLevel,
  LogRecord,
  LogRecordOptions,
} from "./log_handlers.ts";

// deno-lint-ignore no-explicit-any -- any function at all, which only `any` accepts in both positions
export type GenericFunction = (...args: any[]) => any;
/** What may be logged: a value, or a function that is called only when some handler may want its value. */
type Message<T> = (T extends GenericFunction ? never : T) | (() => T);

interface Log {
  <T>(msg: () => T, ...args: unknown[]): T | undefined;
  <T>(msg: T extends GenericFunction ? never : T, ...args: unknown[]): T;
}

function asText(value: unknown, quoted = false): string {
  if (typeof value === "string") return quoted ? `"${value}"` : value;
  if (typeof value === "function") return "undefined";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return value.stack ?? String(value);
  const entries = Object.entries(value).map(([key, item]) => `"${key}":${asText(item, true)}`);
  return `{${entries.join(",")}}`;
}

export interface LoggerOptions {
  handlers?: BaseHandler[];
}

export class Logger {
  readonly loggerName: string;
  handlers: BaseHandler[];
  #level: LogLevel;

  constructor(loggerName: string, levelName: LevelName, options: LoggerOptions = {}) {
    this.loggerName = loggerName;
    this.#level = getLevelByName(levelName);
    this.handlers = options.handlers ?? [];
  }

  get level(): LogLevel {
    return this.#level;
  }

  set level(level: LogLevel) {
    if (!Object.values(LogLevels).includes(level)) throw new TypeError(`Invalid log level: ${level}`);
    this.#level = level;
  }

  get levelName(): LevelName {
    return getLevelName(this.#level);
  }

  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  debug: Log = this.#logs(LogLevels.DEBUG);
  info: Log = this.#logs(LogLevels.INFO);
  warn: Log = this.#logs(LogLevels.WARN);
  error: Log = this.#logs(LogLevels.ERROR);
  critical: Log = this.#logs(LogLevels.CRITICAL);

  #logs(level: LogLevel): Log {
    return <T>(msg: Message<T>, ...args: unknown[]): T => {
      const lazy = msg instanceof Function;
      if (level < this.#level) return (lazy ? undefined : msg) as T;
      const value: unknown = lazy ? msg() : msg;
      const record = new LogRecord({ msg: asText(value), args, level, loggerName: this.loggerName });
      for (const handler of this.handlers) handler.handle(record);
      return value as T;
    };
  }
}

export interface LoggerConfig {
  level?: LevelName;
  handlers?: string[];
}

export interface LogConfig {
  handlers?: { [name: string]: BaseHandler };
  loggers?: { [name: string]: LoggerConfig };
}

const fallback = new ConsoleHandler("INFO");
let handlers: Record<string, BaseHandler> = {};
let loggers = new Map<string, Logger>();

/** Replaces every handler and logger; `default` stays at INFO on the console unless the config names another. */
export function setup(config: LogConfig): void {
  for (const handler of Object.values(handlers)) handler.destroy();
  handlers = { default: fallback, ...config.handlers };
  for (const handler of Object.values(handlers)) handler.setup();
  const wanted = { default: { level: "INFO", handlers: ["default"] } as LoggerConfig, ...config.loggers };
  loggers = new Map(
    Object.entries(wanted).map(([name, { level = "INFO", handlers: names = [] }]) => {
      const own = names.map((name) => handlers[name]).filter((handler) => handler !== undefined);
      return [name, new Logger(name, level, { handlers: own })];
    }),
  );
}

/** A logger that `setup` did not name has level NOTSET and no handler. */
export function getLogger(name?: string): Logger {
  const known = name || "default";
  const logger = loggers.get(known) ?? new Logger(known, "NOTSET");
  loggers.set(known, logger);
  return logger;
}

setup({});
