/** Where the lines that are kept end, and those that come begin. */

import { assertEquals } from "@std/assert";
import { keptLines } from "../../../src/cli/logs/kept_lines.ts";
import { LogPipeline } from "../../../src/logs/pipeline.ts";
import type { RecentPart } from "../../../src/logs/recent.ts";

function print(logs: LogPipeline, line: string): void {
  logs.see({ at: 1, path: "web", generation: 1, type: "output", stream: "stderr", line });
}

/** Logs of a child that prints a line as soon as what memory has of it was read. */
class PrintingLogs extends LogPipeline {
  override recent(path: string): readonly RecentPart[] {
    const parts = super.recent(path);
    queueMicrotask(() => print(this, "two"));
    return parts;
  }
}

Deno.test("a follower has each line once when a child prints in the moment in which memory is read", async () => {
  const logs = new PrintingLogs();
  print(logs, "one");
  const lines: string[] = [];
  let isRead = false;
  logs.follow((_, news) => {
    if (isRead) lines.push(...news.map(({ line }) => line));
  });
  const { signal } = new AbortController();
  const kept = keptLines({ paths: ["web"], signal, onRead: () => isRead = true }, {
    memory: { logs, startedAt: 0, known: new Set(["web"]) },
    filesOf: () => [],
  });
  for await (const item of kept) if ("lines" in item) lines.push(...item.lines.map(({ line }) => line));
  assertEquals(lines.sort(), ["one", "two"]);
});
