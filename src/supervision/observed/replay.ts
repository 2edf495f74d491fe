/**
 * The state of a tree from its events alone: for a program that has the stream or the
 * log, and not the tree.
 */

import type { SystemEvent } from "../../events.ts";
import { pathOf, splitPath } from "../child_path.ts";
import type { ChildState } from "../child_state.ts";
import { ChildHistory, STATE_AFTER } from "./history.ts";
import type { BareChildStatus, ChildStatus } from "../status.ts";

/**
 * Returns the result of `system.status()` after the last of `events`. Pure. They must begin with the tree, or with
 * `from` as it stood before the first of them, and none may be missing (`events_lost`). What was recorded before
 * `from` of a child whose supervisor was not alive then is not known.
 *
 * @example
 * ```ts
 * import { actor, supervisor, System } from "@outrider/outrider";
 * import { replay } from "@outrider/outrider/report";
 *
 * const system = new System(supervisor("root", [actor("a", () => ({ receive() {} }))]));
 * const events = Array.fromAsync(system.events());
 * await system.start();
 * await system.stop();
 * console.log(replay((await events).slice(0, -4))[0]?.state); // running: nothing was stopped yet
 * ```
 */
export function replay(
  events: Iterable<SystemEvent>,
  from: readonly ChildStatus[] = [],
): readonly ChildStatus[] {
  const tree = new Tree(from);
  for (const event of events) tree.see(event);
  return tree.status();
}

interface Node {
  readonly id: string;
  readonly path: string;
  readonly type: "worker" | "supervisor";
  state: ChildState;
  generation: number;
  /** Of a supervisor that is alive. */
  children: Map<string, Node> | undefined;
}

class Tree {
  readonly #root: Node = {
    id: "/",
    path: "/",
    type: "supervisor",
    state: "running",
    generation: 0,
    children: undefined,
  };

  readonly #history: ChildHistory;

  constructor(from: readonly ChildStatus[]) {
    this.#history = new ChildHistory(from);
    this.#root.children = nodesOf(from);
  }

  status(): readonly ChildStatus[] {
    return this.#history.complete(statusOf(this.#root.children));
  }

  see(event: SystemEvent): void {
    this.#history.see(event);
    if (event.type === "added") return this.#add(event.path, event.kind, event.generation);
    if (event.type === "forgotten") return this.#forget(event.path);
    const node = this.#find(event.path);
    if (node === undefined) return;
    if (event.type === "supervising") {
      node.children = new Map(
        event.children.map((
          { id, kind: type, generation },
        ) => [id, newNode(event.path, id, { type, generation })]),
      );
    }
    const state = STATE_AFTER[event.type];
    if (state === undefined) return;
    node.state = state;
    node.generation = event.generation;
    if (state !== "starting" && state !== "running" && state !== "stopping") node.children = undefined;
  }

  #add(path: string, type: Node["type"], generation: number): void {
    const { parent, id } = splitPath(path);
    this.#find(parent)?.children?.set(id, newNode(parent, id, { type, generation }));
  }

  #forget(path: string): void {
    const { parent, id } = splitPath(path);
    this.#find(parent)?.children?.delete(id);
  }

  #find(path: string): Node | undefined {
    if (path === "/") return this.#root;
    let at: Node | undefined = this.#root;
    for (const id of path.split("/")) at = at?.children?.get(id);
    return at;
  }
}

function newNode(parent: string, id: string, known: Pick<Node, "type" | "generation">): Node {
  return { id, path: pathOf(parent, id), ...known, state: "stopped", children: undefined };
}

function nodesOf(statuses: readonly ChildStatus[]): Map<string, Node> {
  return new Map(
    statuses.map(({ id, path, type, state, generation, children }) => [
      id,
      { id, path, type, state, generation, children: children === undefined ? undefined : nodesOf(children) },
    ]),
  );
}

function statusOf(nodes: ReadonlyMap<string, Node> | undefined): readonly BareChildStatus[] {
  return [...nodes?.values() ?? []].map(({ children, ...node }) => ({
    ...node,
    ...(children === undefined ? {} : { children: statusOf(children) }),
  }));
}
