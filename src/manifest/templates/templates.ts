/**
 * Templates by their id.
 */

import type { Manifest, TemplateEntry } from "../fields/types.ts";
import { nearestKey, quote, quoteChoices } from "../../text/words.ts";
import { OutriderError } from "../../outrider_error.ts";

/** Thrown for an unknown template id; `code` is `template_unknown`. */
export class UnknownTemplateError extends OutriderError {
  /** Stable over versions. */
  readonly code = "template_unknown";
  /** The id. */
  readonly template: string;

  /** `known` are the ids that there are. */
  constructor(template: string, known: readonly string[]) {
    const near = nearestKey(template, known);
    const hint = near !== undefined
      ? `did you mean ${quote(near)}?`
      : known.length === 0
      ? "it has none"
      : `its templates here are ${quoteChoices(known.slice(0, 10))}; one for another platform is left out`;
    super(`Cannot find the template ${quote(template)} in the manifest: ${hint}`);
    this.template = template;
  }
}

/** The template with that id. @throws {UnknownTemplateError} */
export function templateOf({ templates = [] }: Pick<Manifest, "templates">, id: string): TemplateEntry {
  const found = templates.find((template) => template.id === id);
  if (found === undefined) throw new UnknownTemplateError(id, templates.map(({ id }) => id));
  return found;
}
