/**
 * The schemas of what confines a program: who it runs as, what starts it, which file it has to be, what it may use.
 *
 * @module
 */

import { z } from "zod";
import { filledTextSchema, textSchema } from "./text.ts";
import { durationSchema, memorySchema } from "./units.ts";

/** What the program is started by. */
export const launcherSchema = z.tuple([filledTextSchema], textSchema).optional().describe(
  `A program with its arguments that starts this one, such as ["nice", "-n", "10"]. Default none.`,
);

/** What its file has to be. */
export const sha256Schema = z.string().regex(/^[0-9A-Fa-f]{64}$/, "a SHA-256 must be 64 hexadecimal digits")
  .optional()
  .describe("The SHA-256 of the program's file; it is run only while it has that. Default not checked.");

const number = z.int().min(0).max(2 ** 32 - 2);

/** Who it runs as. */
export const uidSchema = number.optional().describe(
  "The user to run as, by number; only root may. Default the runtime's.",
);

/** The same, of groups. */
export const gidSchema = number.optional().describe(
  "The group to run as, by number; only root may. Default the runtime's.",
);

/** The keys of `limits`. */
export const limitsObject = z.strictObject({
  memory: memorySchema().optional().describe("Memory in RAM: a size, or bytes. Default no limit."),
  cpu: z.number().min(0.001).max(100_000).optional().describe(
    "Processors, on average: 1.5 is one and a half. Default no limit.",
  ),
  for: durationSchema(1_000, 600_000).prefault("5s").describe(
    "For how long it may be over: a duration, or ms, 1s to 10m. Default 5s.",
  ),
});

/** What it may use, with all that it started. */
export const limitsSchema = limitsObject.optional().describe(
  "What it may use, with all that it started, as memory or cpu or both; over that for too long, it is restarted. Default no limits.",
);
