/**
 * `extends` of a process of process-compose: what another process of the file says, with its own values over it. Pure.
 */

import { quote } from "../../../text/words.ts";
import { isPlainObject } from "../../issue.ts";
import type { ForeignObject } from "../foreign_object.ts";
import type { ImportReport } from "../report.ts";

/** How many processes may extend one another in a row. */
const MAX_CHAIN = 32;

/** All processes, each with what it extends; one that is not an object stays as it is. */
export function withExtends(processes: ForeignObject, report: ImportReport): Record<string, unknown> {
  const resolved = new Map<string, unknown>();
  const resolve = (name: string, chain: readonly string[]): unknown => {
    if (resolved.has(name)) return resolved.get(name);
    const own = processes.raw(name);
    const value = isPlainObject(own) && Object.hasOwn(own, "extends") ? extended(name, own, chain) : own;
    resolved.set(name, value);
    return value;
  };
  const extended = (name: string, own: Record<string, unknown>, chain: readonly string[]): unknown => {
    const { extends: base, ...rest } = own;
    const path = processes.at(name, "extends");
    if (base === name || chain.some((one) => one === base)) {
      report.fault(path, `${quote(name)} extends itself`);
    } else if (chain.length === MAX_CHAIN) {
      report.fault(path, `more than ${MAX_CHAIN} processes extend one another`);
    } else if (typeof base !== "string" || !isPlainObject(processes.raw(base))) {
      report.fault(path, "expected the name of another process of this file");
    } else return merged(resolve(base, [...chain, name]), rest, report);
    return rest;
  };
  return Object.fromEntries(processes.keys.map((name) => [name, resolve(name, [])]));
}

/** Mappings are merged, lists joined, but for that of namespaces; all else is as `own` says. */
function merged(base: unknown, own: unknown, report: ImportReport, key = ""): unknown {
  if (own === undefined || own === null) return base;
  if (Array.isArray(base) && Array.isArray(own) && key !== "namespace") {
    report.count(base.length + own.length);
    return [...base, ...own];
  }
  if (!isPlainObject(base) || !isPlainObject(own)) return own;
  const keys = new Set([...Object.keys(base), ...Object.keys(own)]);
  report.count(keys.size);
  const valueIn = (of: Record<string, unknown>, key: string) => Object.hasOwn(of, key) ? of[key] : undefined;
  return Object.fromEntries(
    [...keys].map((key) => [key, merged(valueIn(base, key), valueIn(own, key), report, key)]),
  );
}
