/**
 * Reads a file that others name, or could have put there: a regular file of a bounded size, and nothing else.
 *
 * Used for secrets and for the `deno.json` above a manifest. A pipe is never opened: its other end may never come.
 *
 * @module
 */

/** The file is of no use; the message says why, as a clause, and quotes nothing of it. */
export class UnusableFile extends Error {}

/**
 * The bytes of `file`, `limit` at most.
 *
 * @throws {UnusableFile} what is not a regular file, or is longer; what the system says where it can't be read
 */
export function readRegularFile(file: string, limit: number): Uint8Array<ArrayBuffer> {
  const { isFile, size: told } = Deno.statSync(file);
  if (!isFile) throw new UnusableFile("it is no file");
  if (told > limit) throw tooLong(limit);
  using opened = Deno.openSync(file);
  // What stat says is no promise: a file can grow, and those of /proc have no size.
  const bytes = new Uint8Array(limit + 1);
  let size = 0;
  for (
    let more;
    size < bytes.length && (more = opened.readSync(bytes.subarray(size))) !== null;
    size += more
  );
  if (size > limit) throw tooLong(limit);
  return bytes.subarray(0, size);
}

function tooLong(limit: number): UnusableFile {
  return new UnusableFile(`it is longer than ${limit} bytes`);
}
