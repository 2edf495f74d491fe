/**
 * Whether an argument of `sed` lets it run any program. Pure; used by `run_anything.ts`.
 *
 * @module
 */

/** A longer script is not looked through, and counts as one that runs programs. */
export const MAX_SED_SCRIPT = 4_096;

/** The command `e`, and a script in a file, which is not known here. */
const COMMAND = /^-[A-Za-z]*f|^--file|(^|[;{}!$,/\d\s])e(\s|$)/;

/** The flags of a substitution, with `e` among them. */
const FLAGS = /[\dgpimIM]*e[\dgpimIM]*\s*($|[;}\n])/y;

/** Whether `argument` may start a program: its command `e`, the flag `e` of its `s`, or a script that is not known. */
export function sedRunsPrograms(argument: string): boolean {
  return argument.length > MAX_SED_SCRIPT || COMMAND.test(argument) || hasFlag(argument);
}

/** Whether there is an `s`, its separator three times, and the flag `e`, whatever is between. */
function hasFlag(script: string): boolean {
  // How often each separator has been seen from the first `s` on that it follows.
  const seen = new Map<string, number>();
  for (let at = 1; at < script.length; at++) {
    const char = script[at]!;
    const count = (seen.get(char) ?? 0) + (seen.has(char) || script[at - 1] === "s" ? 1 : 0);
    if (count > 0) seen.set(char, count);
    if (count < 3) continue;
    FLAGS.lastIndex = at + 1;
    if (FLAGS.test(script)) return true;
  }
  return false;
}
