/**
 * How the process of a worker loads its module, so that Deno checks what the module imports.
 *
 * Deno reads whatever its program imports statically without asking for a permission, as text, JSON or code, from
 * anywhere. What is imported dynamically it checks, to the last static import behind it. So a first module imports the
 * program dynamically, before Deno comes to it as its program: then all of it is there, and nothing is read any more.
 * The module stays the program for everything else: the `deno.json` of its folder holds, `Deno.mainModule` names it.
 *
 * @module
 */

/** What Deno says of a module that can't be loaded is told in one line; errors of the module itself are left to Deno. */
const LOAD = String.raw`
const hint = "; a worker may import from its own folder, and from what its option permissions grants";
try {
  await import(Deno.mainModule);
} catch (error) {
  const frames = String(error?.stack).split(error?.message).at(-1);
  if (!(error instanceof Error) || /\n +at (?!async data:)/.test(frames)) throw error;
  console.error("error: " + error.message.replace(/^Requires .*$/m, "$&" + hint));
  Deno.exit(1);
}`;

/**
 * The flag that makes it so. It must be the last of its name: what another one preloads may be what the module needs.
 *
 * `serve` is the worker's side of this package. Where that is a file, it is known to be harmless, and loaded unchecked, as
 * it lies in no folder that a worker is granted.
 */
export function loadFlag(serve: string = import.meta.resolve("./worker.ts")): string {
  // An import of a literal would count as static: Deno finds it without running the module.
  const first = serve.startsWith("file:") ? `import ${JSON.stringify(serve)};` : "";
  return `--preload=data:text/javascript,${encodeURIComponent(first + LOAD)}`;
}
