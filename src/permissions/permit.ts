/**
 * Queries which of the permissions that a command needs are missing. Asks `Deno.permissions` only: nothing here
 * prompts, starts or reads anything, so that every gap can be named before the first child starts.
 *
 * `--allow-run=tr` grants the file that `tr` is on the PATH that Deno was started with, and nothing if it
 * is nowhere there; then the query says so too. Which file a child's own PATH leads to: `program_file.ts`.
 */

/** One permission: its name and its value; an empty `value` means all of it (`--allow-run`). */
export type RequiredPermission = {
  /** Deno's name of the permission. */
  readonly name: "run" | "env" | "read" | "write" | "net" | "sys";
  /** A program, a variable, a path, a host or a kind; `""` for the whole permission. */
  readonly value: string;
};

const ALL = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;
const WINDOWS = Deno.build.os === "windows";
const ABSOLUTE = WINDOWS ? /^([a-z]:)?[\\/]/i : /^\//;

/** Those of `permissions` that are not granted now, in the order given, each once. Never prompts. */
export function missingPermissions(permissions: readonly RequiredPermission[]): RequiredPermission[] {
  const seen = new Set<string>();
  const whole = new Set(permissions.map(({ name }) => name).filter(isGrantedWhole));
  return permissions.filter((permission) => {
    if (whole.has(permission.name)) return false;
    const flag = flagFor(permission);
    if (seen.has(flag)) return false;
    seen.add(flag);
    return stateOf(permission) !== "granted";
  });
}

/** Whether nothing of it is left out: `--allow-env --deny-env=SECRET` is granted, in part. */
function isGrantedWhole(name: typeof ALL[number]): boolean {
  const { state, partial } = Deno.permissions.querySync({ name });
  return state === "granted" && !partial;
}

/** Whether a `--deny-…` forbids it: then no flag that is added grants it. Never prompts. */
export function isDenied(permission: RequiredPermission): boolean {
  return stateOf(permission) === "denied";
}

function stateOf({ name, value }: RequiredPermission): Deno.PermissionState {
  return Deno.permissions.querySync(permissionDescriptor(name, value === "" ? undefined : value)).state;
}

/** The command-line flag that grants `need`, such as `--allow-run=tr`. */
export function flagFor(permission: RequiredPermission): string {
  return permission.value === ""
    ? `--allow-${permission.name}`
    : `--allow-${permission.name}=${permission.value}`;
}

/** The flags that grant all of `permissions`, one for each kind: `--allow-env=PATH,HOME`. */
export function joinedFlags(permissions: readonly RequiredPermission[]): string[] {
  return [...Map.groupBy(permissions, ({ name }) => name)].flatMap(([name, same]) => {
    const values = [...new Set(same.map(({ value }) => value))];
    if (values.includes("")) return [`--allow-${name}`];
    // Deno splits a flag's values at commas.
    if (values.some((value) => value.includes(","))) return same.map(flagFor);
    return [`--allow-${name}=${values.join(",")}`];
  });
}

/**
 * The program to hand to the system. A bare name is left for PATH; a path is made absolute against `cwd` (or the
 * runtime's own folder), so that it means the same file for the permission check and for the start.
 *
 * `"deno"` means the running deno if this is one (a compiled program is not) and may run it: on PATH there may be a
 * wrapper whose child would survive it. Otherwise it is looked up on PATH like any other.
 */
export function resolveProgram(program: string, cwd?: string): string {
  if (program === "deno") {
    if (Deno.build.standalone) return program;
    const self = Deno.execPath();
    return mayRun(self) ? self : program;
  }
  return isPath(program) ? resolvePath(program, cwd) : program;
}

/** A path made absolute against `cwd`, or the runtime's own folder. */
export function resolvePath(path: string, cwd?: string): string {
  if (ABSOLUTE.test(path)) return path;
  return under(cwd !== undefined && ABSOLUTE.test(cwd) ? cwd : under(Deno.cwd(), cwd ?? "."), path);
}

function under(folder: string, path: string): string {
  const rest = path.replace(/^(\.(\/+|$))+/, "");
  return rest === "" ? folder : `${folder}/${rest}`;
}

/** Whether `program` names a file rather than something to look up on PATH. */
export function isPath(program: string): boolean {
  return program.includes("/") || (WINDOWS && program.includes("\\"));
}

/**
 * Whether a permission is held; of all of one (no `value`), also where some of it is denied again.
 *
 * @example
 * ```ts
 * import { isGranted } from "./permit.ts";
 *
 * console.log(isGranted({ name: "run", value: "sh" })); // true under --allow-run, and under --allow-run=sh
 * ```
 */
export function isGranted(
  { name, value }: {
    /** Deno's own type lacks `import`, which Deno knows. */
    readonly name: Deno.PermissionName | "import";
    readonly value?: string | undefined;
  },
): boolean {
  try {
    return Deno.permissions.querySync(permissionDescriptor(name, value)).state === "granted";
  } catch (error) {
    // A kind of `sys`, or a form of a host, that this version of Deno does not know.
    if (error instanceof TypeError || error instanceof URIError) return false;
    throw error;
  }
}

/** The descriptor to query; without a `value`, of the whole permission. */
export function permissionDescriptor(
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

/** The value of a variable of the runtime; `undefined` where it is not set, or may not be read. Never prompts. */
export function readVariable(name: string): string | undefined {
  return missingPermissions([{ name: "env", value: name }]).length === 0 ? Deno.env.get(name) : undefined;
}

/** Whether a program, given by name or path, may be run. Never prompts. */
export function mayRun(program: string): boolean {
  return missingPermissions([{ name: "run", value: program }]).length === 0;
}

/** Whether a file or folder may be read. Never prompts. */
export function mayRead(path: string): boolean {
  return missingPermissions([{ name: "read", value: path }]).length === 0;
}

/** Whether nothing is left out of any permission: then Deno opens `/proc`, too. */
export function isAllGranted(): boolean {
  return ALL.every(isGrantedWhole);
}
