/**
 * Opens the log files of a tree, before anything of it starts.
 *
 * Used by {@linkcode launch} and by the command line. The invariant: what comes from one place in the tree goes to one
 * log, that of the nearest child above it that has one, else that of the tree.
 */

import { errorMessage } from "../actor/user_value.ts";
import { LogFile } from "../logs/files/log_file.ts";
import type { LogFileSettings } from "../logs/files/rotated_files.ts";
import type { LogPipeline } from "../logs/pipeline.ts";
import type { SinkOptions } from "../logs/sink.ts";
import { logFileName, logPaths, placeOf } from "../options/fields/log.ts";
import { isOutOfReach } from "../permissions/find_program.ts";
import {
  joinedFlags,
  missingPermissions,
  type RequiredPermission,
  resolvePath,
} from "../permissions/permit.ts";
import { PermissionMissingError } from "../process/process_errors.ts";
import { logFormat } from "../report/log_format.ts";
import { Timeline } from "../report/timeline.ts";
import { formatCount } from "../text/words.ts";
import type { CheckedLogFile } from "./option_types.ts";

/** The tree whose logs they are. */
export interface LoggedTree {
  readonly name: string;
  /** The paths of all children that it starts with. */
  readonly paths: readonly string[];
  /** Told, as a sentence, how much could not be written when the tree ended. */
  readonly warn: (warning: string) => void | Promise<void>;
}

/** The permissions that log files need. */
export function logPermissions(logs: readonly CheckedLogFile[]): RequiredPermission[] {
  const paths = logs.flatMap((log) => logPaths(absoluteLog(log)));
  return (["read", "write"] as const).flatMap((name) => paths.map((value) => ({ name, value })));
}

/** The log of what comes from `path`; `undefined` where there is none. */
export function logAt<Log extends Pick<CheckedLogFile, "of">>(
  logs: readonly Log[],
  path: string,
): Log | undefined {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    const own = logs.find(({ of }) => of === at);
    if (own !== undefined) return own;
  }
  return logs.find(({ of }) => of === undefined);
}

/** The files of a log, and the children whose output they have. */
export interface PlacedFiles extends LogFileSettings {
  readonly paths: readonly string[];
}

/** The files that the output of `paths` is in. */
export function filesOf(logs: readonly CheckedLogFile[], paths: readonly string[]): readonly PlacedFiles[] {
  const found = new Map<string, LogFileSettings & { readonly paths: string[] }>();
  const absolute = logs.map(absoluteLog);
  for (const path of paths) {
    const log = logAt(absolute, path);
    if (log === undefined) continue;
    const file = log.file ?? `${log.dir}/${logFileName(path)}`;
    const known = found.get(file);
    if (known === undefined) found.set(file, { file, keep: log.keep, gzip: log.gzip, paths: [path] });
    else known.paths.push(path);
  }
  return [...found.values()];
}

/** The children that have a file in a folder of `logs`, also those that are no longer in the tree. */
export async function placesIn(logs: readonly CheckedLogFile[]): Promise<readonly string[]> {
  const places: string[] = [];
  for (const { dir } of logs.map(absoluteLog)) {
    if (dir === undefined) continue;
    try {
      for await (const { name } of Deno.readDir(dir)) places.push(...placeOf(name));
    } catch (error) {
      // Of one that this user may not read, the files are passed over with a word.
      if (!isOutOfReach(error)) throw error;
    }
  }
  return places.sort();
}

/** Log files that are written to. */
export interface WrittenLogs {
  /**
   * Lets those go that the output of `paths` is written to, or all, and opens them anew; resolves to their names. All are
   * tried, also where one can't be opened.
   *
   * @throws {LogFileError} one can't be opened; the next write tries again
   */
  reopen(paths?: readonly string[]): Promise<readonly string[]>;
}

/**
 * Has `logs` written to files.
 *
 * @throws {PermissionMissingError} a file may not be written
 * @throws {LogFileError} one can't be opened, is not safe to write to, or another run writes to it
 */
export async function openTreeLogs(
  pipeline: LogPipeline,
  written: readonly CheckedLogFile[],
  tree: LoggedTree,
): Promise<WrittenLogs> {
  const missing = missingPermissions(logPermissions(written));
  if (missing.length > 0) {
    throw new PermissionMissingError(tree.name, { missingFlag: joinedFlags(missing).join(" ") });
  }
  const logs = written.map(absoluteLog);
  /** Those that were opened before they had a sink. */
  const opened = new Map<string, LogFile>();
  /** Those that are not closed, the newest of each path. */
  const current = new Map<string, LogFile>();
  const fileOf = (log: CheckedLogFile, file: string): LogFile => {
    const one: LogFile = opened.get(file) ?? new LogFile({
      ...log,
      file,
      max: log.max === "infinity" ? Infinity : log.max,
      makesFolder: log.dir !== undefined,
      warn: (message) => warn(pipeline, message),
      onClose: () => current.get(file) === one && current.delete(file),
    });
    opened.set(file, one);
    current.set(file, one);
    return one;
  };
  const known = ["/", ...tree.paths];
  try {
    for (const path of known) {
      const log = logAt(logs, path);
      if (log?.dir !== undefined) await fileOf(log, `${log.dir}/${logFileName(path)}`).open();
    }
    for (const log of logs) if (log.file !== undefined) await fileOf(log, log.file).open();
  } catch (thrown) {
    for (const file of opened.values()) await file.close();
    throw thrown;
  }
  const sinkOf = (log: CheckedLogFile, file: string, paths: readonly string[]): SinkOptions =>
    sinkOptions(log, { file, sink: fileOf(log, file), paths, pipeline, tree });
  for (const log of logs) {
    const takes = (path: string) => logAt(logs, path) === log;
    if (log.file !== undefined) pipeline.open({ ...sinkOf(log, log.file, known.filter(takes)), takes });
  }
  pipeline.openEach((path) => {
    const log = logAt(logs, path);
    if (log?.dir === undefined) return undefined;
    const file = `${log.dir}/${logFileName(path)}`;
    const options = sinkOf(log, file, [path]);
    // Its sink closes it with its place in the tree. One that comes back there has a new one.
    opened.delete(file);
    return options;
  });
  return {
    async reopen(paths) {
      const wanted = paths && filesOf(logs, paths).map(({ file }) => file);
      const files = [...current].filter(([file]) => wanted?.includes(file) !== false);
      const done = await Promise.allSettled(files.map(([, one]) => one.reopen()));
      const failed = done.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return files.map(([file]) => file);
    },
  };
}

function absoluteLog(log: CheckedLogFile): CheckedLogFile {
  const { file, dir } = log;
  return { ...log, ...file && { file: resolvePath(file) }, ...dir && { dir: resolvePath(dir) } };
}

function sinkOptions(
  { format, overflow }: CheckedLogFile,
  { file, sink, paths, pipeline, tree }: {
    readonly file: string;
    readonly sink: LogFile;
    readonly paths: readonly string[];
    readonly pipeline: LogPipeline;
    readonly tree: LoggedTree;
  },
): SinkOptions {
  const width = Math.max(0, ...paths.map((path) => path.length));
  const timeline = new Timeline({ name: tree.name, width, color: false, time: "date" });
  return {
    sink,
    isFile: true,
    overflow,
    format: logFormat(format, { level: "info", timeline }),
    onError: (error) =>
      warn(
        pipeline,
        `the log ${file} can't be written: ${errorMessage(error)}; it is tried again, and lines are counted`,
      ),
    onRecovered: () => warn(pipeline, `the log ${file} can be written again`),
    async onUnwritten(count) {
      await tree.warn(`${formatCount(count, "line")} could not be written to ${file}`);
    },
  };
}

/** To all logs, the one that it is about included: as soon as it can be written, it says so itself. */
function warn(pipeline: LogPipeline, message: string): void {
  pipeline.see({ at: Date.now(), path: "/", generation: 0, type: "warning", message });
}
