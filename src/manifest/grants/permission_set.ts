/**
 * Permissions as a named set in `deno.json`, for `deno run -P=NAME`. Pure.
 *
 * @module
 */

import type { ManifestPermission } from "./permissions.ts";

/** As Deno takes a set: of each permission the values, or `true` for all of it. */
export type PermissionSet = Readonly<Partial<Record<ManifestPermission["name"], true | readonly string[]>>>;

/** A permission set of that name, for a `deno.json`. Unlike a flag, it can hold a value with a comma. */
export function permissionSet(
  name: string,
  permissions: readonly ManifestPermission[],
): { readonly permissions: Readonly<Record<string, PermissionSet>> } {
  const set = [...Map.groupBy(permissions, ({ name }) => name)].map(([permission, wanted]) => {
    const values = wanted.flatMap(({ value }) => value ?? []);
    return [permission, values.length < wanted.length ? true : [...new Set(values)]] as const;
  });
  return { permissions: Object.fromEntries([[name, Object.fromEntries(set)]]) };
}
