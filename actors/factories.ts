/**
 * The table from the kinds that a manifest names to the factories of their actors.
 *
 * @module
 */

import { type App, launch, type LaunchOptions } from "@outrider/outrider";
import type { ChildFactories } from "@outrider/outrider/manifest";
import { numbered } from "./pool/options.ts";
import { pool } from "./pool/pool.ts";
import { isServer, optionsOf, sidecarOf } from "./sidecar_entry.ts";

export { HelloAnswerError } from "./json_rpc_steps.ts";
export { optionsOf } from "./sidecar_entry.ts";

/** For `buildTree(manifest, factories)`. */
export const factories: ChildFactories = {
  sidecar: (entry) => sidecarOf(entry.id, entry),
  pool({ id, sidecar, start: _start, description: _description, ...options }) {
    if (!isServer(sidecar.protocol)) return pool(id, optionsOf(sidecar), options);
    const { onDeath, attempts } = sidecar;
    const whenGivenUp = options.whenGivenUp ?? sidecar.whenGivenUp ?? "cancel";
    // As with the options of a sidecar: the pool waits for late replies.
    const copied = typeof whenGivenUp === "object"
      ? { ...sidecar, whenGivenUp: { restart: { after: 0 } } }
      : sidecar;
    const copy = (id: string) => sidecarOf(id, numbered(id, copied));
    return pool(id, copy, { onDeath, attempts, ...options, whenGivenUp });
  },
};

/**
 * Starts the tree of the manifest `file` as that of this program: {@linkcode launch}, with the manifest's name and its
 * `onHostDeath` and logs. `warn` gets each part that is not for this platform, and how many settings have no effect.
 *
 * @throws {ManifestError} for whatever is wrong with it
 * @throws {StartError} and then nothing runs
 *
 * @example
 * ```ts
 * import { launchFile } from "@outrider/outrider/actors/factories";
 *
 * await using app = await launchFile("examples/one_for_one/outrider.json");
 * console.log(app.status().map(({ path }) => path)); // [ "before", "flaky", "after" ]
 * ```
 */
export async function launchFile(file: string, options: LaunchOptions = {}): Promise<App> {
  // A program that only makes trees of manifests has read them already.
  const { buildTree, load, logsOf } = await import("@outrider/outrider/manifest");
  const { manifest, ignored } = await load(file);
  const { warn = console.error } = options;
  for (const { path, kind, why } of ignored) if (kind !== "setting") warn(`Left out: ${path}: ${why}`);
  const settings = ignored.filter(({ kind }) => kind === "setting").length;
  if (settings > 0) {
    warn(`Left out: settings of no effect here, ${settings} in all; 'outrider check' names them`);
  }
  return await launch(buildTree(manifest, factories), {
    onHostDeath: manifest.onHostDeath,
    log: logsOf(manifest),
    ...options,
  });
}
