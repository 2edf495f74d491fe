/** The log messages of both families of servers. */
import { assertEquals } from "@std/assert";
import { type JsonRpcNotification, LSP, MCP } from "@outrider/outrider/protocol";

Deno.test("a log message of MCP is a line with its logger, its level and its data", () => {
  const lines: readonly (readonly [params: JsonRpcNotification["params"], level: string, text: string])[] = [
    [{ level: "debug", data: "a" }, "debug", "a"],
    [{ level: "notice", logger: "db", data: "b" }, "info", "db: b"],
    [{ level: "warning", data: { code: 7 } }, "warn", '{"code":7}'],
    [{ level: "emergency", data: null }, "error", "null"],
    [{ level: "toString", logger: "", data: "c" }, "info", "c"],
    [{}, "info", ""],
    [null, "info", ""],
  ];
  for (const [params, level, text] of lines) {
    assertEquals(MCP.logLine?.({ method: "notifications/message", params: params ?? null }), { level, text });
  }
  assertEquals(MCP.logLine?.({ method: "notifications/progress", params: {} }), undefined);
});

Deno.test("a log message of LSP is a line with the level of its type", () => {
  const levels = [1, 2, 3, 4, 5, 6, "1", null].map((type) =>
    LSP.logLine?.({ method: "window/logMessage", params: { type, message: "x" } })?.level
  );
  assertEquals(levels, ["error", "warn", "info", "info", "debug", "info", "error", "info"]);
  assertEquals(LSP.logLine?.({ method: "telemetry/event", params: {} }), undefined);
});
