/**
 * The environment of a process as the system has it, entry by entry, where it may be read: Deno lets nobody into `/proc`
 * who may not do everything. `ps`, which is read elsewhere, prints it as one line.
 *
 * @module
 */
import { MARK, marksIn } from "./mark.ts";

const ALL = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

/** Whether {@linkcode hasMark} can tell anything. */
export function mayReadEnviron(): boolean {
  if (Deno.build.os !== "linux") return false;
  return ALL.every((name) => {
    const { state, partial } = Deno.permissions.querySync({ name });
    return state === "granted" && !partial;
  });
}

/** Whether the process has a mark that counts as an entry of its environment; `undefined` where that can't be told. */
export function hasMark(pid: number, counts: (mark: string) => boolean): boolean | undefined {
  try {
    const entries = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
    return entries.some((entry) => entry.startsWith(`${MARK}=`) && marksIn(entry).some(counts));
  } catch {
    // It has ended, or the system keeps its environment from us.
    return undefined;
  }
}
