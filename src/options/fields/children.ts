/**
 * The options of the library's constructors for actors and supervisors.
 */

import { code, key, list, needed, optionTypes, shape, typed, whole, without, word } from "../build.ts";
import type { CodeField, Property, ShapeField } from "../field.ts";
import { unexpected } from "../call_options.ts";
import type { OptionError } from "../option_error.ts";
import { deliveryFields, mailboxField } from "./messages.ts";
import { restartExceptions, restartField } from "./restart.ts";
import { backoff, childFields, shutdown, supervisorFields } from "./supervision.ts";

const TIMES = 'Times are milliseconds, or texts such as `"10s"`.';

/** Options of every kind of child. */
export const codeChildFields: Record<string, Property> = {
  ...childFields,
  restart: {
    ...childFields.restart!,
    field: typed(
      restartField,
      "RestartTypeInput | RestartRulesInput",
      "RestartType | (RestartRules & { readonly on: RestartType })",
    ),
  },
  rules: key(
    typed(restartExceptions, `Omit<RestartRulesInput, "on"> | RestartRules`, "RestartRules"),
    "Exceptions from the restart type, by exit code and signal",
    { otherwise: "none" },
  ),
  shutdown: key(shutdown, "How long it may take to stop before it is ended by force"),
  backoff: key(backoff, "The pause before each restart", { otherwise: "none" }),
};

/** A mailbox, whose messages code may measure itself. */
export const codeMailbox: ShapeField = {
  ...mailboxField,
  fields: {
    ...mailboxField.fields,
    sizeOf: key(
      aFunction("(message: unknown) => number"),
      "How large a message is, where bytes are bounded",
      {
        otherwise: "the characters of a text, the bytes of bytes, 0 for anything else",
      },
    ),
  },
  types: optionTypes("MailboxOptions", "Options of a mailbox."),
};

/** The mailbox of an actor. */
export const mailboxProperty: Property = key(codeMailbox, "The bounded mailbox in front of it", {
  otherwise: ({ mailbox }) => `${mailbox.capacity} messages, and overflow ${mailbox.overflow}`,
});

/** The options of any child alone, for what is made of one. */
export const childOptions: ShapeField = shape(codeChildFields, {
  defaults: "actor",
  types: optionTypes("ChildOptions", `Options of every kind of child. ${TIMES}`),
});

/** The hint for the id of a child among its options. */
export const misplaced = { id: "the id is the first argument" };

/** Options of `actor`. */
export const actorOptions: ShapeField = shape({
  ...codeChildFields,
  ...deliveryFields,
  mailbox: mailboxProperty,
}, { defaults: "actor", misplaced, types: optionTypes("ActorOptions", `Options of an actor. ${TIMES}`) });

/** Options of `supervisor`. */
export const supervisorOptions: ShapeField = shape({ ...codeChildFields, ...supervisorFields }, {
  defaults: "supervisor",
  misplaced: { ...misplaced, children: "the children are the second argument" },
  types: optionTypes("SupervisorOptions", `Options of a supervisor. ${TIMES}`),
});

/** Options of `dynamicSupervisor`. */
export const dynamicSupervisorOptions: ShapeField = shape({
  ...codeChildFields,
  ...without(supervisorFields, "strategy", "onStartFailure", "autoShutdown"),
  maxChildren: key(
    whole(0, Number.MAX_SAFE_INTEGER, { isOpen: true }),
    "How many children it may have at a time",
    {
      otherwise: "no limit",
    },
  ),
  overflow: key(
    word(["refuse", "queue"]),
    "Whether a start beyond `maxChildren` is refused, or waits for its turn",
  ),
  maxQueued: key(whole(1, 100_000), "How many starts may wait for their turn; one more is refused"),
}, {
  defaults: "dynamicSupervisor",
  misplaced,
  types: optionTypes("DynamicSupervisorOptions", `Options of a dynamic supervisor. ${TIMES}`),
});

const CHILD = "a child, such as sidecar() or actor() makes";

/** Whether a value is what a constructor of a child makes. */
export function isChild(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "id") === "string" &&
    typeof Reflect.get(value, "start") === "function";
}

/** The error for a value that {@linkcode isChild} refuses: `what` can't be done with it. */
export function notAChild(what: string, value: unknown): OptionError {
  return unexpected(what, CHILD, value);
}

/** The children of a supervisor. */
export const childList: ShapeField = shape({
  children: needed(list(code(CHILD, "ChildSpec", isChild)), "In start order"),
});

/** A function. */
export function aFunction(type: string): CodeField {
  return code("a function", type, (value) => typeof value === "function");
}
