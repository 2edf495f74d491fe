/**
 * What `outrider import` has of each format: how its files are told, and what makes a manifest of one.
 *
 * A format is one entry of `formats.ts` and one module, which is loaded when a file of that format is imported.
 */

import { dirname, join, resolve } from "node:path";
import { ManifestError } from "../manifest_errors.ts";
import type { ManifestInput } from "../fields/types.ts";
import { mayRead } from "../../permissions/permit.ts";
import { readText } from "../read.ts";

/** A file of another tool. */
export class ImportFile {
  /** Its absolute path. */
  readonly path: string;
  /** Its folder, which all relative paths of the manifest are relative to. */
  readonly dir: string;
  #text: Promise<string> | undefined;

  /** Takes an absolute path. */
  constructor(path: string) {
    this.path = path;
    this.dir = dirname(path);
  }

  /** Its text, read once and bounded in size, so that it may be a pipe. @throws {ManifestError} */
  text(): Promise<string> {
    return this.#text ??= readText(this.path);
  }

  /** Whether there is something at a path from its folder, as far as that may be looked at. */
  async hasBeside(path: string): Promise<boolean> {
    const place = resolve(this.dir, path);
    if (!mayRead(place)) return false;
    try {
      await Deno.stat(place);
      return true;
    } catch {
      return false;
    }
  }

  /** The text of a regular file beside it; nothing where there is none. @throws {ManifestError} it can't be read */
  async textBeside(name: string): Promise<string | undefined> {
    try {
      return await readText(join(this.dir, name), { found: true });
    } catch (error) {
      if (error instanceof ManifestError && error.code === "manifest_not_found") return undefined;
      throw error;
    }
  }
}

/** Something to know of an import. */
export interface ImportNote {
  /** The line of the file that it is about, from 1. */
  readonly line?: number | undefined;
  /** What it is, as a clause: `web: "watch": there is no counterpart`. */
  readonly text: string;
  /** Whether it is in the manifest, in another form than in the file; without it, it is left out. */
  readonly isTaken?: boolean | undefined;
}

/** The result of an import. */
export interface Imported {
  /** As one would write it; relative paths are relative to `dir`. */
  readonly manifest: ManifestInput;
  /** In the order in which they are printed. */
  readonly notes: readonly ImportNote[];
  /** The folder that its relative paths start from, where that is not the one of the file: absolute. */
  readonly dir?: string | undefined;
}

/** The options of an import. */
export interface ImportOptions {
  /** Absolute paths of files that are laid over the file, as Tauri does with `--config`. */
  readonly merges: readonly string[];
  /** What was given for what the file asks for, by id. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Makes a manifest of a file. @throws {ManifestError} the file is not what its format says, with each fault's line */
export type Importer = (file: ImportFile, options: ImportOptions) => Promise<Imported>;

/** A format of files. */
export interface ImportFormat {
  /** What such a file is, for messages: `a Procfile`. */
  readonly title: string;
  /** Whether a file of that name, without its folder, is in it. */
  isNamed(name: string): boolean;
  /** Matches the texts of such files, where the name does not say the format. */
  readonly text?: RegExp;
  /** Whether other files can be laid over it. */
  readonly takesMerges?: boolean;
  /** Whether such a file can ask for inputs. */
  readonly takesInputs?: boolean;
  /** Loads what makes a manifest of it. */
  load(): Promise<Importer>;
}
