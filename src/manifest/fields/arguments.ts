/**
 * The schema of the rules for arguments that are given at run time.
 *
 * @module
 */

import { z } from "zod";
import { MAX_ARGUMENTS } from "../templates/arguments.ts";
import { MAX_PATTERN, textSchema } from "./text.ts";
import { validator } from "./validator.ts";
import { typeName } from "../../text/words.ts";

const pattern = z.string().min(1, "must not be empty").max(
  MAX_PATTERN,
  `must have ${MAX_PATTERN} characters at most`,
).superRefine((source, context) => {
  const { problem } = validator(source);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

const argumentValidator = z.strictObject({
  validator: pattern.describe("A regular expression in RE2's syntax that the whole argument matches."),
  secret: z.boolean().prefault(false).describe("Whether the argument is never shown. Default false."),
});

/** The keys of a validator. */
export const VALIDATOR_KEYS: readonly string[] = Object.keys(argumentValidator.shape);

const rule = z.union([textSchema, argumentValidator], {
  error: ({ input }) => `expected a text, or an object with "validator", got ${typeName(input)}`,
});

/** A text or a validator for each argument, or `true`. */
export const argumentRules = z.union([
  z.literal(true),
  z.array(rule).max(MAX_ARGUMENTS, `must be ${MAX_ARGUMENTS} at most`),
], { error: ({ input }) => `expected true, or a list of texts and validators, got ${typeName(input)}` })
  .prefault([]).describe(
    "What the arguments given at its start may be: for each a text, or an object with a validator; or true for any. Default none.",
  );
