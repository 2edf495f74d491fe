/** What reads a manifest, and the JSON Schema that an editor has: they take and refuse the same. */
import { assert } from "@std/assert";
// deno-lint-ignore no-import-prefix -- as in runs.ts
import fc from "npm:fast-check@^4";
// deno-lint-ignore no-import-prefix -- as in json_schema_test.ts
import { Ajv } from "npm:ajv@^8";
import {
  poolEntryField,
  root,
  sidecarEntryField,
  supervisorEntryField,
  template,
} from "../../../src/manifest/fields/manifest.ts";
import { jsonSchema } from "../../../src/manifest/json_schema.ts";
import type { ShapeField } from "../../../src/options/field.ts";
import { PRESETS } from "../../../src/options/presets.ts";
import { FieldReader } from "../../../src/options/reader.ts";
import { fuzzed } from "../../process/fuzz/runs.ts";
import { validShape, validValues, wrongValues } from "../../options/values.ts";

const fits = new Ajv({ allowUnionTypes: true }).compile(jsonSchema());

/** What no schema of one value at a time says. */
const BEYOND = [
  /half a character/,
  /^must be (between )?[\d,]+ (milliseconds|bytes)|^must be between [\d,]+ and/,
  /^must be a host's name/,
  /^must be 1 for /,
  /^is for startup and readiness/,
  /^"(min|initial)" .* must not be above/,
  /^is for "hash"/,
  /^needs /,
  /only one of them can be$/,
  /" can have "/,
];

/** An object of that shape with up to three keys more, each right or wrong, or one that it does not have. */
function objectOf(shape: ShapeField): fc.Arbitrary<Record<string, unknown>> {
  const values = Object.entries(shape.fields).flatMap(([key, { field }]) => {
    const all = key === "children"
      ? []
      : [...validValues(field), ...wrongValues(field).map(({ value }) => value)];
    return all.map((value) => [key, value] as const);
  });
  return fc.array(fc.constantFrom(...values, ["foreign", 1] as const), { maxLength: 3 }).map((pairs) => ({
    ...validShape(shape),
    ...Object.fromEntries(pairs),
  }));
}

const leaf = { id: "leaf", command: "cat" };
const child = fc.oneof(
  objectOf(sidecarEntryField),
  objectOf(poolEntryField).map((pool) => ({ size: 1, ...pool })),
  objectOf(supervisorEntryField).map((supervisor) => ({ ...supervisor, children: [leaf] })),
);
const manifests = fc.tuple(objectOf(root), child, objectOf(template)).map(([root, child, template]) => ({
  ...root,
  children: [child],
  templates: [template],
}));

fuzzed("a manifest is refused if it does not fit the schema, and only for what that cannot say if it does", {
  cases: manifests,
  law: (manifest) => {
    const reader = new FieldReader({ preset: PRESETS.operator });
    reader.read(root, manifest);
    const messages = reader.issues.map(({ message }) => message);
    if (!fits(manifest)) assert(messages.length > 0, JSON.stringify(fits.errors));
    else assert(messages.every((message) => BEYOND.some((one) => one.test(message))), messages.join("\n"));
  },
});
