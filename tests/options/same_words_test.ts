/** A manifest and a program: the same values are taken, with the same meaning, and others are refused in the same words. */
import { assert, assertEquals } from "@std/assert";
import { checkOptions } from "../../src/options/check.ts";
import type { Field } from "../../src/options/field.ts";
import { poolShape } from "../../src/options/fields/pool.ts";
import { PRESETS } from "../../src/options/presets.ts";
import {
  sidecarEntryField as sidecar,
  supervisorEntryField as supervisor,
} from "../../src/manifest/fields/manifest.ts";
import { FieldReader, INVALID } from "../../src/options/reader.ts";
import { patternFault } from "../../src/manifest/validate/pattern_fault.ts";
import { validValues, wrongValues } from "./values.ts";

const fields: Record<string, Field> = Object.fromEntries(
  [
    ...Object.entries(sidecar.fields),
    ...Object.entries(poolShape(sidecar).fields),
    ...Object.entries(supervisor.fields),
  ]
    .filter(([, { field }]) => field.kind !== "lazy").map(([key, { field }]) => [key, field]),
);

/** What a manifest makes of a value; `undefined` where it is refused. */
function inManifest(field: Field, value: unknown): { data?: unknown; messages: string[] } {
  const reader = new FieldReader({ preset: PRESETS.otp, patternFault });
  const data = reader.read(field, value);
  const messages = reader.issues.map(({ message }) => message);
  return { ...(data !== INVALID && { data }), messages };
}

function inCode(field: Field, value: unknown): { data?: unknown; message?: string } {
  try {
    return { data: checkOptions("", field, value) };
  } catch (error) {
    return { message: (error as Error).message };
  }
}

for (const [key, field] of Object.entries(fields)) {
  if (key === "sidecar") continue;
  Deno.test(`${key} means the same in a manifest and in code`, () => {
    const values = validValues(field);
    assert(values.length > 0);
    for (const value of values) {
      const { data, messages } = inManifest(field, value);
      const code = inCode(field, value);
      // What rules that join several keys refuse, both refuse.
      assertEquals(
        code.message === undefined,
        messages.length === 0,
        `${Deno.inspect(value)}: ${code.message} ${messages}`,
      );
      assertEquals(code.data, data, Deno.inspect(value));
    }
  });

  Deno.test(`${key} is refused in a manifest wherever it is in code`, () => {
    for (const { value } of wrongValues(field)) {
      // In code `Infinity` is a number.
      const { messages } = inManifest(field, value);
      assert(messages.length > 0, Deno.inspect(value));
    }
  });
}

Deno.test("presets have the same keys, so that a manifest leaves nothing to the library's defaults", () => {
  for (const [part, values] of Object.entries(PRESETS.otp)) {
    assertEquals(Object.keys(PRESETS.operator[part as keyof typeof PRESETS.otp]), Object.keys(values), part);
  }
});
