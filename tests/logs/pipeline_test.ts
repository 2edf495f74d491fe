/** What a pipeline of logs tells of its files, and what it closes. */
import { assert, assertRejects } from "@std/assert";
import { LogPipeline } from "../../src/logs/pipeline.ts";
import type { LogFormat, Sink } from "../../src/logs/sink.ts";

const FORMAT: LogFormat = {
  event: ({ type }) => type,
  plain: ({ text }) => ({ before: "", text, after: "" }),
  gap: ({ lines }) => `lost ${lines}`,
};

function print(logs: LogPipeline, text: string, count: number): void {
  logs.plain({ at: 0, path: "web", generation: 1, stream: "stdout", text, count });
}

Deno.test("a pipeline says that lines are written when a slow file has taken them in whole blocks", async () => {
  const room = Promise.withResolvers<void>();
  const sink: Sink = {
    async write(bytes) {
      await room.promise;
      return bytes.length;
    },
  };
  const logs = new LogPipeline();
  logs.open({ sink, format: FORMAT, isFile: true });
  const lines = `${"x".repeat(99)}\n`.repeat(1_000);
  for (let blocks = 0; blocks < 4; blocks++) print(logs, lines, 1_000);
  const written = logs.written("web", 10_000);
  room.resolve();
  assert(await written);
  await logs.close(0);
});

Deno.test("a sink is closed when the caller that is told of unwritten lines throws", async () => {
  let isClosed = false;
  const sink: Sink = {
    write: () => Promise.reject(new Error("full")),
    close: () => void (isClosed = true),
  };
  const logs = new LogPipeline();
  logs.open({ sink, format: FORMAT, onUnwritten: () => Promise.reject(new Error("not told")) });
  print(logs, "one\n", 1);
  await assertRejects(() => logs.close(0), Error, "not told");
  assert(isClosed);
});
