/**
 * Reports of a tree, for people and for programs: a timeline, JSON lines, and the state that events add up to.
 *
 * @module
 */

export { replay } from "../supervision/observed/replay.ts";
export { jsonLine } from "../log.ts";
export { report } from "../report/report.ts";
export type { ReportFormat, ReportOptions, TimeStyle } from "../report/options.ts";
export type { LogLevel } from "../events.ts";
