/**
 * Schemas for text.
 *
 * @module
 */

import { z } from "zod";
import { PatternError, searchFor } from "../../text/pattern.ts";
import { quote } from "../../text/words.ts";

/** The longest regular expression, in characters. */
export const MAX_PATTERN = 1000;

/** Text that an operating system can take: C strings end at NUL, and UTF-8 has no lone surrogates. */
export const textSchema: z.ZodString = z.string().regex(/^[^\0]*$/, "must not contain NUL")
  .refine((value) => value.isWellFormed(), "must not contain half a character (a lone surrogate)");

/** The same, and there is some. */
export const filledTextSchema: z.ZodString = textSchema.min(1, "must not be empty");

/** The source of a regular expression that can be matched in linear time. */
export const patternSchema: z.ZodString = z.string().min(1, "must not be empty").max(
  MAX_PATTERN,
  `must have ${MAX_PATTERN} characters at most`,
)
  .superRefine((source, context) => {
    try {
      searchFor(source);
    } catch (error) {
      if (error instanceof PatternError) {
        context.addIssue({ code: "custom", message: `can't be waited for: ${error.why}` });
        return;
      }
      if (!(error instanceof SyntaxError)) throw error;
      const reason = error.message.slice(error.message.lastIndexOf(": ") + 2);
      context.addIssue({ code: "custom", message: `not a regular expression: ${reason}` });
    }
  });

/** The name of a tree or of a child. */
export const idSchema: z.ZodString = z.string().max(64, "must have 64 characters at most").regex(
  /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/,
  {
    error: ({ input }) =>
      `${quote(String(input))} must be letters, digits, "_", "." and "-", not starting with "." or "-"`,
  },
);
