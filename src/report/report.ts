/**
 * Reports the events of a tree, for people or for machines.
 */

import { systemClock } from "../time/clock.ts";
import type { SystemEvent } from "../events.ts";
import { errorMessage } from "../actor/user_value.ts";
import { jsonLine, openLog } from "../log.ts";
import { visible } from "../text/printable.ts";
import { LineOutput } from "./output.ts";
import type { ReportOptions } from "./options.ts";
import { Timeline } from "./timeline.ts";
import { formatCount } from "../text/words.ts";

/**
 * Writes events to standard output, or standard error, as they come, until the stream ends. Colours
 * only on a terminal, and not where `NO_COLOR` is set.
 *
 * While the reader of the output stalls, no more events are taken, and the
 * stream drops the oldest; where the output is closed, they are read and not written. Where writing fails otherwise, as
 * on a full disk, standard error says so at once, and a line in the output how many are missing as soon as it works
 * again.
 */
export async function report(
  events: AsyncIterable<SystemEvent>,
  { name, paths, format = "text", level = "info", to = "stdout" }: ReportOptions,
): Promise<void> {
  const timeline = new Timeline({
    name,
    width: Math.max(0, ...paths.map((path) => path.length)),
    color: Deno[to].isTerminal() && !Deno.noColor,
  });
  const aside = to === "stdout" ? new LineOutput(Deno.stderr) : undefined;
  const reportAside = (message: string): void => {
    const warning = { at: Date.now(), path: "/", generation: 0, type: "warning", message } as const;
    void aside?.line(format === "json" ? jsonLine(warning) : visible(`Warning: ${message}`));
  };
  const output = new LineOutput(Deno[to], systemClock, {
    line: (count) => {
      const lost = { at: Date.now(), path: "/", generation: 0, type: "events_lost", count } as const;
      return format === "json" ? jsonLine(lost) : timeline.unwritten(lost);
    },
    onFirst: (error) =>
      reportAside(`${to} can't be written: ${errorMessage(error)}; events are missing there until it can`),
  });
  let full: void | Promise<void> = undefined;
  const show = format === "json" ? jsonLine : (event: SystemEvent) => timeline.line(event);
  const log = openLog({
    level,
    format: show,
    write: (line) => full = output.line(line),
  });
  for await (const event of events) {
    try {
      timeline.see(event);
      log(event);
    } catch (thrown) {
      // An actor may emit anything. The other events are still reported.
      const { at, path, generation } = event;
      const message = `an event can't be shown: ${errorMessage(thrown)}`;
      const line = show({ at, path, generation, type: "warning", message });
      if (line !== undefined) full = output.line(line);
    }
    if (full !== undefined) await full;
    full = undefined;
  }
  await output.end();
  if (output.lost > 0) {
    reportAside(`up to ${formatCount(output.lost, "event")} could not be written to ${to}`);
  }
  await aside?.flush();
}
