/** The pages about manifests: their examples are manifests, and every field is named. */
import { assert, assertEquals } from "@std/assert";
import { parse as parseJsonc } from "jsonc-parser";
import { root } from "../../../src/manifest/fields/manifest.ts";
import type { Field } from "../../../src/options/field.ts";
import { FILE, resolveManifest } from "../probe.ts";

const read = (page: string) => Deno.readTextFileSync(new URL(`../../../${page}`, import.meta.url));
const page = read("docs/manifest.md");
const probes = read("docs/probes.md");
const others = read("docs/platforms.md") + read("docs/templates.md");
const confinement = read("docs/confinement.md");

for (
  const file of [
    "README.md",
    "docs/manifest.md",
    "docs/probes.md",
    "docs/platforms.md",
    "docs/templates.md",
    "docs/containment.md",
    "docs/confinement.md",
  ]
) {
  Deno.test(`every manifest in ${file} is one`, () => {
    const blocks = [...read(file).matchAll(/^```jsonc?\n((?:\/\/[^\n]*\n)*\{.*?)^```/gms)].map((
      [, text = ""],
    ) => parseJsonc(text));
    const manifests = blocks.filter((block) => "children" in block);
    assert(manifests.length > 0);
    for (const manifest of manifests) resolveManifest(manifest, { file: FILE });
  });
}

Deno.test("every field of a manifest is named", () => {
  const fields = [...keysIn(root)];
  assert(fields.length > 60);
  // In prose as `field`, in an example as "field".
  const missing = fields.filter((field) =>
    !new RegExp(`["\`]${RegExp.escape(field)}["\`]`).test(page + probes + others + confinement)
  );
  assertEquals(missing, []);
});

/** The keys of a field, and of all below it. */
function keysIn(field: Field, keys: Set<string> = new Set(), seen: Set<Field> = new Set()): Set<string> {
  if (seen.has(field)) return keys;
  seen.add(field);
  if (field.kind === "lazy") keysIn(field.of(), keys, seen);
  if (field.kind === "list" || field.kind === "dict") keysIn(field.of, keys, seen);
  if (field.kind === "union") { for (const branch of field.of) keysIn(branch, keys, seen); }
  if (field.kind !== "shape") return keys;
  for (const [key, property] of Object.entries(field.fields)) keysIn(property.field, keys.add(key), seen);
  return keys;
}
