/**
 * Watches files for one incarnation of a language server, and tells it what it has registered for.
 *
 * Used by `lsp`. The invariant: nothing is watched after the incarnation, nor without permission to read it.
 */

import { join, sep } from "node:path";
import type { JsonRpcPeer } from "@outrider/outrider/protocol";
import type { LspRegistration } from "./methods.ts";
import {
  changeOf,
  FILE_CHANGES,
  type FileChange,
  filePathOf,
  type SeenChange,
  WATCHED_FILES,
  watchedChanges,
  type WatchedFiles,
  watchedFiles,
} from "./watched_files.ts";
import type { LspWorkspaceFolder } from "./workspace.ts";

/** Milliseconds from the first change to the message: a build or a checkout changes many files at once. */
const GATHERED_MS = 100;

/** The most files of a folder that came whole, each told as created. */
const MOST_IN_NEW_FOLDER = 10_000;

const CHANGES = Object.keys(FILE_CHANGES) as readonly FileChange[];

const SEEN: Readonly<Record<string, SeenChange>> = { create: "made", rename: "renamed" };

/** The first folder of a workspace that may not be read, and so not be watched; nothing is asked for. */
export function unreadableFolder(folders: readonly LspWorkspaceFolder[] | null): string | undefined {
  return folders?.flatMap(({ uri }) => filePathOf(uri) ?? []).find((path) => !isReadable(path));
}

function isReadable(path: string): boolean {
  return Deno.permissions.querySync({ name: "read", path }).state === "granted";
}

/** Why a folder is not watched, with the way out. */
export function notWatched(folder: string): string {
  return `Cannot watch ${folder} for this language server: that needs permission to read it; add --allow-read=${folder}`;
}

/** The watching for one incarnation. */
export class FileWatcher {
  readonly #peer: JsonRpcPeer;
  readonly #folders: readonly LspWorkspaceFolder[] | null;
  /** What watches a place: a folder, and whether what is in its folders counts. */
  readonly #watches = new Map<string, Watch>();
  readonly #refused = new Set<string>();
  #wanted: readonly WatchedFiles[] = [];
  /** By path, since the last message. */
  readonly #seen = new Map<string, SeenChange>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(peer: JsonRpcPeer, folders: readonly LspWorkspaceFolder[] | null) {
    this.#peer = peer;
    this.#folders = folders;
    peer.signal.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** Watches what those of `registrations` want that are for watched files, and nothing else. */
  follow(registrations: readonly LspRegistration[]): void {
    if (this.#peer.signal.aborted) return;
    this.#wanted = registrations
      .filter(({ method }) => method === WATCHED_FILES)
      .flatMap((one) => watchedFiles(one, this.#folders));
    const needed = new Map(
      withoutCovered(this.#wanted.map(placeOf)).map((place) => [`${place.isDeep} ${place.folder}`, place]),
    );
    for (const [key, watch] of this.#watches) {
      if (needed.has(key)) continue;
      this.#watches.delete(key);
      watch.keys.delete(key);
      if (watch.keys.size === 0) watch.watcher.close();
    }
    const added = [...needed].filter(([key]) => !this.#watches.has(key) && !this.#refused.has(key));
    for (const isDeep of [true, false]) {
      this.#watch(new Map(added.filter(([, place]) => place.isDeep === isDeep)), isDeep);
    }
  }

  /** One watcher for all of them: a system has few. */
  #watch(places: Map<string, WatchedPlace>, isDeep: boolean): void {
    for (const [key, { folder }] of places) {
      const isAllowed = isReadable(folder);
      if (isAllowed && isFolder(folder)) continue;
      places.delete(key);
      this.#refuse(
        key,
        isAllowed
          ? `Cannot watch ${folder} for this language server: there is no such folder`
          : notWatched(folder),
      );
    }
    if (places.size === 0) return;
    const folders = [...places.values()].map(({ folder }) => folder);
    try {
      const watch = { watcher: Deno.watchFs(folders, { recursive: isDeep }), keys: new Set(places.keys()) };
      for (const key of places.keys()) this.#watches.set(key, watch);
      void this.#read(watch.watcher);
    } catch (error) {
      // The system has no more watches, say.
      const why = `Cannot watch ${folders.join(", ")} for this language server: ${(error as Error).message}`;
      this.#peer.note(why, "warn");
      for (const key of places.keys()) this.#refused.add(key);
    }
  }

  #refuse(key: string, why: string): void {
    this.#refused.add(key);
    this.#peer.note(why, "warn");
  }

  async #read(watcher: Deno.FsWatcher): Promise<void> {
    try {
      for await (const { kind, paths } of watcher) {
        if (kind === "access") continue;
        for (const path of paths) this.#see(path, SEEN[kind] ?? "other");
      }
    } catch (error) {
      this.#peer.note(`Cannot watch files any more: ${(error as Error).message}`, "warn");
    }
  }

  #see(path: string, change: SeenChange): void {
    // A build changes files by the thousand that no server asks for; what is new may be a folder with some that one does.
    if (change === "other" && !isWanted(path, this.#wanted)) return;
    // What was made stays new until the message goes out, whatever else happens to it.
    if (!this.#seen.has(path)) this.#seen.set(path, change);
    this.#timer ??= setTimeout(() => void this.#report(), GATHERED_MS);
  }

  async #report(): Promise<void> {
    this.#timer = undefined;
    const seen = [...this.#seen];
    this.#seen.clear();
    const isDeep = this.#wanted.some(({ isDeep }) => isDeep);
    const changes = new Map<string, FileChange>();
    for (const [path, first] of seen) {
      const info = await infoOf(path);
      const change = changeOf(first, info !== undefined);
      if (change !== undefined && !changes.has(path)) changes.set(path, change);
      // The files of a new folder may have come before it was watched.
      if (change !== "created" || !isDeep || !info?.isDirectory) continue;
      for (const file of await filesIn(path)) changes.set(file, "created");
    }
    const params = watchedChanges(changes, this.#wanted);
    if (params !== undefined && !this.#peer.signal.aborted) this.#peer.notify(WATCHED_FILES, params);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#wanted = [];
    for (const watcher of new Set([...this.#watches.values()].map(({ watcher }) => watcher))) watcher.close();
    this.#watches.clear();
  }
}

/** A folder to watch. */
type WatchedPlace = Pick<WatchedFiles, "folder" | "isDeep">;

/** What watches some places. */
interface Watch {
  readonly watcher: Deno.FsWatcher;
  readonly keys: Set<string>;
}

/** Where to watch for files: in the base of their pattern, as long as their own folder is not there. */
function placeOf({ folder, base, isDeep }: WatchedFiles): WatchedPlace {
  return folder === base || isFolder(folder) ? { folder, isDeep } : { folder: base, isDeep: true };
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false; // it is missing, or may not be read
  }
}

/** Those that are not within another one anyway. */
function withoutCovered(places: readonly WatchedPlace[]): readonly WatchedPlace[] {
  const deep = places.filter(({ isDeep }) => isDeep);
  return places.filter((one) =>
    !deep.some(({ folder }) =>
      one.folder.startsWith(folder.endsWith(sep) ? folder : folder + sep) ||
      one.folder === folder && !one.isDeep
    )
  );
}

/** Whether some change of that file is wanted. */
function isWanted(path: string, wanted: readonly WatchedFiles[]): boolean {
  return wanted.some(({ includes }) => CHANGES.some((change) => includes(path, change)));
}

async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch {
    return undefined;
  }
}

/** The files below a folder, as far as it can be read. */
async function filesIn(folder: string, found: string[] = []): Promise<string[]> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (found.length >= MOST_IN_NEW_FOLDER) return found;
      const path = join(folder, name);
      if (isDirectory) await filesIn(path, found);
      else found.push(path);
    }
  } catch {
    // It is gone again.
  }
  return found;
}
