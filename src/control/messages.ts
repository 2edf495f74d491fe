/**
 * Checks what a runtime sends over its control socket, by hand: `status` is to answer at once, and a schema library takes
 * as long to load as all else that it needs. A newer runtime may add fields.
 */

import { asDeath } from "../actor/exit.ts";
import { CHILD_STATES } from "../supervision/child_state.ts";
import type { LastExit, NotReady } from "../supervision/status.ts";
import {
  type ChildReport,
  type HelloReport,
  isRequestId,
  type Life,
  type ServerLine,
  type TreePhase,
  type TreeReport,
  type UsageReport,
  type WhyReport,
} from "./protocol.ts";

/** The last moment of a `Date`, in milliseconds. */
const MAX_TIME = 8_640_000_000_000_000;

const PHASES: readonly TreePhase[] = ["starting", "running", "stopping"];
const ENDS = ["exited", "stopped", "start_failed"];

type Fields = Readonly<Record<string, unknown>>;

export function asReply(value: unknown): ServerLine | undefined {
  const { id, error, item, result } = asFields(value) ?? {};
  const { code, message, data } = asFields(error) ?? {};
  if ((id === null || isRequestId(id)) && typeof code === "string" && typeof message === "string") {
    return { id, error: { code, message, ...data !== undefined && { data } } };
  }
  if (!isRequestId(id)) return undefined;
  return item === undefined ? { id, result } : { id, item };
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
  const { path, type, state, generation, restarts, since, until, ready, step, pid, ...more } =
    asFields(value) ?? {};
  const { waitsFor, startsByHand, description, notReady: probe, lastExit } = more;
  const exit = lastExit === undefined ? undefined : asLastExit(lastExit);
  const notReady = probe === undefined ? undefined : asNotReady(probe);
  const isWhole = typeof path === "string" && (type === "worker" || type === "supervisor") &&
    isOneOf(CHILD_STATES, state) && isCount(generation) &&
    isNoneOr(restarts, isCount) && isNoneOr(since, isTime) && isNoneOr(until, isTime) &&
    isNoneOr(pid, isCount) &&
    isNoneOr(ready, isFlag) && isNoneOr(startsByHand, isFlag) && isNoneOr(waitsFor, isNames) &&
    isNoneOr(description, isText) &&
    isNoneOr(step, isText) &&
    (probe === undefined || notReady !== undefined) && (lastExit === undefined || exit !== undefined);
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
      notReady,
      step,
      pid,
      lastExit: exit,
      waitsFor,
      startsByHand,
      description,
    })
    : undefined;
}

export function asHelloReport(value: unknown): HelloReport | undefined {
  const { protocol, version, pid, name, file, log, methods } = asFields(value) ?? {};
  const isWhole = isCount(protocol) && isCount(pid) && typeof name === "string" && isNames(methods) &&
    [version, file, log].every((text) => text === undefined || typeof text === "string");
  return isWhole
    ? without<HelloReport>({
      protocol,
      version: version as string | undefined,
      pid,
      name,
      file: file as string | undefined,
      log: log as string | undefined,
      methods,
    })
    : undefined;
}

export function asUsageReport(value: unknown): UsageReport | undefined {
  const { isKnown, children } = asFields(value) ?? {};
  if (typeof isKnown !== "boolean" || !Array.isArray(children)) return undefined;
  const isUsage = (child: unknown) => {
    const { path, memory, cpu, lastOutput, lines } = asFields(child) ?? {};
    return typeof path === "string" && isNoneOr(memory, isCount) && isNoneOr(cpu, isCount) &&
      isNoneOr(lastOutput, isTime) && isNoneOr(lines, isCount);
  };
  return children.every(isUsage) ? { isKnown, children } : undefined;
}

export function asWhyReport(value: unknown): WhyReport | undefined {
  const { now, child: given, lives } = asFields(value) ?? {};
  const child = asChildReport(given);
  if (!isTime(now) || child === undefined || !Array.isArray(lives)) return undefined;
  const known = lives.map(asLife);
  return known.every((life) => life !== undefined) ? { now, child, lives: known } : undefined;
}

function asLife(value: unknown): Life | undefined {
  const { generation, startedAt, readyAt, endedAt, pid, asked, end, decision } = asFields(value) ?? {};
  const isWhole = isCount(generation) && isTime(startedAt) && isNoneOr(readyAt, isTime) &&
    isNoneOr(endedAt, isTime) && isNoneOr(pid, isCount);
  const texts = { asked, end, decision };
  if (!isWhole || !Object.values(texts).every((text) => text === undefined || typeof text === "string")) {
    return undefined;
  }
  return without<Life>({ generation, startedAt, readyAt, endedAt, pid, ...texts as Partial<Life> });
}

function asNotReady(value: unknown): NotReady | undefined {
  const { since, why } = asFields(value) ?? {};
  return isTime(since) && typeof why === "string" ? { since, why } : undefined;
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

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isNoneOr<Value>(
  value: unknown,
  orIs: (value: unknown) => value is Value,
): value is Value | undefined {
  return value === undefined || orIs(value);
}
