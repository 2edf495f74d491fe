/**
 * The options of a report, apart from the code that writes it.
 */

import type { LogLevel } from "../events.ts";

/** How events are written: as a timeline to read, or as JSON, one event a line. */
export const REPORT_FORMATS: readonly ReportFormat[] = ["text", "json"];

/** One of {@linkcode REPORT_FORMATS}. */
export type ReportFormat = "text" | "json";

/** How a timeline tells the time: of the day, or from its start. */
export const TIME_STYLES: readonly TimeStyle[] = ["clock", "elapsed"];

/** One of {@linkcode TIME_STYLES}. */
export type TimeStyle = "clock" | "elapsed";

/** Options of `openReport`. */
export interface ReportOptions {
  /** The tree's name. */
  readonly name: string;
  /** The paths in the tree, for the width of their column. */
  readonly paths: readonly string[];
  /** Default `text`. */
  readonly format?: ReportFormat;
  /** Events below it are not written. Default `info`. */
  readonly level?: LogLevel;
  /** How the timeline tells the time. Default `clock`: local time, with the date where it is not a terminal. */
  readonly time?: TimeStyle;
  /** Where to. Default `stdout`. */
  readonly to?: "stdout" | "stderr";
}

/** How `launch` reports. */
export type LaunchReport = Pick<ReportOptions, "format" | "level" | "time" | "to">;
