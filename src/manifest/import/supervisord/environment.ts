/**
 * `environment` of supervisord: what a manifest can say of it, and what a shell has to set. Pure.
 */

import type { EnvInput } from "../../../options/types.ts";
import { quote } from "../../../text/words.ts";
import type { ForeignObject } from "../foreign_object.ts";
import type { ImportReport } from "../report.ts";
import type { WordPart } from "../words.ts";
import { expandText, type ExpansionNames, pairsIn, PROCESS_NUM } from "./expansion.ts";

/** The variables of a program. */
export interface ReadEnvironment {
  readonly env: ReadonlyMap<string, EnvInput>;
  /** Those that are texts with a variable in them, as a shell sets them. */
  readonly assignments: ReadonlyMap<string, readonly WordPart[]>;
}

/** The numbers of the first copy and of the last. */
export interface CopyNumbers {
  readonly first: number;
  readonly last: number;
}

/** Reads the `environment` of a section. */
export function environmentIn(
  section: ForeignObject,
  { report, names, copies }: {
    readonly report: ImportReport;
    readonly names: ExpansionNames;
    /** The numbers of the copies. */
    readonly copies: CopyNumbers;
  },
): ReadEnvironment {
  const env = new Map<string, EnvInput>();
  const assignments = new Map<string, readonly WordPart[]>();
  const text = section.text("environment");
  const path = section.at("environment");
  if (text === undefined) return { env, assignments };
  const { parts, fault } = expandText(text, names);
  const pairs = fault === undefined ? pairsIn(parts) : fault;
  if (typeof pairs === "string") {
    report.fault(path, pairs);
    return { env, assignments };
  }
  for (const [name, value] of pairs) {
    const known = value.filter((part) => part !== "");
    if (!/^[A-Za-z_][\w.]*$/.test(name)) report.fault(path, `${quote(name)} is not the name of a variable`);
    else {
      const input = inputOf(known, copies);
      if (input !== undefined) env.set(name, input);
      else assignments.set(name, known);
    }
  }
  return { env, assignments };
}

/** What a manifest says for a value: a text, another variable, or the number of a copy on top of a number. */
function inputOf(parts: readonly WordPart[], copies: CopyNumbers): EnvInput | undefined {
  const [first = "", second, ...more] = parts;
  if (more.length > 0) return undefined;
  if (second === undefined) {
    if (typeof first === "string") return first;
    if (first.variable !== PROCESS_NUM) return { from: first.variable };
    return first.format === undefined ? { copy: copies.first } : undefined;
  }
  // "80" before a number of two digits is 8000 and that number.
  if (typeof first !== "string" || typeof second === "string" || second.variable !== PROCESS_NUM) {
    return undefined;
  }
  const [, digits] = /^%0(\d)d$/.exec(second.format ?? "%01d") ?? [];
  if (digits === undefined || !/^[1-9]\d{0,6}$/.test(first)) return undefined;
  const scale = 10 ** Number(digits);
  return copies.last < scale ? { copy: Number(first) * scale + copies.first } : undefined;
}
