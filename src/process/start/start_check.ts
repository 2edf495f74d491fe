/**
 * Checks files right before each start of a process: those that an executable has unpacked, which it trusts for their
 * place. The check is made in the same turn as the start, so that the time in which the file could be exchanged is as
 * short as Deno allows.
 */

/** Checks a file. @throws {Error} its fault */
type StartCheck = () => void;

const checks = new Map<string, StartCheck>();

/** Runs `check` before each start of `file` (absolute), as a program or a launcher, until the result is disposed of. */
export function checkEachStart(file: string, check: StartCheck): Disposable {
  checks.set(file, check);
  return {
    [Symbol.dispose]() {
      if (checks.get(file) === check) checks.delete(file);
    },
  };
}

/** Runs the checks of those of `files` that have one. @throws {Error} that of a check */
export function runStartChecks(files: readonly string[]): void {
  if (checks.size === 0) return;
  for (const file of files) checks.get(file)?.();
}
