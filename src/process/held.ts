/**
 * What this process may do, asked of Deno. Nothing here prompts.
 *
 * @module
 */

/** Deno's own type does not have `import`, which it knows. */
type Name = Deno.PermissionName | "import";

/** Whether a permission is held; of all of one (no `value`), also where some of it is denied again. */
export function isHeld(
  { name, value }: { readonly name: Name; readonly value?: string | undefined },
): boolean {
  try {
    return Deno.permissions.querySync(descriptor(name, value)).state === "granted";
  } catch (error) {
    // A kind of `sys`, or a form of a host, that this version of Deno does not know.
    if (error instanceof TypeError || error instanceof URIError) return false;
    throw error;
  }
}

function descriptor(name: Name, value: string | undefined): Deno.PermissionDescriptor {
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
