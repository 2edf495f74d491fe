/**
 * What this process may do, asked of Deno. Nothing here prompts.
 *
 * @module
 */

/**
 * Whether a permission is held; of all of one (no `value`), also where some of it is denied again.
 *
 * @example
 * ```ts
 * import { isHeld } from "@outrider/outrider";
 *
 * console.log(isHeld({ name: "run", value: "sh" })); // true under --allow-run, and under --allow-run=sh
 * ```
 */
export function isHeld(
  { name, value }: {
    /** Deno's own type lacks `import`, which Deno knows. */
    readonly name: Deno.PermissionName | "import";
    readonly value?: string | undefined;
  },
): boolean {
  try {
    return Deno.permissions.querySync(descriptor(name, value)).state === "granted";
  } catch (error) {
    // A kind of `sys`, or a form of a host, that this version of Deno does not know.
    if (error instanceof TypeError || error instanceof URIError) return false;
    throw error;
  }
}

/** What to ask Deno about; without a `value` about all of it. */
export function descriptor(
  name: Deno.PermissionName | "import",
  value: string | undefined,
): Deno.PermissionDescriptor {
  if (name === "import") return { name, host: value } as unknown as Deno.PermissionDescriptor;
  if (value === undefined) return { name };
  switch (name) {
    case "run":
      return { name, command: value };
    case "env":
      return { name, variable: value };
    case "read":
    case "write":
    case "ffi":
      return { name, path: value };
    case "net":
      return { name, host: value };
    case "sys":
      return { name, kind: value as Deno.SysPermissionDescriptor["kind"] };
  }
}
