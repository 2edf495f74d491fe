/**
 * The options of what waits for an actor, and of what it had when it ended.
 */

import { duration, key, needed, shape, sizeField, types, union, whole, word } from "../build.ts";
import type { Property, ShapeField, UnionField, WordField } from "../field.ts";

/** Decides the fate of a message for which a mailbox has no room. */
const overflow: WordField = word(["wait", "drop-oldest", "drop-newest", "fail"], {
  types: types("Overflow", "Overflow", "What happens to a message for which there is no room."),
});

/** The bounded mailbox in front of an actor. */
export const mailboxField: ShapeField = shape({
  capacity: key(whole(1, 1_000_000), "Messages that it holds"),
  overflow: key(
    overflow,
    "When it is full: make the sender wait, drop the oldest or the newest message, or fail",
  ),
  bytes: key(sizeField(), "Bytes that it holds, as well; a larger message is let in alone", {
    otherwise: "no such limit",
  }),
}, {
  defaults: "mailbox",
  types: types("MailboxInput", "MailboxEntry", "A bounded mailbox."),
});

/** Decides the fate of messages whose incarnation ends. */
export const onDeath: WordField = word(["fail", "replay", "dead-letter"], {
  elsewhere: { "retry": "replay", "requeue": "replay", "drop": "dead-letter" },
  types: types(
    "OnDeath",
    "OnDeath",
    [
      "What happens to a message in flight when its incarnation ends.",
      "",
      "| word          | an ask                                                  | a tell                      |",
      "| ------------- | ------------------------------------------------------- | --------------------------- |",
      "| `fail`        | fails with an `IncarnationEndedError`                     | becomes a dead letter         |",
      "| `replay`      | goes to the next incarnation, before all that is queued   | the same                      |",
      "| `dead-letter` | fails, and its message becomes a dead letter as well      | becomes a dead letter         |",
    ].join("\n"),
  ),
});

/** Decides the fate of a request whose caller gives up. */
export const whenGivenUp: UnionField = union(`"finish", "cancel", or an object with "restart"`, [
  word(["finish", "cancel"]),
  shape({
    restart: needed(
      shape({ after: needed(duration(0), "How long the late reply may take from then on") }),
      "The sidecar is restarted if the late reply has not come by then",
    ),
  }),
], {
  types: types(
    "WhenGivenUpInput",
    "WhenGivenUp",
    "The fate of a request that a sidecar, or a copy of a pool, has when its caller gives up. `finish`: it keeps its place\n" +
      "until it is answered, as a program that works on one after the other is still busy with it. `cancel`: the sidecar\n" +
      "receives a cancellation (see `Reply.onGivenUp`; JSON-RPC sends one), and a pool gives it another. `restart`: as\n" +
      "`finish`, and a sidecar that has not answered in time is restarted, as one that hangs.",
  ),
});

/** An actor's defaults for messages without options of their own. */
export const deliveryFields: Record<string, Property> = {
  onDeath: key(onDeath, "What happens to a message that it had and had not answered when it ended", {
    see: "#ondeath",
  }),
  attempts: key(whole(1, 1_000_000), "How many incarnations may have a message that is replayed", {
    see: "#ondeath",
  }),
};

/** Options of a message, and of an actor for messages without their own. */
export const deliveryOptions: ShapeField = shape({
  onDeath: { ...deliveryFields.onDeath!, otherwise: "what the actor's options say, else fail" },
  attempts: { ...deliveryFields.attempts!, otherwise: "what the actor's options say, else 3" },
}, {
  defaults: "actor",
  types: types(
    "DeliveryOptions",
    "Delivery",
    "The fate of a message whose incarnation ends before it has handled it.",
  ),
});
