/**
 * Checks what comes over a control socket, by hand: `status` is to answer at once, and a schema library takes as long to
 * load as all else that it needs.
 *
 * A request is taken to the letter, so that a misspelt field does not do something else; a newer runtime may add fields
 * to its replies.
 */

import { asDeath } from "../actor/exit.ts";
import { CHILD_STATES } from "../supervision/child_state.ts";
import type { LastExit } from "../supervision/status.ts";
import type { ChildReport, ReplyLine, RequestLine, TreePhase, TreeReport } from "./protocol.ts";

/** The longest text that a client may number a request with, in characters. */
const MAX_ID = 64;
/** The longest path of a child, in characters. */
const MAX_CHILD_PATH = 4_096;

/** The last moment of a `Date`, in milliseconds. */
const MAX_TIME = 8_640_000_000_000_000;

const METHODS = ["status", "restart", "terminate", "stop"];
const PHASES: readonly TreePhase[] = ["starting", "running", "stopping"];
const ENDS = ["exited", "stopped", "start_failed"];

type Fields = Readonly<Record<string, unknown>>;

/** The request that `value` is, or what is wrong with it. */
export function asRequest(value: unknown): RequestLine | { readonly wrong: string } {
  const fields = asFields(value);
  if (fields === undefined) return { wrong: "it is not a JSON object" };
  const { id, method, child } = fields;
  if (!isRequestId(id)) return { wrong: `id: it takes a number, or a text of at most ${MAX_ID} characters` };
  if (!isOneOf(METHODS, method)) return { wrong: `method: it takes ${METHODS.join(", ")}` };
  const takesChild = method === "restart" || method === "terminate";
  const unknown = Object.keys(fields).find((name) =>
    name !== "id" && name !== "method" && !(takesChild && name === "child")
  );
  if (unknown !== undefined) return { wrong: `${unknown.slice(0, MAX_ID)}: ${method} takes no such field` };
  if (takesChild && !(typeof child === "string" && child.length > 0 && child.length <= MAX_CHILD_PATH)) {
    return { wrong: `child: it takes the path of a child, of at most ${MAX_CHILD_PATH} characters` };
  }
  return value as RequestLine;
}

/** Whether `value` can number a request. */
export function isRequestId(value: unknown): value is number | string {
  return typeof value === "number" || (typeof value === "string" && value.length <= MAX_ID);
}

export function asReply(value: unknown): ReplyLine | undefined {
  const { id, error, ...rest } = asFields(value) ?? {};
  const { code, message } = asFields(error) ?? {};
  if ((id === null || isRequestId(id)) && typeof code === "string" && typeof message === "string") {
    return { id, error: { code, message } };
  }
  return isRequestId(id) ? { id, result: rest.result } : undefined;
}

export function asTreeReport(value: unknown): Omit<TreeReport, "children"> | undefined {
  const { name, now, startedAt, active, phase } = asFields(value) ?? {};
  const isWhole = typeof name === "string" && isTime(now) && isTime(startedAt) &&
    typeof active === "boolean" && (phase === undefined || isOneOf(PHASES, phase));
  return isWhole
    ? without<Omit<TreeReport, "children">>({
      name,
      now,
      startedAt,
      active,
      phase: phase as TreePhase | undefined,
    })
    : undefined;
}

export function asChildReport(value: unknown): ChildReport | undefined {
  const { path, type, state, generation, restarts, since, until, ready, pid, lastExit } = asFields(value) ??
    {};
  const exit = lastExit === undefined ? undefined : asLastExit(lastExit);
  const isWhole = typeof path === "string" && (type === "worker" || type === "supervisor") &&
    isOneOf(CHILD_STATES, state) && isCount(generation) &&
    isNoneOr(restarts, isCount) && isNoneOr(since, isTime) && isNoneOr(until, isTime) &&
    isNoneOr(pid, isCount) &&
    (ready === undefined || typeof ready === "boolean") && (lastExit === undefined || exit !== undefined);
  return isWhole
    ? without<ChildReport>({
      path,
      type,
      state,
      generation,
      restarts,
      since,
      until,
      ready,
      pid,
      lastExit: exit,
    })
    : undefined;
}

function asLastExit(value: unknown): LastExit | undefined {
  const { generation, at, how, death: given, message } = asFields(value) ?? {};
  const death = asDeath(given);
  const isWhole = isCount(generation) && isTime(at) && isOneOf(ENDS, how) &&
    death !== undefined && (message === undefined || typeof message === "string");
  return isWhole
    ? without<LastExit>({ generation, at, how: how as LastExit["how"], death, message })
    : undefined;
}

function without<Value extends object>(fields: Value): Value {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Value;
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : undefined;
}

function isOneOf<Value>(known: readonly Value[], value: unknown): value is Value {
  return known.includes(value as Value);
}

/** Whether it is a moment that a `Date` can have; JSON may hold a number that becomes infinite. */
function isTime(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= MAX_TIME;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isNoneOr(value: unknown, orIs: (value: unknown) => value is number): value is number | undefined {
  return value === undefined || orIs(value);
}
