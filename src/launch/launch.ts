/**
 * Starts a tree as the business of a whole program.
 */

import { checkOptions } from "../options/check.ts";
import { launchOptions } from "../options/fields/running.ts";
import { OptionError } from "../options/option_error.ts";
import type { ChildSpec } from "../supervision/child_spec.ts";
import { rootOf } from "../supervision/supervisor_spec.ts";
import type { App, LaunchOptions } from "./options.ts";

/**
 * Starts a tree that ends with this program; fulfilled when all of it is ready. `spec` is one child, a list of children,
 * which get a supervisor, or a supervisor.
 *
 * However the program ends, its sidecars end:
 *
 * - a signal (SIGINT, SIGTERM, SIGHUP, SIGQUIT) stops the tree in order, within `stopDeadline`; then the program exits
 *   with 128 and the signal's number. A second signal ends everything at once; the same one within half a second counts
 *   once, as one Ctrl-C under `deno task` arrives twice;
 * - an uncaught error, or rejection, stops the tree in order; then it ends the program as it does otherwise;
 * - `Deno.exit` sends SIGKILL to the process groups of all sidecars, or, without permission for that, to each sidecar's
 *   own process;
 * - SIGKILL to the program: see `onHostDeath`.
 *
 * It needs no more permissions than {@linkcode start}; with some more it reaches further, and says once what it can't.
 * docs/containment.md has both.
 *
 * @throws {StartError} and then nothing runs; `start_cancelled` if it was stopped meanwhile
 * @throws the reason of `signal`, if that aborted first
 * @throws {ContainmentError} another run has the tree, and this one is `exclusive`
 * @throws {PermissionMissingError} `onHostDeath` is `"guard"`, and `sh` may not be run; or a log may not be written
 * @throws {LogFileError} a log file can't be written
 * @throws {OptionError} an option that is unknown or wrong, or this is a Web Worker, before anything is locked or started
 *
 * @example
 * ```ts
 * import { launch, sidecar } from "@outrider/outrider";
 *
 * const cat = sidecar("cat", { command: "cat", protocol: "lines" });
 * await using app = await launch(cat);
 * console.log(await app.ref(cat).ask("hello")); // hello
 * ```
 */
export async function launch(
  spec: ChildSpec | readonly ChildSpec[],
  options: LaunchOptions = {},
): Promise<App> {
  // Before anything is locked or started.
  const checked = checkOptions<LaunchOptions>("Cannot launch", launchOptions, options);
  if (isWorker()) throw new OptionError(IN_WORKER);
  checked.signal?.throwIfAborted();
  const root = rootOf(spec, checked.name);
  // Loaded where a tree is launched: a program that only starts one does without.
  const { launchContained } = await (
    // @ts-types="./launch_contained.d.ts"
    import("./launch_contained.ts")
  );
  return await launchContained(root, checked);
}

const IN_WORKER = "Cannot launch in a Web Worker, which does not learn how the program ends: " +
  "launch in the program's main module, or use 'start'";

/** Deno says in the main thread alone what the main module is. */
function isWorker(): boolean {
  return (Deno as { readonly mainModule?: string }).mainModule === undefined;
}
