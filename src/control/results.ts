/**
 * The results of the methods of a control socket, as a client takes them.
 */

import { eventLoop } from "../time/next_turn.ts";
import { badReply, type ControlError } from "./control_errors.ts";
import { asChildReport, asHelloReport, asTreeReport, asUsageReport, asWhyReport } from "./messages.ts";
import type {
  ChildReport,
  ControlRequest,
  HelloReport,
  TreeReport,
  UsageReport,
  WhyReport,
} from "./protocol.ts";

/** Children of an answer that are looked at in one turn of the event loop. */
const CHILDREN_A_TURN = 2_000;

/** The result of each method; `null`: the supervisor no longer knows the child. */
export interface ControlResults {
  /** Who the runtime is, and what it can do. */
  readonly hello: HelloReport;
  /** The tree as it stands. */
  readonly status: TreeReport;
  /** What processes use. */
  readonly usage: UsageReport;
  /** The last incarnations of a child. */
  readonly why: WhyReport;
  /** Given once the signal is sent. */
  readonly signal: null;
  /** The child, started. */
  readonly restart: ChildReport | null;
  /** The child, stopped. */
  readonly terminate: ChildReport | null;
  /** Given once the tree has ended. */
  readonly stop: null;
}

/** The result, checked. @throws {ControlError} `bad_reply` */
export async function resultOf(
  result: unknown,
  file: string,
  method: ControlRequest["method"],
): Promise<ChildReport | TreeReport | HelloReport | UsageReport | WhyReport | null> {
  if (method === "stop" || method === "signal") return null;
  if (method === "status") return await treeOf(result, file);
  if (method === "hello") return asHelloReport(result) ?? fail(badReply(file));
  if (method === "usage") return asUsageReport(result) ?? fail(badReply(file));
  if (method === "why") return asWhyReport(result) ?? fail(badReply(file));
  const report = result === null ? null : asChildReport(result);
  if (report === undefined) throw badReply(file);
  return report;
}

/**
 * One child at a time, and the event loop has its turn between some: listing the faults of a million children would
 * take minutes to say, where it is enough that the first is none.
 */
async function treeOf(result: unknown, file: string): Promise<TreeReport> {
  const { children: found } = (result ?? {}) as { children?: unknown };
  const tree = asTreeReport(result);
  if (tree === undefined || !Array.isArray(found)) throw badReply(file);
  const children: ChildReport[] = [];
  for (const child of found) {
    const report = asChildReport(child);
    if (report === undefined) throw badReply(file);
    children.push(report);
    if (children.length % CHILDREN_A_TURN === 0) {
      await new Promise<void>((resolve) => eventLoop.setImmediate(resolve));
    }
  }
  return { ...tree, children };
}

function fail(error: ControlError): never {
  throw error;
}
