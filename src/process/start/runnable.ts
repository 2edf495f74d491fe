/**
 * Decides whether the system is sure to run a file, without running it.
 *
 * Used by `leader.ts`: `setsid` exits with a code where it cannot run a file, and Deno's own start reports the reason. So
 * only a file that is sure to run is started through `setsid`; any other is started by Deno, and is sure from then on.
 *
 * The invariant: a file is sure only while it, and the interpreters that it names, are unchanged. A file that may not be
 * read is sure after its first start, and its changes are not noticed.
 */
import { isAbsolute } from "node:path";
import { mayRead } from "../../permissions/permit.ts";
import { readStart } from "../../permissions/regular_file.ts";

/** The files that are remembered; of a template, each instance may have one of its own. */
const MAX_FILES = 1_000;
/** The depth of scripts whose interpreter is a script, one less than Linux follows. */
const MAX_SCRIPTS = 4;
/** The bytes of a script that Linux reads for its first line. */
const FIRST_LINE_BYTES = 256;
const HEAD_BYTES = 4_096;
const ALL_MAY_RUN = 0o111;

/** Identifies the state of a file: it differs after the file is exchanged, changed, or given another mode. */
type Identity = string;
const UNSEEN: Identity = "unseen";
const MISSING: Identity = "missing";

/** A file and the interpreters that it needs, each with its identity. */
type Chain = readonly (readonly [file: string, identity: Identity])[];

/** The visible reason why a file cannot be run. */
export type NotRunnable = "missing" | "not_executable";

/** Remembers the files of one runtime that are sure to run. */
export class RunnableFiles {
  readonly #files = new Map<string, { readonly chain: Chain; readonly isSure: boolean }>();

  /** Whether the system is sure to run `file` (absolute). */
  has(file: string): boolean {
    const known = this.#files.get(file);
    if (known !== undefined && isUnchanged(known.chain)) return known.isSure;
    const chain = inspect(file);
    if (chain === undefined) this.#files.delete(file);
    else this.#keep(file, chain, true);
    return chain !== undefined;
  }

  /** Notes that Deno has started `file`. */
  add(file: string): void {
    const known = this.#files.get(file);
    if (known === undefined || !isUnchanged(known.chain)) this.#keep(file, chainOf(file), true);
  }

  /** Notes that `file` did not run all the same: it is not sure until it changes. */
  refute(file: string): void {
    this.#keep(file, chainOf(file), false);
  }

  #keep(file: string, chain: Chain, isSure: boolean): void {
    this.#files.delete(file);
    this.#files.set(file, { chain, isSure });
    if (this.#files.size > MAX_FILES) this.#files.delete(this.#files.keys().next().value!);
  }
}

/** Returns why the system cannot run `file`, where that is visible. */
export function whyNotRunnable(file: string): NotRunnable | undefined {
  for (const [each] of chainOf(file)) {
    const stat = statOf(each);
    if (stat === MISSING) return "missing";
    if (typeof stat !== "string" && !(stat.isFile && (stat.mode! & ALL_MAY_RUN) !== 0)) {
      return "not_executable";
    }
  }
}

/** Whether its mode lets every user run it. */
export function mayAnybodyRun(file: string): boolean {
  const stat = statOf(file);
  return typeof stat !== "string" && stat.isFile && (stat.mode! & ALL_MAY_RUN) === ALL_MAY_RUN;
}

function isUnchanged(chain: Chain): boolean {
  return chain.every(([file, identity]) => identityOf(file) === identity);
}

/** Returns the file with its interpreters if all of them can be read and run; else `undefined`. */
function inspect(file: string): Chain | undefined {
  const chain = chainOf(file);
  const runs = chain.every(([each], index) => {
    if (!mayAnybodyRun(each)) return false;
    // The last one is a program, or the loader of the program before it.
    return index < chain.length - 1 || executableOf(headOf(each)) !== undefined;
  });
  return runs ? chain : undefined;
}

/** Returns the chain as far as it can be read. */
function chainOf(file: string): Chain {
  const chain: [string, Identity][] = [];
  for (let at: string | undefined = file; at !== undefined;) {
    const identity = identityOf(at);
    chain.push([at, identity]);
    if (identity === UNSEEN || identity === MISSING || chain.length > MAX_SCRIPTS) break;
    const head = headOf(at);
    at = interpreterOf(head) ?? executableOf(head)?.loader;
  }
  return chain;
}

function identityOf(file: string): Identity {
  const stat = statOf(file);
  if (typeof stat === "string") return stat;
  const { dev, ino, size, mode, mtime, ctime } = stat;
  return [dev, ino, size, mode, mtime?.getTime(), ctime?.getTime()].join(":");
}

function statOf(file: string): Deno.FileInfo | typeof UNSEEN | typeof MISSING {
  if (!mayRead(file)) return UNSEEN;
  try {
    return Deno.statSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return MISSING;
    if (error instanceof Error) return UNSEEN;
    throw error;
  }
}

/** Returns the beginning of a file; empty where it cannot be read. */
export function headOf(file: string): Uint8Array {
  try {
    return readStart(file, HEAD_BYTES);
  } catch (error) {
    if (error instanceof Error) return new Uint8Array();
    throw error;
  }
}

/** Returns the interpreter that a script names by an absolute path; `undefined` for any other file. */
function interpreterOf(head: Uint8Array): string | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const text = new TextDecoder().decode(head.subarray(2, FIRST_LINE_BYTES));
  const end = text.indexOf("\n");
  const [interpreter = ""] = (end < 0 ? text : text.slice(0, end)).trimStart().split(/[ \t\0]/);
  return isAbsolute(interpreter) ? interpreter : undefined;
}

const MACHINES: Readonly<Record<string, number>> = { x86_64: 62, aarch64: 183 };
const LOADED_SEGMENT = 1;
const LOADER_SEGMENT = 3;

/** A part of a program's file that the system uses when it starts it. */
interface Segment {
  readonly type: number;
  readonly from: number;
  readonly to: number;
}

/** Returns the loader of a program in the format of Linux for this processor; `undefined` for any other file. */
export function executableOf(head: Uint8Array): { readonly loader: string | undefined } | undefined {
  const segments = segmentsOf(head);
  if (segments === undefined) return undefined;
  const named = segments.find(({ type }) => type === LOADER_SEGMENT);
  if (named === undefined) return { loader: undefined };
  if (named.to > head.length) return undefined;
  const [loader = ""] = new TextDecoder().decode(head.subarray(named.from, named.to)).split("\0");
  return isAbsolute(loader) ? { loader } : undefined;
}

/** Whether a program in the format of Linux for this processor needs more bytes than the `size` of its file. */
export function isCutOff(head: Uint8Array, size: number): boolean {
  if (!isForThisProcessor(head)) return false;
  const segments = segmentsOf(head);
  if (segments === undefined) return head.length === size;
  return segments.some(({ type, to }) => type === LOADED_SEGMENT && to > size);
}

function isForThisProcessor(head: Uint8Array): boolean {
  if (head.length < 20) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const isOfLinux = view.getUint32(0) === 0x7f454c46 && head[4] === 2 && head[5] === 1;
  const type = view.getUint16(16, true);
  return isOfLinux && view.getUint16(18, true) === MACHINES[Deno.build.arch] && (type === 2 || type === 3);
}

/** Returns the segments of a program for this processor; `undefined` for any other file, or where `head` lacks their table. */
function segmentsOf(head: Uint8Array): Segment[] | undefined {
  if (head.length < 64 || !isForThisProcessor(head)) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const start = Number(view.getBigUint64(32, true));
  const [size, count] = [view.getUint16(54, true), view.getUint16(56, true)];
  if (size < 40 || start + size * count > head.length) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const at = start + size * index;
    const from = Number(view.getBigUint64(at + 8, true));
    return { type: view.getUint32(at, true), from, to: from + Number(view.getBigUint64(at + 32, true)) };
  });
}
