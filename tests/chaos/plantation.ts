/**
 * A tree of real programs, the faults that can befall them, and what a fault must lead to: the whole course of it, as
 * events, worked out from the strategy alone and not by the supervisor's own functions.
 *
 * @module
 */
import {
  type ChildSpec,
  type Intensity,
  NO_BACKOFF,
  sidecar,
  type Strategy,
  supervisor,
} from "@outrider/outrider";

/** How a program is made to end. */
export type Fault = "SIGKILL" | "SIGSEGV" | "exit 1" | "exit 0";

/** A program of the tree, or a supervisor. */
export interface Plant {
  readonly path: string;
  /** Of a program: the faults that it knows. */
  readonly faults: readonly Fault[];
  /** Whether it answers a line with that line. */
  readonly talks: boolean;
  readonly children: readonly Plant[];
  readonly spec: ChildSpec;
}

const stop = { drain: 0, stdin: 0, term: 5_000 };
const ANSWERS_OR_EXITS =
  'while read -r line; do case $line in "exit "*) exit "${line#exit }";; *) echo "$line";; esac; done';

/** `sh`, `cat` or `sleep`, by the first letters of the last part of the path. */
function program(path: string): Plant {
  const id = path.split("/").at(-1)!;
  const options = { backoff: NO_BACKOFF, stop };
  const plant = { path, children: [] };
  if (id.startsWith("sh")) {
    const args = ["-c", ANSWERS_OR_EXITS];
    const spec = sidecar(id, { command: "sh", args, protocol: "lines", ...options });
    return { ...plant, faults: ["SIGKILL", "SIGSEGV", "exit 1", "exit 0"], talks: true, spec };
  }
  if (id.startsWith("cat")) {
    const spec = sidecar(id, { command: "cat", protocol: "lines", ...options });
    return { ...plant, faults: ["SIGKILL", "SIGSEGV"], talks: true, spec };
  }
  const spec = sidecar(id, { command: "sleep", args: ["600"], ...options });
  return { ...plant, faults: ["SIGKILL", "SIGSEGV"], talks: false, spec };
}

/** Six programs under two supervisors with the same strategy and, each for itself, the same intensity. */
export function plantation(strategy: Strategy, intensity: Intensity): Plant {
  const nested = (path: string, children: readonly Plant[]): Plant => {
    const specs = children.map(({ spec }) => spec);
    const spec = supervisor(path === "/" ? "root" : path, specs, { strategy, intensity });
    return { path, faults: [], talks: false, children, spec };
  };
  const inner = nested("inner", ["inner/sh-c", "inner/sleep-d", "inner/cat-e"].map(program));
  return nested("/", [program("sh-a"), program("cat-b"), inner, program("sleep-f")]);
}

/** The programs, in start order. */
export function programsOf(plant: Plant): readonly Plant[] {
  return plant.children.flatMap((child) => child.children.length > 0 ? programsOf(child) : [child]);
}

/** The events, as `path type`, that one fault of `victim` leads to, from its end to the last start. */
export function courseOf(root: Plant, victim: string, strategy: Strategy): readonly string[] {
  const siblings = siblingsOf(root, victim);
  const at = siblings.findIndex(({ path }) => path === victim);
  const group = strategy === "one_for_one"
    ? siblings.slice(at, at + 1)
    : strategy === "one_for_all"
    ? siblings
    : siblings.slice(at);
  return [
    `${victim} exited`,
    `${victim} restarting`,
    ...group.toReversed().filter(({ path }) => path !== victim).flatMap(stopped),
    ...group.flatMap(started),
  ];
}

function siblingsOf(plant: Plant, path: string): readonly Plant[] {
  if (plant.children.some((child) => child.path === path)) return plant.children;
  return plant.children.flatMap((child) => siblingsOf(child, path));
}

/** What starting it is, with all that is below. */
export function started({ path, children }: Plant): readonly string[] {
  return [`${path} starting`, ...children.flatMap(started), `${path} ready`];
}

/** What stopping it is, with all that is below. */
export function stopped({ path, children }: Plant): readonly string[] {
  return [`${path} stopping`, ...children.toReversed().flatMap(stopped), `${path} stopped`];
}
