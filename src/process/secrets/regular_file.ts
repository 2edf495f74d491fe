/**
 * Reads a file that others name, or could have put there: a regular file of a bounded size, and nothing else.
 *
 * Used for secrets and for the `deno.json` above a manifest. A pipe is never opened: its other end may never come.
 *
 * @module
 */

/** What is in a file, or why it is of no use: a clause, which quotes nothing of it. */
export type RegularFile =
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly why?: undefined }
  | { readonly bytes?: undefined; readonly why: string };

/**
 * The bytes of `file`, `limit` at most; what is not a regular file, or is longer, is of no use.
 *
 * @throws what the system says where it can't be read
 */
export function readRegularFile(file: string, limit: number): RegularFile {
  const { isFile, size: told } = Deno.statSync(file);
  if (!isFile) return { why: "it is not a file" };
  const tooLong = { why: `it is longer than ${limit} bytes` };
  if (told > limit) return tooLong;
  using opened = Deno.openSync(file);
  // What stat says is not a promise: a file can grow, and those of /proc have no size.
  const bytes = new Uint8Array(limit + 1);
  let size = 0;
  for (
    let more;
    size < bytes.length && (more = opened.readSync(bytes.subarray(size))) !== null;
    size += more
  );
  return size > limit ? tooLong : { bytes: bytes.subarray(0, size) };
}
