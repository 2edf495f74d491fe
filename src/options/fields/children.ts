/**
 * The options of the library's constructors for actors and supervisors.
 *
 * @module
 */

import { code, key, list, needed, shape, whole, without } from "../build.ts";
import type { CodeField, Property, ShapeField } from "../field.ts";
import { deliveryFields, mailboxField } from "./messages.ts";
import { backoff, childFields, restartExceptions, shutdown, supervisorFields } from "./supervision.ts";

/** Options of every kind of child. */
export const codeChildFields: Record<string, Property> = {
  ...childFields,
  rules: key(restartExceptions, "Exceptions from the restart type, by exit code and signal", {
    otherwise: "none",
  }),
  shutdown: key(shutdown, "How long it may take to stop before it is ended by force"),
  backoff: key(backoff, "The pause before each restart"),
};

/** A mailbox, whose messages code may measure itself. */
export const codeMailbox: ShapeField = {
  ...mailboxField,
  fields: {
    ...mailboxField.fields,
    sizeOf: key(aFunction("(message: unknown) => number"), "How large a message is, where bytes are bounded"),
  },
};

/** The hint for the id of a child among its options. */
export const misplaced = { id: "the id is the first argument" };

/** Options of `actor`. */
export const actorOptions: ShapeField = shape({
  ...codeChildFields,
  ...deliveryFields,
  mailbox: key(codeMailbox, "The bounded mailbox in front of it"),
}, { defaults: "actor", misplaced });

/** Options of `supervisor`. */
export const supervisorOptions: ShapeField = shape({ ...codeChildFields, ...supervisorFields }, {
  defaults: "supervisor",
  misplaced: { ...misplaced, children: "the children are the second argument" },
});

/** Options of `dynamicSupervisor`. */
export const dynamicSupervisorOptions: ShapeField = shape({
  ...codeChildFields,
  ...without(supervisorFields, "strategy", "autoShutdown"),
  maxChildren: key(
    whole(0, Number.MAX_SAFE_INTEGER, { isOpen: true }),
    "How many children it may have at a time",
    {
      otherwise: "no limit",
    },
  ),
}, { defaults: "dynamicSupervisor", misplaced });

/** The children of a supervisor. */
export const childList: ShapeField = shape({
  children: needed(
    list(code(
      "a child, such as sidecar() or actor() makes",
      "ChildSpec",
      (value) =>
        typeof value === "object" && value !== null && typeof Reflect.get(value, "id") === "string" &&
        typeof Reflect.get(value, "start") === "function",
    )),
    "In start order",
  ),
});

/** A function. */
export function aFunction(type: string): CodeField {
  return code("a function", type, (value) => typeof value === "function");
}
