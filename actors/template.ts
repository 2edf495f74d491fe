/**
 * Sidecars that are started at run time from a template of a manifest, with
 * arguments that it allows.
 *
 * @module
 */

import { argsFor, type TemplateEntry } from "@outrider/outrider/manifest";
import type { ChildRef, ChildSpec, System } from "@outrider/outrider";
import { factories } from "./factories.ts";

/** The settings of one sidecar of a template. */
export interface FromTemplate {
  /** Its id, unique among its siblings; default that of the template. */
  readonly id?: string | undefined;
  /** Its arguments, all of them; default none. */
  readonly args?: readonly string[] | undefined;
}

/**
 * A sidecar from a template, as a child of a supervisor.
 *
 * @throws {ArgumentError} if the template does not allow its arguments
 *
 * @example
 * ```ts
 * import { parse, templateOf } from "@outrider/outrider/manifest";
 * import { start, supervisor } from "@outrider/outrider";
 * import { fromTemplate } from "@outrider/outrider/actors/template";
 *
 * const manifest = parse(
 *   `{
 *     "name": "shop",
 *     "children": [],
 * "templates": [{ "id": "shout", "command": "tr", "args": ["a-z", { "validator": "[A-Z]-[A-Z]" }], "protocol":
 * "bytes" }]
 *   }`,
 *   { file: "outrider.json" },
 * );
 * const shout = fromTemplate(templateOf(manifest, "shout"), { args: ["a-z", "A-Z"] });
 * await using system = await start(supervisor("root", [shout]));
 * console.log(system.whichChildren().map(({ id }) => id)); // [ "shout" ]
 * ```
 */
export function fromTemplate(
  template: TemplateEntry,
  { id = template.id, args = [] }: FromTemplate = {},
): ChildSpec {
  return factories.sidecar({
    ...template,
    id,
    args: argsFor(template, args),
    significant: false,
    on: undefined,
  });
}

/**
 * Starts a sidecar from a template under the supervisor at `under`, which is dynamic or not; fulfilled with its ref when
 * it is ready. Nothing is started if the template does not allow its arguments.
 *
 * @throws {ArgumentError} if the template does not allow its arguments
 * @throws {SupervisionError} `no_supervisor`, `already_started` and the other codes of `system.startChild`
 * @throws {StartError} if it could not start
 */
export async function startSidecar(
  system: System,
  { template, under, ...more }: FromTemplate & {
    /** The template. */
    readonly template: TemplateEntry;
    /** The path of its supervisor; `/` is the root. */
    readonly under: string;
  },
): Promise<ChildRef<unknown, unknown, unknown>> {
  return await system.startChild(under, fromTemplate(template, more));
}
