/**
 * The part of the manifest's schema that describes a template: a sidecar that is started at run time.
 *
 * @module
 */

import { argumentRules } from "./arguments.ts";
import { overridesSchema } from "./platform.ts";
import { resolveSidecar, sidecarFields } from "./sidecar.ts";
import { idSchema } from "./text.ts";

/** The keys of a template: a sidecar's without those that join it to siblings. */
export const templateFields = sidecarFields.omit({ after: true, significant: true, args: true, on: true })
  .extend({
    id: idSchema.describe("Unique among the templates."),
    args: argumentRules,
    on: overridesSchema(argumentRules.unwrap(), "TemplateOverrides"),
  }).meta({ id: "Template", description: "A sidecar that is started at run time, with arguments." });

/** A template. */
export const template = templateFields.transform((fields) => resolveSidecar(fields));
