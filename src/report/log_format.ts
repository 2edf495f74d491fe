/**
 * How the log of a tree is written: as a timeline to read, or as JSON, an event a line.
 */

import type { LogLevel, SystemEvent } from "../events.ts";
import { isLevelShown, jsonGap, jsonLine, jsonLines, openLog } from "../log.ts";
import type { LogFormat } from "../logs/sink.ts";
import type { ReportFormat } from "./options.ts";
import type { Timeline } from "./timeline.ts";

/** The format of a sink; `timeline` sees every event, also those below `level`. */
export function logFormat(
  format: ReportFormat,
  { level, timeline }: { readonly level: LogLevel; readonly timeline: Timeline },
): LogFormat {
  const isJson = format === "json";
  let line: string | undefined;
  const log = openLog({
    level,
    format: isJson ? jsonLine : (event) => timeline.line(event),
    write: (text) => line = text,
  });
  const showsOutput = isLevelShown("info", level);
  return {
    event(event: SystemEvent): string | undefined {
      line = undefined;
      timeline.see(event);
      log(event);
      return line;
    },
    plain: (lines) => !showsOutput ? undefined : isJson ? jsonLines(lines) : timeline.lines(lines),
    gap: (gap) => isJson ? jsonGap(gap) : timeline.gap(gap),
  };
}
