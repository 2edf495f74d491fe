import { assertEquals, assertInstanceOf } from "@std/assert";
import * as errors from "../../src/actor/actor_errors.ts";

const cause = new Error("boom");
const table: readonly [errors.ActorError, string, string, string][] = [
  [
    new errors.MailboxFullError("a", 1, { capacity: 8 }),
    "MailboxFullError",
    "mailbox_full",
    "Cannot send to 'a': its mailbox is full (8 messages)",
  ],
  [
    new errors.MessageDroppedError("a", "drop-oldest"),
    "MessageDroppedError",
    "message_dropped",
    "Cannot answer: the mailbox of 'a' was full and dropped the message (drop-oldest)",
  ],
  [
    new errors.ActorStoppedError("a", "it is over"),
    "ActorStoppedError",
    "actor_stopped",
    "Cannot reach 'a': it is over",
  ],
  [
    new errors.AskTimeoutError("a", 5),
    "TimeoutError",
    "ask_timeout",
    "Cannot wait longer for 'a': no reply within 5 ms",
  ],
  [
    new errors.IncarnationEndedError("a", 3, { reason: "crash", cause }),
    "IncarnationEndedError",
    "incarnation_ended",
    "Cannot answer: 'a' (generation 3) ended before it replied: boom",
  ],
  [
    new errors.UnknownActorError("x", ["a", "b/c"]),
    "UnknownActorError",
    "unknown_actor",
    "Cannot find an actor at 'x': the tree has a, b/c",
  ],
  [
    new errors.SubscriptionLaggedError("a", 9),
    "SubscriptionLaggedError",
    "subscription_lagged",
    "Cannot follow 'a': 9 messages lie unread and its publisher does not wait",
  ],
];

for (const [error, name, code, message] of table) {
  Deno.test(`${name} has a stable code and names actor and reason when it is made`, () => {
    assertInstanceOf(error, errors.ActorError);
    assertEquals([error.name, error.code, error.message], [name, code, message]);
    assertEquals(error.path, name === "UnknownActorError" ? "x" : "a");
  });
}

Deno.test("an IncarnationEndedError names the reason when there is no cause", () => {
  const error = new errors.IncarnationEndedError("a", 1, { reason: "killed", abandoned: true });
  assertEquals([error.message.endsWith(": killed"), error.cause], [true, undefined]);
});

Deno.test("an UnknownActorError says so when the tree has no actors", () => {
  assertEquals(
    new errors.UnknownActorError("x", []).message,
    "Cannot find an actor at 'x': the tree has no actors",
  );
});
