/**
 * The log of a tree that runs in the background and whose manifest has none for the whole tree: a log file as any other,
 * in the state folder.
 *
 * Used by `up`, which writes it, and by `logs` where nothing runs. The invariant: nothing but its place differs from
 * `"log": { "file": … }` of the tree.
 */

import { fileStem, stateFolder } from "../../containment/folder.ts";
import type { Manifest } from "../../manifest/fields/types.ts";
import { resolveField } from "../../options/check.ts";
import { logField } from "../../options/fields/log.ts";
import type { LogEntry } from "../../options/types.ts";
import type { ReportFormat } from "../../report/options.ts";
import { lookAt } from "../arguments.ts";

/** The manifest with that log, where it has none for the whole tree. */
export async function withBackgroundLog(
  manifest: Manifest,
  { file, format }: { readonly file: string; readonly format: ReportFormat },
): Promise<Manifest> {
  const path = manifest.log === undefined ? await backgroundLogPath(file) : undefined;
  if (path === undefined) return manifest;
  return { ...manifest, log: resolveField(logField, { file: path, format }) as LogEntry };
}

/** The manifest with the log that a run in the background has left, if one has. */
export async function withLeftLog(manifest: Manifest, file: string): Promise<Manifest> {
  const path = await backgroundLogPath(file);
  if (path === undefined || lookAt(path) === undefined) return manifest;
  return await withBackgroundLog(manifest, { file, format: "text" });
}

async function backgroundLogPath(file: string): Promise<string | undefined> {
  const folder = stateFolder();
  return folder && `${await fileStem(folder, file)}.log`;
}
