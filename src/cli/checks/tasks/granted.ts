/**
 * Reads the permissions that flags of `deno run`, and a permission set of a `deno.json`, grant. Pure.
 *
 * @module
 */

import { isAbsolute, join } from "node:path";

/** The permissions that a task can grant, by Deno's names. */
export const PERMISSIONS = ["run", "env", "read", "write", "net", "sys", "ffi"] as const;

/** One of them. */
export type TaskPermission = typeof PERMISSIONS[number];

/** The granted permissions. */
export interface Granted {
  /** All of everything. */
  readonly all: boolean;
  /** The values of each granted permission, or `true` for all of it. */
  readonly values: ReadonlyMap<TaskPermission, true | readonly string[]>;
  /** Flags that deny or ignore some of it again, as written: they are not evaluated. */
  readonly denials: readonly string[];
  /** The permission set that is used. */
  readonly set: string | undefined;
}

/** As in a `deno.json`. */
export type PermissionSets = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const SHORT: Readonly<Record<string, TaskPermission | "all" | "set">> = {
  A: "all",
  P: "set",
  R: "read",
  W: "write",
  N: "net",
  E: "env",
  S: "sys",
};

interface Switch {
  readonly kind: "allow" | "deny" | "ignore";
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * Of the words between `deno run` and the script. Paths in `sets` are made relative to nothing: they are in `folder`.
 */
export function grantedBy(
  words: readonly string[],
  { sets, folder }: { readonly sets: PermissionSets; readonly folder: string },
): Granted {
  const switches = words.flatMap(switchesIn);
  const set = switches.find(({ name }) => name === "set");
  const setName = set === undefined ? undefined : set.value ?? "default";
  const base = setName === undefined ? NOTHING : grantedBySet(sets[setName] ?? {}, folder);
  const allowed = switches.filter(({ kind, name }) => kind === "allow" && isPermission(name));
  // A flag replaces the set's values of its permission, and values replace the whole.
  const byFlag = [...Map.groupBy(allowed, ({ name }) => name as TaskPermission)].map(([name, each]) => {
    const values = each.flatMap(({ value }) => value === undefined ? [] : listed(value));
    return [name, values.length === 0 ? true : values] as const;
  });
  return {
    all: base.all || switches.some(({ kind, name }) => kind === "allow" && name === "all"),
    values: new Map([...base.values, ...byFlag]),
    denials: [
      ...base.denials,
      ...switches.filter(({ kind }) => kind !== "allow").map(({ kind, name }) => `--${kind}-${name}`),
    ],
    set: setName,
  };
}

const NOTHING: Granted = { all: false, values: new Map(), denials: [], set: undefined };

function grantedBySet(set: Readonly<Record<string, unknown>>, folder: string): Granted {
  const values = new Map<TaskPermission, true | readonly string[]>();
  const denials: string[] = [];
  for (const name of PERMISSIONS) {
    const said = set[name];
    const { allow, ...less } = isRecord(said) ? said : { allow: said };
    denials.push(...Object.keys(less).map((kind) => `"${kind}" of "${name}"`));
    if (allow === true) values.set(name, true);
    if (Array.isArray(allow)) {
      values.set(name, allow.map((value) => inFolder(name, String(value), folder)));
    }
  }
  return { all: set.all === true, values, denials, set: undefined };
}

/** A path of a set is relative to its file, that of a flag to where it runs. */
function inFolder(name: TaskPermission, value: string, folder: string): string {
  const isPath = name === "read" || name === "write" || name === "ffi" ||
    (name === "run" && value.includes("/"));
  return isPath && !isAbsolute(value) ? join(folder, value) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPermission(name: string): name is TaskPermission {
  return (PERMISSIONS as readonly string[]).includes(name);
}

function listed(value: string): string[] {
  return value.split(",").map((one) => one.trim()).filter((one) => one !== "");
}

/** `--allow-run=a,b`, and `-RN=host`, in which the value is that of the last letter. */
function switchesIn(word: string): Switch[] {
  const long = /^--(?:(allow|deny|ignore)-(\w+)|(permission-set))(?:=(.*))?$/s.exec(word);
  if (long !== null) {
    const [, kind = "allow", name = "set", , value] = long;
    return [{ kind: kind as Switch["kind"], name, value }];
  }
  const short = /^-([A-Za-z]+)(?:=(.*))?$/s.exec(word);
  if (short === null) return [];
  const [, letters = "", value] = short;
  return [...letters].flatMap((letter, index) => {
    const name = SHORT[letter];
    const last = index === letters.length - 1;
    return name === undefined ? [] : [{ kind: "allow" as const, name, value: last ? value : undefined }];
  });
}
