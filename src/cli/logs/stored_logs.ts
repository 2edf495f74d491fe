/**
 * The log files of a tree that does not run: as its manifest names them, and of one that ran in the background.
 */

import { filesOf, placesIn } from "../../launch/log_files.ts";
import { load } from "../../manifest/load.ts";
import { logsOf, pathsOf } from "../../manifest/resolve/children.ts";
import { isNamedBy, select } from "../../control/methods/selection.ts";
import { logPaths } from "../../options/fields/log.ts";
import { requireGranted } from "../permission_errors.ts";
import { unknownChild } from "../verb.ts";
import { withLeftLog } from "./background_log.ts";
import { keptLines, type LogItem, type LogReading } from "./kept_lines.ts";

/** Lines of a tree that does not run. */
export interface StoredLogs {
  /** The tree's name. */
  readonly name: string;
  /** Its children. */
  readonly paths: readonly string[];
  readonly items: AsyncGenerator<LogItem>;
}

/**
 * What `children`, which are paths and patterns, have in the log files of the manifest in `file`; without any, all.
 * `undefined`: there are no log files.
 *
 * @throws {ManifestError}
 * @throws {PermissionsMissingError} a log may not be read
 * @throws {UsageError} a pattern names no child
 */
export async function storedLogs(
  file: string,
  { children, ...wish }: Omit<LogReading, "paths"> & { readonly children?: readonly string[] | undefined },
): Promise<StoredLogs | undefined> {
  const manifest = await withLeftLog((await load(file)).manifest, file);
  const logs = logsOf(manifest);
  if (logs.length === 0) return undefined;
  const needed = logs.flatMap(logPaths).map((value) => ({ name: "read" as const, value }));
  requireGranted(`Cannot read the logs of '${manifest.name}'`, needed);
  const known = [...new Set([...pathsOf(manifest), ...await placesIn(logs)])];
  const unmatched = children && select(children, known).unmatched[0];
  if (unmatched !== undefined) throw unknownChild(unmatched, known);
  const paths = known.filter((path) => children === undefined || isNamedBy(children, path));
  return {
    name: manifest.name,
    paths: known,
    items: keptLines({ ...wish, paths }, { filesOf: (paths) => filesOf(logs, paths) }),
  };
}
