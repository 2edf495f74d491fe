/**
 * The schemas of a program's environment.
 *
 * @module
 */

import { z } from "zod";
import { text } from "./text.ts";

/** Environment variables by name. */
export const variables = z.record(
  z.string().regex(/^[^=\0]+$/, `a variable's name must not be empty or contain "=" or NUL`),
  text,
);

/** Names of environment variables. */
export const variableNames = z.array(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, `a variable's name must be letters, digits and "_"`),
);
