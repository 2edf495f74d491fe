/**
 * Finds programs that any user of the machine could exchange for another.
 *
 * Only readable entries are examined; others are skipped, as nothing here is
 * promised. Owners and groups are not looked at either.
 *
 * @module
 */
import { dirname } from "node:path";
import { missingPermissions } from "./permit.ts";

const ANYBODY = 0o002;
const STICKY = 0o1000;

/**
 * Explains why any user may exchange the program in `file` (absolute), as a clause: the file itself is writable for
 * all, or a folder on the way to it that is not sticky. `undefined`: nothing of that was seen.
 */
export function writableByAll(file: string): string | undefined {
  const real = mayRead(file) ? attempt(() => Deno.realPathSync(file)) : undefined;
  for (const path of new Set([file, real ?? file])) {
    if (isOpen(path)) return `anybody may write to ${path}`;
    for (let at = path; dirname(at) !== at;) {
      at = dirname(at);
      if (isOpen(at, STICKY)) return `anybody may exchange what is in ${at}`;
    }
  }
}

/** Whether all may write, and none of the bits in `unless` is set. */
function isOpen(path: string, unless = 0): boolean {
  const mode = mayRead(path) ? attempt(() => Deno.statSync(path).mode) : undefined;
  return mode !== undefined && mode !== null && (mode & ANYBODY) !== 0 && (mode & unless) === 0;
}

function mayRead(path: string): boolean {
  return missingPermissions([{ name: "read", value: path }]).length === 0;
}

/** Returns the result of `look`; nothing where there is no such file, or the system hides it. */
function attempt<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    if (error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}
