/**
 * A manifest's file, as text: bounded in size, and with an answer for everything that a path can turn out to be.
 */

import { shellQuote } from "../text/shell_quote.ts";
import { type Fault, ManifestError, type ManifestErrorCode } from "./manifest_errors.ts";

/** The largest manifest that is read, in bytes. */
export const MAX_MANIFEST_BYTES = 1_000_000;

/**
 * Reads a file as UTF-8 text without a byte order mark. A file over {@link MAX_MANIFEST_BYTES} is never loaded
 * whole. Throws a {@link ManifestError}; Deno never prompts. `found`: the file is one that the user has not named, so it
 * must be a regular one; reading a pipe that nobody writes to would take for ever.
 */
export async function readText(file: string, { found = false } = {}): Promise<string> {
  await admit(file, { found });
  const bytes = await readBytes(file);
  // UTF-16 has NULs in it, too: the hint helps then, and hurts in no other case.
  if (bytes.includes(0)) {
    throw manifestFileError("manifest_not_text", file, "binary, not text", { hint: "save it as UTF-8" });
  }
  return decode(bytes, file);
}

/** Checks, before anything opens it, that a manifest is a file that may be read and is not too large; as {@link readText}. */
export async function admit(file: string, { found = false } = {}): Promise<void> {
  const { state } = await Deno.permissions.query({ name: "read", path: file });
  if (state !== "granted") throw notPermitted(file, file);
  const info = await attempt(file, () => Deno.stat(file));
  if (info.isDirectory) throw manifestFileError("manifest_unreadable", file, "it is a folder, not a file");
  if (found && !info.isFile) throw manifestFileError("manifest_unreadable", file, "it is not a regular file");
  if (info.isFifo === true && !PASSED_PIPE.test(file)) {
    throw manifestFileError("manifest_unreadable", file, "it is a named pipe, which may have no end", {
      hint: "save it as a file, or pass it as <(…)",
    });
  }
  if (info.size > MAX_MANIFEST_BYTES) throw tooLarge(file);
}

/** A pipe that this process was started with. */
const PASSED_PIPE = /^\/dev\/(stdin|fd\/\d+)$|^\/proc\/[^/]+\/fd\/\d+$/;

/** A {@link ManifestError} about the whole file. */
export function manifestFileError(
  code: ManifestErrorCode,
  file: string,
  message: string,
  { line, hint, ...rest }: { line?: number; hint?: string; missingFlag?: string; cause?: unknown } = {},
): ManifestError {
  const fault: Fault = { path: "", line, column: line === undefined ? undefined : 1, message, hint };
  return new ManifestError(code, { file, faults: [fault], ...rest });
}

async function readBytes(file: string): Promise<Uint8Array> {
  using opened = await attempt(file, () => Deno.open(file));
  // The size from stat is not reliable: a pipe has none, and a file can grow.
  const bytes = new Uint8Array(MAX_MANIFEST_BYTES + 1);
  let size = 0;
  for (;;) {
    const more = await attempt(file, () => opened.read(bytes.subarray(size)));
    if (more === null) return bytes.subarray(0, size);
    size += more;
    if (size > MAX_MANIFEST_BYTES) throw tooLarge(file);
  }
}

function decode(bytes: Uint8Array, file: string): string {
  const text = utf8(bytes);
  if (text !== undefined) return text;
  // A newline is never part of a longer sequence in UTF-8, so each line can be tried by itself.
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start) + 1 || bytes.length;
    if (utf8(bytes.subarray(start, end)) === undefined) break;
    start = end;
  }
  throw manifestFileError("manifest_not_text", file, `line ${line} is not UTF-8`, {
    line,
    hint: "save it as UTF-8",
  });
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What `act` gives; that it can't be had is a {@link ManifestError} about `file`. */
export async function attempt<T>(file: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw notPermitted(file, file, { cause });
    if (cause instanceof Deno.errors.NotFound) {
      throw manifestFileError("manifest_not_found", file, "no such file", { cause });
    }
    if (cause instanceof Deno.errors.NotADirectory) {
      throw manifestFileError("manifest_not_found", file, "a part of its path is not a folder", { cause });
    }
    if (cause instanceof Deno.errors.PermissionDenied) {
      throw manifestFileError("manifest_unreadable", file, "the system denies reading it", {
        hint: "check its mode",
        cause,
      });
    }
    if (cause instanceof Error) {
      throw manifestFileError("manifest_unreadable", file, cause.message, { cause });
    }
    throw cause;
  }
}

function tooLarge(file: string): ManifestError {
  const limit = MAX_MANIFEST_BYTES.toLocaleString("en");
  return manifestFileError("manifest_too_large", file, `larger than ${limit} bytes`);
}

/** The error where `path` may not be read, which is the manifest `file` or has more of it. */
export function notPermitted(
  file: string,
  path: string,
  { message = "Deno may not read it", cause }: { message?: string; cause?: unknown } = {},
): ManifestError {
  const missingFlag = `--allow-read=${path}`;
  return manifestFileError("manifest_permission_missing", file, message, {
    hint: `add ${shellQuote(missingFlag)}`,
    missingFlag,
    cause,
  });
}
