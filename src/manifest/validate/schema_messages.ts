/**
 * Explains zod's issues with a manifest in the words of its author.
 *
 * @module
 */

import type { z } from "zod";
import type { ManifestIssue } from "../issue.ts";
import { familiarKeyHint } from "./familiar_keys.ts";
import { type Branch, BRANCHES, KEYS } from "../fields/known_keys.ts";
import { describeValue, nearestKey, quote, quoteChoices, typeName } from "../../text/words.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Keys of one object that are compared with those that were meant. */
const MAX_COMPARED = 100;

/** The wording of whatever the schema itself has no words for; give it to zod as `error`. */
export function wording(issue: z.core.$ZodRawIssue): string {
  const got = describeValue(issue.input);
  if (issue.code === "invalid_type") {
    if (issue.input === undefined) return `missing; expected ${NOUNS[issue.expected] ?? "a value"}`;
    const whole = issue.expected === "int" && typeof issue.input === "number";
    return `expected ${NOUNS[issue.expected] ?? issue.expected}, got ${whole ? got : typeName(issue.input)}`;
  }
  if (issue.code === "invalid_value") {
    if (issue.input === undefined) return `missing; expected ${quoteChoices(issue.values.map(String))}`;
    const near = typeof issue.input === "string"
      ? nearestKey(issue.input, issue.values.map(String))
      : undefined;
    const meant = near === undefined ? "" : `; did you mean ${quote(near)}?`;
    return `expected ${quoteChoices(issue.values.map(String))}, got ${got}${meant}`;
  }
  if (issue.code === "too_small") return `must be ${count(issue.minimum)} or more, got ${got}`;
  if (issue.code === "too_big") return `must be ${count(issue.maximum)} or less, got ${got}`;
  return `expected something else, got ${got}`;
}

/** Everything in zod's issues, as findings, one for each place; `value` is what was parsed. */
export function issuesOf(issues: readonly Issue[], value: unknown): ManifestIssue[] {
  const seen = new Set<string>();
  return issues.flatMap((issue) => explainOne(issue, [], value)).filter(({ path }) => {
    const place = JSON.stringify(path.map(String));
    return !seen.has(place) && seen.add(place);
  });
}

/** An issue's path is relative to `base`. */
function explainOne(issue: Issue, base: Path, value: unknown): ManifestIssue[] {
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const both = twoBranches(path, value);
    if (both !== undefined) return [both];
    const valid = keysAt(path, value);
    return issue.keys.map((key, index) =>
      unknownKey([...path, key], valid, { value, hasHint: index < MAX_COMPARED })
    );
  }
  if (issue.code === "invalid_key") return issue.issues.map(({ message }) => ({ path, on: "key", message }));
  if (issue.code === "invalid_union") return explainUnion(issue, path, value);
  return misspelt(path, value) ? [] : [{ path, message: issue.message }];
}

/** Explains the issues of the branch that was meant: a union's own issues list the faults of every branch. */
function explainUnion(
  { errors, message }: z.core.$ZodIssueInvalidUnion,
  path: Path,
  value: unknown,
): ManifestIssue[] {
  const branches = branchesAt(path);
  const input = lookUp(value, path);
  if (branches === undefined) {
    // The branch of the right type, if there is one, has faults further in alone.
    const meant = errors.find((issues) => issues.every(isInside));
    return meant?.flatMap((inner) => explainOne(inner, path, value)) ?? [{ path, message }];
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return [{
      path,
      message: branches === BRANCHES.children ? `expected an object, got ${typeName(input)}` : message,
    }];
  }
  const both = twoBranches(path, value);
  if (both !== undefined) return [both];
  const branch = branchOf(input, branches);
  if (branch !== undefined) {
    return (errors[branches.indexOf(branch)] ?? []).flatMap((inner) => explainOne(inner, path, value));
  }
  // The intended branch is unknown. The last branch has most of the keys, so its faults are reported as well.
  const rest = (errors.at(-1) ?? []).filter((issue) =>
    present(value, [...path, ...issue.path]) && issue.path.length > 0
  );
  const valid = keysAt(path, value);
  return [
    { path, message: NONE_TOLD.get(branches) ?? NO_CHILD },
    ...Object.keys(input).filter((key) => !valid.includes(key)).map((key, index) =>
      unknownKey([...path, key], valid, { value, hasHint: index < MAX_COMPARED })
    ),
    ...rest.flatMap((inner) => explainOne(inner, path, value)),
  ];
}

const NO_CHILD = `a child needs "command" (a program), "sidecar" (a pool) or "children" (a supervisor)`;
const NONE_TOLD: ReadonlyMap<readonly Branch[], string> = new Map([
  [BRANCHES.env!, `needs "file"`],
  [BRANCHES.ready!, `needs "stdout", "stderr" or "reply"`],
  [BRANCHES.until!, `needs "end" or "last"`],
]);

/** The unions that are properties; the others are in lists. */
const OBJECTS = ["routing", "protocol", "pairing", "until", "ready", "restart", "onLimit"] as const;

/** Whether an issue lies within a branch, and so does not point to another one. */
export function isInside({ path, code }: Issue): boolean {
  return path.length > 0 || code === "unrecognized_keys";
}

/** The branches of the union at a path, if there is one. */
function branchesAt(path: Path): readonly Branch[] | undefined {
  const last = path.at(-1);
  if (path.at(-2) === "env") return BRANCHES.env;
  // Under "ready" nothing but a message of the user's own can have such keys.
  const named = OBJECTS.find((name) => name === last);
  if (named !== undefined) return BRANCHES[named];
  const list = typeof last === "number" ? path.at(-2) : undefined;
  return list === "children" || list === "after" ? BRANCHES[list] : undefined;
}

/** The keys that the object at a path may have; all that any branch has, if none was chosen. */
function keysAt(path: Path, value: unknown): readonly string[] {
  const branches = branchesAt(path);
  const input = lookUp(value, path);
  if (branches === undefined || typeof input !== "object" || input === null) {
    return KEYS[String(path.findLast((key) => typeof key === "string") ?? "")] ?? [];
  }
  return branchOf(input, branches)?.keys ?? [...new Set(branches.flatMap(({ keys }) => keys))];
}

/** The branch whose distinguishing key the input has, or has a misspelling of. */
function branchOf(input: object, branches: readonly Branch[]): Branch | undefined {
  const all = branches.flatMap(({ keys }) => keys);
  const near = unknownKeys(input, all).map((key) => nearestKey(key, all));
  const objects = branches.filter(({ tell }) => tell !== undefined);
  if (objects.length === 1) return objects[0];
  return chosen(input, branches)[0] ?? objects.find(({ tell }) => near.includes(tell!));
}

function chosen(input: object, branches: readonly Branch[]): Branch[] {
  return branches.filter(({ tell }) => tell !== undefined && Object.hasOwn(input, tell));
}

function twoBranches(path: Path, value: unknown): ManifestIssue | undefined {
  const input = lookUp(value, path);
  const branches = typeof input === "object" && input !== null ? chosen(input, branchesAt(path) ?? []) : [];
  if (branches.length < 2) return undefined;
  const keys = branches.map(({ tell }) => quote(String(tell))).join(" and ");
  return { path, message: `has ${keys}; only one of them can be` };
}

/** Whether a key is missing because it is misspelt beside: then the fault of that key says it all. */
function misspelt(path: Path, value: unknown): boolean {
  const parent = path.slice(0, -1);
  const input = lookUp(value, parent);
  if (path.length === 0 || present(value, path) || typeof input !== "object" || input === null) return false;
  const valid = keysAt(parent, value);
  return unknownKeys(input, valid).some((key) => nearestKey(key, valid) === path.at(-1));
}

/** The first keys of an object that are not valid: one with thousands of them has no misspelling to find. */
function unknownKeys(input: object, valid: readonly string[]): string[] {
  return Object.keys(input).filter((key) => !valid.includes(key)).slice(0, MAX_COMPARED);
}

function unknownKey(
  path: Path,
  valid: readonly string[],
  { value, hasHint }: { readonly value: unknown; readonly hasHint: boolean },
): ManifestIssue {
  const key = String(path.at(-1));
  if (!hasHint) return { path, on: "key", message: "unknown key" };
  // Names of other tools come first: systemd's RestartSec is not a misspelling of "restart".
  const foreign = misplaced(path, valid) ?? familiarKeyHint(key, lookUp(value, path), valid);
  const near = nearestKey(key, valid);
  const hint = near === undefined ? `valid keys are ${valid.join(", ")}` : `did you mean ${quote(near)}?`;
  return { path, on: "key", message: "unknown key", hint: foreign ?? hint };
}

/** Where a key belongs that is a pool's and stands in its sidecar, or the other way round. */
function misplaced(path: Path, valid: readonly string[]): string | undefined {
  const key = String(path.at(-1));
  const pool = BRANCHES.children!.find(({ tell }) => tell === "sidecar")!.keys;
  if (path.at(-2) === "sidecar" && pool.includes(key)) return `write it beside "sidecar": it is the pool's`;
  return valid === pool && KEYS.sidecar!.includes(key) ? `write it in "sidecar"` : undefined;
}

function lookUp(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined,
    value,
  );
}

function present(value: unknown, path: Path): boolean {
  return lookUp(value, path) !== undefined;
}

function count(limit: number | bigint): string {
  return limit.toLocaleString("en");
}

const NOUNS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "an array",
  object: "an object",
  record: "an object",
  nonoptional: "a value",
};
