/**
 * What must be true of any run, whatever befell it: from its events, and from the operating system's process table.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { SystemEvent } from "@outrider/outrider";

/** The events that make up a child's life. */
export const LIFE: readonly SystemEvent["type"][] = [
  "starting",
  "ready",
  "start_failed",
  "exited",
  "restarting",
  "stopping",
  "stopped",
  "gave_up",
];

const ENDS: readonly SystemEvent["type"][] = ["exited", "stopped", "start_failed"];

/** Every law that can be read from the events of a run that is over. */
export function assertLaws(events: readonly SystemEvent[]): void {
  assert(events.every(({ type }) => type !== "events_lost"), "the log is whole");
  assertOneAtATime(events);
  assertWithinIntensity(events);
  assertNoStartAfterStop(events);
}

/** Generations follow each other, each begins after the one before has ended, and the last has ended too. */
function assertOneAtATime(events: readonly SystemEvent[]): void {
  const alive = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { path, generation, type } of events) {
    if (type === "starting") {
      assertEquals(alive.get(path), undefined, `${path}#${generation} starts while another is alive`);
      assertEquals(generation, (last.get(path) ?? 0) + 1, `${path}: generations are counted`);
      alive.set(path, generation);
      last.set(path, generation);
    } else if (type === "spawned" || type === "ready") {
      assertEquals(alive.get(path), generation, `${path}#${generation} ${type} while it is alive`);
    } else if (ENDS.includes(type)) {
      assertEquals(alive.get(path), generation, `${path}#${generation} ends once`);
      alive.delete(path);
    }
  }
  assertEquals([...alive], [], "nothing is alive at the end");
}

/** Each restart says the how many-th it is, and within the window there are never more than the limit. */
function assertWithinIntensity(events: readonly SystemEvent[]): void {
  for (const event of events) {
    if (event.type === "restarting") {
      assert(event.restart <= event.limit, `${event.path}: ${event.restart} of ${event.limit} restarts`);
    }
  }
}

/**
 * From when a supervisor is told to stop, or gives up, to its own next start, none of its children begins. A nested one
 * is told when it is its turn: until then it does its work, as in Erlang/OTP.
 */
function assertNoStartAfterStop(events: readonly SystemEvent[]): void {
  const ending = new Set<string>();
  for (const { path, generation, type } of events) {
    if (type === "stopping" || type === "gave_up") ending.add(path);
    if (type === "starting") ending.delete(path);
    if (type !== "starting" && type !== "spawned" && type !== "restarting") continue;
    const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "/";
    assert(path === "/" || !ending.has(parent), `${path}#${generation} ${type} while '${parent}' is to end`);
  }
  assert(ending.has("/"), "the root was stopped, or gave up");
}

/** The processes that the tree says are alive: of each path the last pid, if it has not ended since. */
export function pidsAlive(events: readonly SystemEvent[]): readonly number[] {
  const alive = new Map<string, number>();
  for (const event of events) {
    if (event.type === "spawned") alive.set(event.path, event.pid);
    else if (ENDS.includes(event.type)) alive.delete(event.path);
  }
  return sorted([...alive.values()]);
}

/** Our own processes among all that were ever spawned, by the process table; those not reaped yet count. */
export async function pidsInTable(events: readonly SystemEvent[]): Promise<readonly number[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-A", "-o", "pid=,ppid="] }).output();
  const rows = new TextDecoder().decode(stdout).trim().split("\n").map((row) =>
    row.trim().split(/\s+/).map(Number)
  );
  const children = new Set(rows.filter(([, parent]) => parent === Deno.pid).map(([pid]) => pid!));
  const spawned = events.flatMap((event) => event.type === "spawned" ? [event.pid] : []);
  return sorted([...new Set(spawned)].filter((pid) => children.has(pid)));
}

function sorted(pids: readonly number[]): readonly number[] {
  return pids.toSorted((a, b) => a - b);
}
