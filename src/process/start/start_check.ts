/**
 * Files that are looked at right before each start of a process: what an executable has unpacked, which it runs because
 * of the place that it is at. The check is made in the same turn as the start, so that the time in which the file could
 * be exchanged is as short as Deno lets it be.
 *
 * @module
 */

/** Looks at a file. @throws what is wrong with it */
type StartCheck = () => void;

const checks = new Map<string, StartCheck>();

/** Has `check` run before each start of `file` (absolute), as a program or a launcher, until the result is disposed of. */
export function checkEachStart(file: string, check: StartCheck): Disposable {
  checks.set(file, check);
  return {
    [Symbol.dispose]() {
      if (checks.get(file) === check) checks.delete(file);
    },
  };
}

/** Runs the checks of those of `files` that have one. @throws what a check throws */
export function runStartChecks(files: readonly string[]): void {
  if (checks.size === 0) return;
  for (const file of files) checks.get(file)?.();
}
