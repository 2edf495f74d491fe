/**
 * Finds files and sockets that the parent of this process left open in it. Deno marks those that it opens itself, so that
 * no child inherits them; those that it inherited are passed on to every child, and cannot be closed from here.
 *
 * They are visible only where Deno grants everything: `/proc` is hidden otherwise.
 */

import { isAllGranted } from "../../permissions/permit.ts";

const STDERR = 2;
/** The flag in `/proc` (octal) of a file that is closed when another program is started. */
const CLOSE_ON_EXEC = 0o2000000;

/** Returns the descriptors, above stderr's, that each child of this process inherits; none where they are not visible. */
export function inheritedDescriptors(): number[] {
  if (Deno.build.os !== "linux" || !isAllGranted()) return [];
  return [...Deno.readDirSync("/proc/self/fdinfo")].map(({ name }) => Number(name)).filter(isHandedOn)
    .sort((one, other) => one - other);
}

function isHandedOn(number: number): boolean {
  if (number <= STDERR) return false;
  try {
    const [, flags = ""] = /^flags:\s*([0-7]+)/m.exec(Deno.readTextFileSync(`/proc/self/fdinfo/${number}`)) ??
      [];
    return (parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // that of the folder, while it was read
    throw error;
  }
}

/** Returns what to do about `numbers`, as a sentence without a full stop; nothing for none. */
export function inheritedWarnings(numbers: readonly number[] = inheritedDescriptors()): string[] {
  if (numbers.length === 0) return [];
  const closing = numbers.map((number) => `${number}<&-`).join(" ");
  // To others, as dash and zsh, `10<&-` is the word 10 and a redirection of stdin.
  const [shell, others] = numbers.some((number) => number > 9)
    ? ["bash", " (other shells take one digit alone)"]
    : ["a shell", ""];
  return [
    `every sidecar has open what Outrider was started with beyond stderr (file descriptor ${
      numbers.join(", ")
    }), and may ` +
    `read and write it; where ${shell} starts Outrider, close it with ${closing}${others}`,
  ];
}
