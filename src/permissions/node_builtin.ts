/**
 * Modules of Node's that are loaded when they are first used: an import loads them when the program starts.
 */

interface Builtins {
  readonly "node:crypto": typeof import("node:crypto");
  readonly "node:path": typeof import("node:path");
}

/** The module of that name. */
export function nodeBuiltin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: Name): Builtins[Name] } };
  return process.getBuiltinModule(name);
}
