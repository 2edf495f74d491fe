/**
 * Whether the logs of a manifest are apart: two that write to one file, or of which one is rotated onto the other, would
 * lose lines. Reads the value as it is written.
 */

import { pathText, quote } from "../../text/words.ts";
import { resolve } from "../../permissions/path.ts";
import { isObjectOrArray, type ManifestIssue } from "../issue.ts";

/** A log that is written into a file of its own. */
interface WrittenLog {
  readonly file: string;
  readonly path: readonly PropertyKey[];
}

/** Faults of logs that get into each other's way. */
export function logIssues(manifest: unknown): ManifestIssue[] {
  const seen: WrittenLog[] = [];
  return [...logsIn(manifest, [])].flatMap((log) => {
    const other = seen.find(({ file }) => meet(file, log.file));
    seen.push(log);
    if (other === undefined) return [];
    const message = `another log has the file ${quote(other.file)}, ${
      pathText(other.path)
    }; name another one, or a "dir"`;
    return [{ path: log.path, message, also: other.path }];
  });
}

function* logsIn(value: unknown, path: readonly PropertyKey[]): IterableIterator<WrittenLog> {
  if (!isObjectOrArray(value)) return;
  const { log, sidecar, children } = value;
  if (isObjectOrArray(log) && typeof log.file === "string") {
    yield { file: log.file, path: [...path, "log", "file"] };
  }
  yield* logsIn(sidecar, [...path, "sidecar"]);
  if (!Array.isArray(children)) return;
  for (const [index, child] of children.entries()) yield* logsIn(child, [...path, "children", index]);
}

/** Whether they are one file, or one may be an older file of the other: `web.log.1`, `web.log.2.gz`. */
function meet(one: string, other: string): boolean {
  const [a, b] = [resolve("/", one), resolve("/", other)];
  return a === b || baseOf(a) === b || a === baseOf(b);
}

function baseOf(file: string): string {
  return file.replace(/\.\d+(\.gz)?$/, "");
}
