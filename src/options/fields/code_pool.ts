/**
 * The options of `pool`: those of a manifest, and what only code can say. Apart from those of sidecars, as most programs
 * load these and have no pool.
 *
 * @module
 */

import { key, optionTypes, shape, typed, union } from "../build.ts";
import { aFunction, codeChildFields, mailboxProperty, misplaced } from "./children.ts";
import type { ShapeField } from "../field.ts";
import { deliveryFields } from "./messages.ts";
import { copyCountFields, routing, sizeFaults, spreadFields } from "./pool.ts";
import { intensity, intensityText, onLimit } from "./supervision.ts";

/** Options of `pool`. */
export const poolOptions: ShapeField = shape({
  ...codeChildFields,
  ...deliveryFields,
  onDeath: { ...deliveryFields.onDeath!, otherwise: "what the options of a copy say" },
  attempts: { ...deliveryFields.attempts!, otherwise: "what the options of a copy say" },
  ...copyCountFields,
  ...spreadFields,
  perCopy: { ...spreadFields.perCopy!, more: "A crash costs so many." },
  routing: {
    ...spreadFields.routing!,
    field: typed(
      union(
        routing.expected,
        routing.of.map((branch) =>
          branch.kind === "shape"
            ? {
              ...branch,
              fields: { ...branch.fields, key: key(aFunction("(message: unknown) => string"), "Its key") },
            }
            : branch
        ),
      ),
      "Routing",
      "Routing",
    ),
  },
  mailbox: { ...mailboxProperty, says: "The queue that all copies share" },
  intensity: key(intensity, "Restarts of all copies together", { otherwise: intensityText }),
  onLimit: key(onLimit, "When there would be more: `escalate`, it gives up; or the copy is held back"),
}, {
  defaults: "pool",
  rule: sizeFaults,
  misplaced,
  types: optionTypes("PoolOptions", "Options of {@linkcode pool}; those of a child are the pool's own."),
});
