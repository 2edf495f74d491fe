/**
 * Reads files that others name, or could have put there: regular ones of a bounded size, and nothing else.
 *
 * Used for secrets, for the `deno.json` above a manifest, and for the first line of a program. A pipe is never
 * opened: its other end may never come.
 */

/** The content of a file, or why it cannot be used: a clause, which quotes nothing of it. */
export type RegularFile =
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly why?: undefined }
  | { readonly bytes?: undefined; readonly why: string };

/**
 * Reads all of `file`; one that is not a regular file, or is longer than `limit` bytes, is of no use.
 *
 * @throws the system's error where it cannot be read
 */
export function readRegularFile(file: string, limit: number): RegularFile {
  const { isFile, size } = Deno.statSync(file);
  if (!isFile) return { why: "it is not a file" };
  // The size from stat is not reliable: a file can grow, and those of /proc have none.
  const bytes = size > limit ? undefined : readStart(file, limit + 1);
  if (bytes === undefined || bytes.length > limit) return { why: `it is longer than ${limit} bytes` };
  return { bytes };
}

/**
 * Reads the first `count` bytes of `file`, or all there are; none of what is not a regular file.
 *
 * @throws the system's error where it cannot be read
 */
export function readStart(file: string, count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  if (!Deno.statSync(file).isFile) return bytes.subarray(0, 0);
  using opened = Deno.openSync(file);
  let size = 0;
  for (let more; size < count && (more = opened.readSync(bytes.subarray(size))) !== null;) size += more;
  return bytes.subarray(0, size);
}
