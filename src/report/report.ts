/**
 * Reports what happens in a tree, for people or for machines.
 */

import { errorMessage } from "../actor/user_value.ts";
import { jsonLine } from "../log.ts";
import type { SystemEvent } from "../events.ts";
import { LogPipeline } from "../logs/pipeline.ts";
import { settlesWithin } from "../time/after_news.ts";
import { systemClock } from "../time/clock.ts";
import { visible } from "../text/printable.ts";
import { formatCount } from "../text/words.ts";
import { logFormat } from "./log_format.ts";
import type { ReportOptions } from "./options.ts";
import { LineOutput } from "./output/output.ts";
import { StandardSink } from "./output/standard_sink.ts";
import { Timeline } from "./timeline.ts";

/** Milliseconds that the end waits for standard error to take how much is missing. */
const ASIDE_WAIT_MS = 1_000;

/**
 * Writes events to standard output, or standard error, as they come, until the stream ends. Lines of output are among
 * them only where they were asked for: `system.events({ types })`.
 */
export async function report(events: AsyncIterable<SystemEvent>, options: ReportOptions): Promise<void> {
  const logs = new LogPipeline();
  openReport(logs, options);
  for await (const event of events) logs.see(event);
  await logs.close(Infinity);
}

/**
 * Has `logs` written to standard output, or standard error. Colours only on a terminal, and not where `NO_COLOR` is set.
 *
 * A terminal holds up no child: what is too much for it is dropped and counted. Anything else loses nothing while it
 * takes something. Where writing fails, as on a full disk, standard error says so each time, and when it goes on, and at the end how much is
 * missing.
 */
export function openReport(
  logs: LogPipeline,
  { name, paths, format = "text", level = "info", to = "stdout", time = "clock" }: ReportOptions,
): void {
  const isTerminal = Deno[to].isTerminal();
  const timeline = new Timeline({
    name,
    width: Math.max(0, ...paths.map((path) => path.length)),
    color: isTerminal && !Deno.noColor,
    time: time === "clock" && !isTerminal ? "date" : time,
  });
  const aside = to === "stdout" ? new LineOutput(Deno.stderr) : undefined;
  const reportAside = (message: string): void => {
    const warning = { at: Date.now(), path: "/", generation: 0, type: "warning", message } as const;
    void aside?.line(format === "json" ? jsonLine(warning) : visible(`Warning: ${message}`));
  };
  logs.open({
    sink: isTerminal ? Deno[to] : new StandardSink(to),
    format: logFormat(format, { level, timeline }),
    overflow: isTerminal ? "drop" : "wait",
    onError: (error) => reportAside(`${to} can't be written: ${errorMessage(error)}; it is tried again`),
    onRecovered: () => reportAside(`${to} can be written again`),
    async onUnwritten(count) {
      reportAside(`${formatCount(count, "line")} could not be written to ${to}`);
      // It may be the same pipe, which has stalled.
      if (aside !== undefined) {
        await settlesWithin(aside.flush(), { ms: ASIDE_WAIT_MS, timers: systemClock });
      }
    },
  });
}
