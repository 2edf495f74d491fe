/** The contract of std_contract_test.ts for `@std/log`, which only src/log.ts may use outside the tests. */
import { assert, assertEquals, assertExists, assertStrictEquals, assertThrows } from "@std/assert";
import {
  BaseHandler,
  ConsoleHandler,
  formatters,
  getLevelByName,
  getLevelName,
  getLogger,
  type LevelName,
  Logger,
  LogLevels,
  type LogRecord,
  setup,
} from "@std/log";

class Kept extends BaseHandler {
  readonly lines: string[] = [];
  readonly records: LogRecord[] = [];
  readonly life: string[] = [];

  override handle(record: LogRecord): void {
    this.records.push(record);
    super.handle(record);
  }

  log(line: string): void {
    this.lines.push(line);
  }

  override setup(): void {
    this.life.push("setup");
  }

  override destroy(): void {
    this.life.push("destroy");
  }
}

Deno.test("levels: their numbers and names", () => {
  const names: LevelName[] = ["NOTSET", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"];
  assertEquals(names.map(getLevelByName), [0, 10, 20, 30, 40, 50]);
  assertEquals(names.map((name) => getLevelName(LogLevels[name])), names);
  assertThrows(() => getLevelByName("LOUD" as LevelName), Error, "LOUD");
});

Deno.test("a record reaches the handler whole, and the call returns the message", () => {
  const owner = new Kept("NOTSET");
  const logger = new Logger("tree", "DEBUG", { handlers: [owner] });
  const event = { id: "w1", n: 2, nested: { ok: true } };
  assertStrictEquals(logger.warn(event, "arg", 3), event);
  const [record] = owner.records;
  assertExists(record);
  assertEquals([record.level, record.levelName, record.loggerName], [LogLevels.WARN, "WARN", "tree"]);
  assertEquals(record.msg, '{"id":"w1","n":2,"nested":{"ok":true}}');
  assertEquals(record.args, ["arg", 3]);
  assert(Math.abs(Date.now() - record.datetime.getTime()) < 60_000);
  assertEquals(owner.lines, [`WARN ${record.msg}`]);
});

Deno.test("values as text: as std prints them", () => {
  const owner = new Kept("NOTSET", { formatter: ({ msg }) => msg });
  const logger = new Logger("values", "NOTSET", { handlers: [owner] });
  const error = new Error("broken");
  for (const value of ["text", 1, 2n, true, null, undefined, error, { list: ["a"] }]) logger.info(value);
  assertEquals(owner.lines.slice(0, 6), ["text", "1", "2", "true", "null", "undefined"]);
  assertEquals(owner.lines.slice(6), [error.stack, '{"list":{"0":"a"}}']);
});

Deno.test("levels filter: in the logger before a lazy message is built, in the handler after", () => {
  const owner = new Kept("ERROR");
  const logger = new Logger("levels", "INFO", { handlers: [owner] });
  let built = 0;
  assertStrictEquals(logger.debug(() => ++built), undefined);
  assertStrictEquals(logger.info(() => ++built), 1);
  assertStrictEquals(logger.error(() => ++built), 2);
  logger.critical("last");
  assertEquals([owner.lines, owner.records.length], [["ERROR 2", "CRITICAL last"], 3]);
  logger.levelName = "DEBUG";
  owner.levelName = "DEBUG";
  logger.debug("now");
  assertEquals([owner.lines.at(-1), logger.level, owner.level], ["DEBUG now", 10, 10]);
});

Deno.test("setup: names loggers and their handlers, and ends the handlers of before", () => {
  const owner = new Kept("DEBUG", { formatter: ({ loggerName, msg }) => `${loggerName}: ${msg}` });
  setup({
    handlers: { kept: owner },
    loggers: { outrider: { level: "WARN", handlers: ["kept", "unknown"] } },
  });
  try {
    const logger = getLogger("outrider");
    assertStrictEquals(getLogger("outrider"), logger);
    assertEquals([logger.levelName, logger.handlers], ["WARN", [owner]]);
    logger.info("quiet");
    logger.warn("heard");
    assertEquals(owner.lines, ["outrider: heard"]);
    assertEquals([getLogger("other").levelName, getLogger("other").handlers], ["NOTSET", []]);
    assertEquals(getLogger().levelName, "INFO");
  } finally {
    setup({});
  }
  assertEquals(owner.life, ["setup", "destroy"]);
});

Deno.test("ConsoleHandler and jsonFormatter: the printed form", () => {
  const owner = new Kept("NOTSET");
  new Logger("x", "NOTSET", { handlers: [owner] }).info("hi", 1);
  const [record] = owner.records;
  assertExists(record);
  assertEquals(new ConsoleHandler("INFO", { useColors: false }).format(record), "INFO hi");
  const json: unknown = JSON.parse(formatters.jsonFormatter(record));
  assertEquals(json, { level: "INFO", datetime: record.datetime.getTime(), message: "hi", args: 1 });
});
