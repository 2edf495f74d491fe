/**
 * Loads the module of a worker in its process so that Deno checks the module's imports.
 *
 * Deno reads whatever its program imports statically without asking for a permission, as text, JSON or code, from
 * anywhere. Dynamic imports it checks, to the last static import behind them. So a first module imports the program
 * dynamically, before Deno loads it as its program: then the whole graph is loaded, and nothing more is read. The
 * module stays the program for everything else: the `deno.json` of its folder holds, `Deno.mainModule` names it.
 */

/**
 * Prints Deno's error about a module that cannot be loaded in one line; errors of the module itself are left to Deno.
 */
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
 * The flag that preloads the first module. It must be the last of its name: the module may need what another one
 * preloads.
 *
 * `serve` is the worker's side of this package. Where that is a file, it is known to be harmless, and loaded
 * unchecked, as it lies in no folder that a worker is granted.
 */
export function loadFlag(serve: string = import.meta.resolve("./worker.ts")): string {
  // An import of a literal would count as static: Deno finds it without running the module.
  const first = serve.startsWith("file:") ? `import ${JSON.stringify(serve)};` : "";
  return `--preload=data:text/javascript,${encodeURIComponent(first + LOAD)}`;
}
