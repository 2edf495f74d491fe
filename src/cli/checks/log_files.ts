/**
 * Whether the log files of a manifest can be written, as `up` would find out. Loaded where there are any.
 */

import { filesOf, logAt } from "../../launch/log_files.ts";
import { LogFileError } from "../../logs/files/log_file_errors.ts";
import { probeLogFile } from "../../logs/files/open_file.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { logsOf, pathsOf } from "../../manifest/resolve/children.ts";
import { missingPermissions } from "../../permissions/permit.ts";
import { type CheckIssue, fault } from "./issues/issue.ts";

/** What is wrong with log files. Those that may not be written are passed over: missing permissions are told as such. */
export async function logFileIssues(manifest: Manifest): Promise<CheckIssue[]> {
  const logs = logsOf(manifest);
  // What is wrong with a folder is wrong with each file in it, and told once.
  const issues = new Map<string, CheckIssue>();
  for (const { file, paths: [path = "/"] } of filesOf(logs, ["/", ...pathsOf(manifest)])) {
    const needed = (["read", "write"] as const).map((name) => ({ name, value: file }));
    if (missingPermissions(needed).length > 0) continue;
    const { of = manifest.name, dir } = logAt(logs, path)!;
    try {
      await probeLogFile(file, { makesFolder: dir !== undefined });
    } catch (error) {
      if (!(error instanceof LogFileError)) throw error;
      const key = `${of} ${error.message.replace(file, "")}`;
      if (!issues.has(key)) issues.set(key, fault(of, error.message));
    }
  }
  return [...issues.values()];
}
