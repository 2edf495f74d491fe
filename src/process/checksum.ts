/**
 * Runs a program only while its file has a given SHA-256.
 *
 * The whole file is read before each start, about 2 ms a megabyte, which blocks the runtime. The check and the start
 * resolve one path twice: a user who may write to the file, or to a folder or link on the way to it, can exchange it in
 * between. The files that the program itself loads (an interpreter, libraries) are not checked.
 */
import {
  ProgramChangedError,
  ProgramNotExecutableError,
  ProgramNotFoundError,
  ProgramTooLargeError,
} from "./process_errors.ts";
import { nodeBuiltin } from "../permissions/node_builtin.ts";
import { findProgram, type LookupContext } from "../permissions/find_program.ts";

const CHUNK_BYTES = 262_144;

/** The largest file that is read for its SHA-256, in bytes: some 2 s, in which no signal is handled. */
export const MAX_CHECKSUM_BYTES = 1_073_741_824;

/**
 * Computes the SHA-256 of a file, in lower-case hexadecimal digits; errors call it `program`.
 *
 * @throws {ProgramTooLargeError} it is larger than {@linkcode MAX_CHECKSUM_BYTES}
 */
export function hashFile(file: string, program: string = file): string {
  using opened = Deno.openSync(file);
  const tooLarge = (size: number) =>
    new ProgramTooLargeError(program, { file, size, limit: MAX_CHECKSUM_BYTES });
  // A sparse file of any size costs its owner nothing, and would block the runtime for good.
  const { size } = opened.statSync();
  if (size > MAX_CHECKSUM_BYTES) throw tooLarge(size);
  const hash = nodeBuiltin("node:crypto").createHash("sha256");
  const chunk = new Uint8Array(CHUNK_BYTES);
  let all = 0;
  for (let size; (size = opened.readSync(chunk)) !== null;) {
    // The file may grow meanwhile.
    if ((all += size) > MAX_CHECKSUM_BYTES) throw tooLarge(Math.max(all, opened.statSync().size));
    hash.update(chunk.subarray(0, size));
  }
  return hash.digest("hex");
}

/**
 * Returns the file that `program` leads to, if its SHA-256 is `sha256`: to be run by this path, and at once.
 *
 * @throws {ProgramChangedError} the SHA-256 differs
 * @throws {ProgramTooLargeError} it is larger than {@linkcode MAX_CHECKSUM_BYTES}
 * @throws {ProgramNotFoundError} {@linkcode ProgramNotExecutableError}
 */
export function verifyChecksum(
  program: string,
  { sha256, ...around }: LookupContext & { readonly sha256: string },
): string {
  const found = findProgram(program, around);
  if (found.state === "not_executable") throw new ProgramNotExecutableError(program);
  if (found.state !== "found") {
    throw new ProgramNotFoundError(program, {
      searched: found.state === "not_found" ? found.searched : found.unreadable,
    });
  }
  const actual = hashFile(found.path, program);
  if (actual !== sha256.toLowerCase()) {
    throw new ProgramChangedError(program, {
      file: found.path,
      expected: sha256.toLowerCase(),
      found: actual,
    });
  }
  return found.path;
}
