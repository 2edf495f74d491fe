/**
 * The schemas of a program's environment.
 *
 * @module
 */

import { z } from "zod";
import { filledTextSchema, textSchema } from "./text.ts";
import { typeName } from "../../text/words.ts";

/** A variable whose value is in a file. */
export const variableFile = z.strictObject({
  file: filledTextSchema.describe(
    "The file that has the value, relative to the manifest; it is read before each start.",
  ),
});

/** Environment variables by name. */
export const variables = z.record(
  z.string().regex(/^[^=\0]+$/, `a variable's name must not be empty or contain "=" or NUL`),
  z.union([textSchema, variableFile], {
    error: ({ input }) => `expected a text, or an object with "file", got ${typeName(input)}`,
  }),
);

/** Names of environment variables. */
export const variableNames = z.array(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, `a variable's name must be letters, digits and "_"`),
);
