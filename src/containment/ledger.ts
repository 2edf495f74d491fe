/**
 * The ledger of a run: which processes it has started and not yet seen the end of. A run that was killed leaves it
 * behind, and the next one reads it.
 *
 * It is a file of JSON lines that only grows, by one `write` a line, until it is rewritten as a whole and
 * put in place by renaming. So at every moment it can be read, up to a last line that was cut. A line is written in the
 * turn in which the process was started: only between these two can a kill leave a process that is on no record.
 */
import { removeIfThere, whyRefused } from "./folder.ts";
import { isPid, parseScope, type PidScope } from "./identity.ts";

/** Lines about processes that have ended, after which the file is rewritten without them. */
export const LEDGER_DEAD_LINES = 1_000;

/** Characters of a line; a longer one is not a record. */
const MAX_LINE = 65_536;

/** The first line: which run it is. */
export interface RunRecord {
  /** The mark that its processes carry in their environment, see `run_ids.ts`. */
  readonly run: string;
  readonly pid: number;
  /** When the run began; milliseconds since 1970. */
  readonly at: number;
  readonly manifest: string;
  /** The user it runs as, where that is known. */
  readonly uid?: number;
  /** Where the numbers on record mean its processes; `undefined` where that could not be known. */
  readonly scope?: PidScope;
}

/** A process that was started. */
export interface ProcessRecord {
  /** Its number, which is that of its group as well. */
  readonly pid: number;
  /** When it was started; milliseconds since 1970. */
  readonly at: number;
  readonly path: string;
  readonly generation: number;
  readonly number?: number;
  /** The user it was started as, where that is another one than the run's. */
  readonly uid?: number;
}

export interface LedgerText {
  readonly run: RunRecord;
  /** Its processes without a recorded end, in the order of their starts. */
  readonly processes: readonly ProcessRecord[];
}

/** Parses a ledger; `undefined` if the text is not one. Cut or foreign lines are skipped. */
export function parseLedger(text: string): LedgerText | undefined {
  let run: RunRecord | undefined;
  const processes = new Map<number, ProcessRecord>();
  for (const line of text.split("\n")) {
    const record = read(line);
    if (record === undefined) continue;
    if (isRun(record)) run ??= runOf(record);
    else if (isProcess(record)) processes.set(record.pid, record);
    else if (typeof record.gone === "number") processes.delete(record.gone);
  }
  return run && { run, processes: [...processes.values()] };
}

function read(line: string): Record<string, unknown> | undefined {
  if (line.length > MAX_LINE) return undefined;
  try {
    const value = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isRun(record: object): record is RunRecord {
  const { run, pid, at } = record as Partial<RunRecord>;
  return typeof run === "string" && run !== "" && isPid(pid) && typeof at === "number";
}

/** Treats an invalid optional field as missing: then fewer processes count as the run's. */
function runOf({ run, pid, at, manifest, uid, scope }: RunRecord): RunRecord {
  const parsed = parseScope(scope);
  return {
    run,
    pid,
    at,
    manifest,
    ...(isUid(uid) && { uid }),
    ...(parsed !== undefined && { scope: parsed }),
  };
}

function isUid(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isProcess(record: object): record is ProcessRecord {
  const { pid, at, path, generation } = record as Partial<ProcessRecord>;
  return isPid(pid) && typeof at === "number" && typeof path === "string" && typeof generation === "number";
}

/** Milliseconds after which a ledger that could not be written is tried again, at the next start or end. */
export const LEDGER_RETRY_MS = 1_000;

export interface LedgerOptions {
  /** Gets why it can't be written, as a clause: once, until it could be written again. */
  readonly onUnwritten?: (why: string) => void;
  /** The time in milliseconds, for retries; default the machine's. */
  readonly now?: () => number;
}

/**
 * The ledger that a run writes. Where it cannot be written, on a full disk, say, that is reported once, and the run
 * goes on: a process that was started must never be lost for the record of it.
 */
export class Ledger {
  readonly #path: string;
  readonly #run: RunRecord;
  readonly #onUnwritten: (why: string) => void;
  readonly #now: () => number;
  readonly #processes = new Map<number, ProcessRecord>();
  /** Undefined while it can't be written: then all of it is written anew, once that can be done again. */
  #file: Deno.FsFile | undefined;
  #dead = 0;
  #hasReported = false;
  #failedAt = -Infinity;

  /** Puts a new ledger at `path`, over an old one. */
  constructor(path: string, run: RunRecord, options: LedgerOptions = {}) {
    this.#path = path;
    this.#run = run;
    this.#onUnwritten = options.onUnwritten ?? (() => {});
    this.#now = options.now ?? (() => performance.now());
    this.#attempt(() => this.#rewrite());
  }

  add(record: ProcessRecord): void {
    this.#processes.set(record.pid, record);
    this.#write(record);
  }

  /** Nothing of that process is left. */
  remove(pid: number): void {
    if (!this.#processes.delete(pid)) return;
    this.#write({ gone: pid });
    if (++this.#dead < LEDGER_DEAD_LINES) return;
    this.#dead = 0;
    this.#attempt(() => this.#rewrite());
  }

  /** The run is over, and nothing of it is left to find. */
  delete(): void {
    this.#file?.close();
    removeIfThere(this.#path);
  }

  #write(record: object): void {
    const file = this.#file;
    if (file !== undefined) this.#attempt(() => writeAll(file, line(record)));
    else if (this.#now() - this.#failedAt >= LEDGER_RETRY_MS) this.#attempt(() => this.#rewrite());
  }

  /** Ignores the system's errors: neither the start nor the end of a process may fail because of the ledger. */
  #attempt(write: () => void): void {
    try {
      write();
      this.#hasReported = false;
    } catch (error) {
      this.#file?.close();
      this.#file = undefined;
      this.#failedAt = this.#now();
      if (this.#hasReported) return;
      this.#hasReported = true;
      this.#onUnwritten(error instanceof Error ? whyRefused(error) : String(error));
    }
  }

  #rewrite(): void {
    const fresh = `${this.#path}.new`;
    const file = createNew(fresh);
    try {
      writeAll(file, [this.#run, ...this.#processes.values()].map(line).join(""));
      Deno.renameSync(fresh, this.#path);
    } catch (error) {
      file.close();
      removeIfThere(fresh);
      throw error;
    }
    this.#file?.close();
    this.#file = file;
  }
}

/** Creates a new file in place of one that a killed run may have left: neither that file nor a link is written to. */
function createNew(path: string): Deno.FsFile {
  const options = { write: true, createNew: true, mode: 0o600 };
  try {
    return Deno.openSync(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists) || Deno.lstatSync(path).isDirectory) throw error;
  }
  Deno.removeSync(path);
  return Deno.openSync(path, options);
}

function line(record: object): string {
  return `${JSON.stringify(record)}\n`;
}

const encoder = new TextEncoder();

function writeAll(file: Deno.FsFile, text: string): void {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
