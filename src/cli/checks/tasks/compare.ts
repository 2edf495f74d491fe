/**
 * Compares the permissions that a task grants with those that a manifest needs. Pure.
 *
 * @module
 */

import { basename, isAbsolute, relative, resolve, sep } from "node:path";
import { type ManifestPermission, permissionFlags } from "../../../manifest/grants/permissions.ts";
import { shellQuote } from "../../../text/shell_quote.ts";
import { type Granted, PERMISSIONS, type TaskPermission } from "./granted.ts";

/** Facts about the task and the machine that {@linkcode compare} needs. */
export interface CompareContext {
  /** Where the task runs: its relative paths start there. */
  readonly folder: string;
  /** Optional permissions of a run: granting them is not excess. */
  readonly optional: readonly { readonly name: string; readonly value: string }[];
  /** Whether the manifest may need to read more than is listed, as a module does that imports others. */
  readonly readsMore: boolean;
  /** The file of a bare name on Deno's own PATH; `undefined`: there is none, `null`: it may not be looked for. */
  readonly find: (name: string) => string | undefined | null;
}

/** A needed permission, without its reasons. */
export type NeededPermission = Pick<ManifestPermission, "name" | "value">;

/** Where both differ in one permission. */
export interface PermissionDifference {
  readonly name: TaskPermission | "all";
  /** Permissions that are needed and not granted; without them nothing starts. */
  readonly lacks: readonly string[];
  /** Permissions that are granted and not needed. */
  readonly unneeded: readonly string[];
  /** Broad grants, with the values that would be enough. */
  readonly broad: readonly { readonly value: string; readonly enough: readonly string[] }[];
}

/** The outcome of {@linkcode compare}. */
export interface Comparison {
  readonly differences: readonly PermissionDifference[];
  /** The exact flags, in the task's own spelling where it has one; for a shell. */
  readonly exact: string;
  /** Names that were taken for files of that name, as it may not be looked where they are. */
  readonly unclear: readonly string[];
}

const EVERYTHING = "everything";

/** Compares the two. @throws {PermissionFlagError} no flag can express a permission */
export function compare(
  granted: Granted,
  needs: readonly NeededPermission[],
  around: CompareContext,
): Comparison {
  const unclear = new Set<string>();
  const parts = PERMISSIONS.map((name) => compareOne(name, granted, needs, { ...around, unclear }));
  const exact = parts.flatMap(({ keep }) => keep);
  const drifts = parts.flatMap(({ drift: { lacks, unneeded, broad, name } }) =>
    lacks.length + unneeded.length + broad.length === 0 ? [] : [{ name, lacks, unneeded, broad }]
  );
  const exactFlags = permissionFlags(exact).map(shellQuote).join(" ");
  const everything: PermissionDifference = {
    name: "all",
    lacks: [],
    unneeded: [],
    broad: [{ value: EVERYTHING, enough: ["what follows"] }],
  };
  return { differences: granted.all ? [everything] : drifts, exact: exactFlags, unclear: [...unclear] };
}

type Context = CompareContext & { readonly unclear: Set<string> };

/** One permission: its differences, and the values to keep. */
interface Part {
  readonly drift: PermissionDifference;
  readonly keep: readonly NeededPermission[];
}

function compareOne(
  name: TaskPermission,
  granted: Granted,
  needs: readonly NeededPermission[],
  around: Context,
): Part {
  const wanted = needs.filter((permission) => permission.name === name).map(({ value }) => value);
  const values = wanted.filter((value) => value !== undefined);
  const given = granted.all ? [] : granted.values.get(name) ?? [];
  const part = (kept: readonly (string | undefined)[], found: Partial<PermissionDifference> = {}): Part => ({
    drift: { name, lacks: [], unneeded: [], broad: [], ...found },
    keep: kept.map((value) => ({ name: name as ManifestPermission["name"], value })),
  });
  if (wanted.length > values.length) {
    return part([undefined], given === true ? {} : { lacks: [EVERYTHING] });
  }
  if (given !== true) return compareValues(name, given, values, { around, part });
  if (name === "read" && around.readsMore) return part([undefined]);
  const enough = values.map((value) => short(name, value, around));
  if (enough.length === 0) return part([], { unneeded: [EVERYTHING] });
  return part(enough, { broad: [{ value: EVERYTHING, enough }] });
}

function compareValues(
  name: TaskPermission,
  given: readonly string[],
  values: readonly string[],
  { around, part }: {
    around: Context;
    part: (kept: readonly string[], found: Partial<PermissionDifference>) => Part;
  },
): Part {
  const shown = (value: string) => short(name, value, around);
  const fits = (grant: string, value: string) => coverage(name, { grant, value }, around);
  const optional = around.optional.filter((permission) => permission.name === name);
  const uses = given.map((grant) => {
    const used = values.filter((value) => fits(grant, value) !== undefined);
    const exact = [...used, ...optional.map(({ value }) => value)].some((value) =>
      fits(grant, value) === "exact"
    );
    // Imports are not visible in the manifest.
    return { grant, used, keep: exact || (used.length === 0 && name === "read" && around.readsMore) };
  });
  const kept = uses.filter(({ keep }) => keep).map(({ grant }) => grant);
  const added = values.filter((value) => !kept.some((grant) => fits(grant, value) === "exact"));
  const rest = uses.filter(({ keep }) => !keep);
  return part([...kept, ...added].map(shown), {
    lacks: values.filter((value) => !uses.some(({ used }) => used.includes(value))).map(shown),
    unneeded: rest.filter(({ used }) => used.length === 0).map(({ grant }) => shown(grant)),
    broad: rest.filter(({ used }) => used.length > 0)
      .map(({ grant, used }) => ({ value: shown(grant), enough: used.map(shown) })),
  });
}

/** Whether `grant` covers `value`, and whether it covers nothing else. */
function coverage(
  name: TaskPermission,
  { grant, value }: { readonly grant: string; readonly value: string },
  { folder, find, unclear }: Context,
): "exact" | "broad" | undefined {
  switch (name) {
    case "run":
      return sameProgram(grant, value, { folder, find, unclear }) ? "exact" : undefined;
    case "read":
    case "write": {
      const [outer, inner] = [resolve(folder, grant), resolve(folder, value)];
      if (outer === inner) return "exact";
      return inner.startsWith(outer.endsWith(sep) ? outer : outer + sep) ? "broad" : undefined;
    }
    case "env":
      if (grant === value) return "exact";
      return grant.endsWith("*") && value.startsWith(grant.slice(0, -1)) ? "broad" : undefined;
    case "net": {
      if (grant === value) return "exact";
      if (value.startsWith("unix:")) return undefined;
      const host = value.slice(0, value.lastIndexOf(":"));
      const among = grant.startsWith("*.") &&
        [host, value].some((one) => one === grant.slice(2) || one.endsWith(grant.slice(1)));
      return grant === host || among ? "broad" : undefined;
    }
    default:
      return undefined;
  }
}

function sameProgram(
  grant: string,
  value: string,
  { folder, find, unclear }: Pick<Context, "folder" | "find" | "unclear">,
): boolean {
  const [one, other] = [grant, value].map((program) => isName(program) ? program : resolve(folder, program));
  if (one === other) return true;
  if (!isName(grant) && !isName(value)) return false;
  const [granted, needed] = [one!, other!].map((program) => isName(program) ? find(program) : program);
  if (granted !== null && needed !== null) return granted !== undefined && granted === needed;
  if (basename(grant) !== basename(value)) return false;
  unclear.add(isName(grant) ? grant : value);
  return true;
}

function isName(program: string): boolean {
  return !program.includes("/") && !program.includes("\\");
}

/**
 * Shortens a value as a task would write it: a program's name for its path, a relative path within the task's folder.
 */
function short(name: TaskPermission, value: string, { folder, find }: Context): string {
  if (name !== "read" && name !== "write" && name !== "run") return value;
  if (name === "run") {
    if (isName(value)) return value;
    if (basename(value) === "deno" && find("deno") === value) return "deno";
  }
  const path = resolve(folder, value);
  const within = relative(folder, path);
  if (within === "") return ".";
  if (within === ".." || within.startsWith(`..${sep}`) || isAbsolute(within)) return value;
  return name === "run" ? `./${within}` : within;
}
