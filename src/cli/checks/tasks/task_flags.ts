/**
 * Reads the permissions that flags of `deno run`, and a permission set of a `deno.json`, grant. Pure.
 */

import { isAbsolute, join } from "../../../permissions/path.ts";
import { isPlainObject } from "../../../manifest/issue.ts";

/** The permissions that a task can grant, by Deno's names. */
export const PERMISSIONS = ["run", "env", "read", "write", "net", "sys", "ffi"] as const;

/** One of them. */
export type TaskPermission = typeof PERMISSIONS[number];

/** The granted permissions. */
export interface Granted {
  /** All of everything. */
  readonly all: boolean;
  /** Of each permission the values, or `true` for all of it. */
  readonly values: ReadonlyMap<TaskPermission, true | readonly string[]>;
  /** Flags that deny some of it again, as written: they are not evaluated. */
  readonly denials: readonly string[];
  /** The permission set that is used. */
  readonly set: string | undefined;
}

const SHORT: Readonly<Record<string, string>> = {
  A: "all",
  P: "set",
  R: "read",
  W: "write",
  N: "net",
  E: "env",
  S: "sys",
};

/** Of the flags of a command; paths of a set are relative to `folder`, where its file is. */
export function grantedBy(
  flags: readonly string[],
  { sets, folder }: { readonly sets: Readonly<Record<string, unknown>>; readonly folder: string },
): Granted {
  let all = false;
  let set: string | undefined;
  const denials: string[] = [];
  const values = new Map<TaskPermission, true | readonly string[]>();
  const byFlag = new Map<TaskPermission, true | readonly string[]>();
  for (const flag of flags) {
    const [, denial] = /^(--(?:deny|ignore)-\w+)/.exec(flag) ?? [];
    if (denial !== undefined) denials.push(denial);
    for (const { name, value } of allowedBy(flag)) {
      if (name === "all") all = true;
      if (name === "set") set = value ?? "default";
      if (!isPermission(name)) continue;
      const known = byFlag.get(name) ?? [];
      // Values count in place of the whole.
      const listed = value?.split(",").map((one) => one.trim()).filter((one) => one !== "") ?? [];
      const both = known === true ? listed : [...known, ...listed];
      byFlag.set(name, both.length === 0 ? true : both);
    }
  }
  const found = set !== undefined && Object.hasOwn(sets, set) ? sets[set] : undefined;
  for (const [name, said] of Object.entries(isPlainObject(found) ? found : {})) {
    if (name === "all") all ||= said === true;
    if (!isPermission(name)) continue;
    const { allow, ...less } = isPlainObject(said) ? said : { allow: said };
    denials.push(...Object.keys(less).map((kind) => `"${kind}" of "${name}"`));
    if (allow === true) values.set(name, true);
    if (Array.isArray(allow)) values.set(name, allow.map((value) => inFolder(name, String(value), folder)));
  }
  // A flag takes the place of what the set says of its permission.
  for (const [name, given] of byFlag) values.set(name, given);
  return { all, values, denials, set };
}

/** `--allow-run=a,b`, and `-RN=host`, in which the value is that of the last letter. */
function allowedBy(flag: string): { name: string; value: string | undefined }[] {
  const long = /^--(?:allow-(\w+)|permission-set)(?:=(.*))?$/s.exec(flag);
  if (long !== null) return [{ name: long[1] ?? "set", value: long[2] }];
  const [, letters = "", value] = /^-([A-Za-z]+)(?:=(.*))?$/s.exec(flag) ?? [];
  return [...letters].map((letter, index) => ({
    name: SHORT[letter] ?? "",
    value: index === letters.length - 1 ? value : undefined,
  }));
}

function inFolder(name: TaskPermission, value: string, folder: string): string {
  const isPath = name === "read" || name === "write" || name === "ffi" ||
    (name === "run" && value.includes("/"));
  return isPath && !isAbsolute(value) ? join(folder, value) : value;
}

function isPermission(name: string): name is TaskPermission {
  return (PERMISSIONS as readonly string[]).includes(name);
}
