/**
 * The tree that is put to the test: a supervisor for each protocol, strategy and `maxInFlight`, and a pool for each
 * protocol. Every process carries its place in its environment, where the process table shows it.
 *
 * @module
 */
import { type ChildSpec, NO_BACKOFF, sidecar, supervisor } from "@outrider/outrider";
import { pool } from "@outrider/outrider/actors/pool";
import { type Conversation, CONVERSATIONS } from "./conversations.ts";

/** The variable that says whose a process is: the run, a colon, its place. */
export const WHOSE = "OUTRIDER_SOAK";

/** Processes that are harmed in turn, and what they understand. */
export interface Row {
  readonly id: string;
  readonly conversation: Conversation;
  /** Where messages are sent. */
  readonly addresses: readonly string[];
  /** The places of the processes. */
  readonly paths: readonly string[];
}

const STRATEGIES = ["one_for_one", "one_for_all", "rest_for_one"] as const;
/** No bound, and one that is reached at once. */
const IN_FLIGHT = [undefined, 4] as const;
const CHILDREN = ["a", "b"] as const;
const PLENTY = { restarts: 1_000_000, within: 1_000 };
/** A stop waits for nobody for long. */
const STOP = { drain: 100, stdin: 200, term: 200 };

/** All rows, and the tree that they are; `run` tells its processes from those of others. */
export function plot(
  run: string,
): { readonly rows: readonly Row[]; readonly pools: readonly Row[]; readonly root: ChildSpec } {
  const cat = (id: string, path: string, { protocol }: Conversation, maxInFlight?: number) =>
    sidecar(id, {
      command: "cat",
      protocol,
      backoff: NO_BACKOFF,
      stop: STOP,
      env: { [WHOSE]: `${run}:${path}` },
      ...(maxInFlight !== undefined && { maxInFlight }),
    });
  const specs: ChildSpec[] = [];
  const rows: Row[] = [];
  const pools: Row[] = [];
  for (const conversation of CONVERSATIONS) {
    for (const strategy of STRATEGIES) {
      for (const maxInFlight of IN_FLIGHT) {
        const id = `${conversation.name}-${strategy}-${maxInFlight ?? "any"}`;
        const paths = CHILDREN.map((child) => `${id}/${child}`);
        const children = CHILDREN.map((child) => cat(child, `${id}/${child}`, conversation, maxInFlight));
        specs.push(supervisor(id, children, { strategy, intensity: PLENTY }));
        rows.push({ id, conversation, addresses: paths, paths });
      }
    }
    const id = `${conversation.name}-pool`;
    specs.push(
      pool(id, (copy) => cat(copy, `${id}/${copy}`, conversation), {
        size: 2,
        perCopy: 4,
        intensity: PLENTY,
      }),
    );
    pools.push({ id, conversation, addresses: [id], paths: [`${id}/1`, `${id}/2`] });
  }
  return { rows, pools, root: supervisor("root", specs, { intensity: PLENTY }) };
}
