/**
 * The errors of actors and their mailboxes, explained.
 *
 * @module
 */

import type { ActorErrorCode } from "../../actor/actor_errors.ts";
import type { ExplainedCode } from "./entry.ts";

/** The codes of `ActorError`, and those of programming mistakes. */
export const ACTOR_ERRORS: Readonly<
  Record<ActorErrorCode | "invalid_option" | "thrown_value", ExplainedCode>
> = {
  mailbox_full: {
    classes: ["MailboxFullError"],
    what: "The actor's mailbox took no more, so the message was refused. A tell is a dead letter as well.",
    causes: [
      "messages come faster than the actor handles them",
      "a sidecar does not read its stdin",
      "`tell` is called in a loop and its promise is not awaited",
    ],
    remedy:
      "Await the promise that `tell` returns, ask less at a time, or run copies of the actor in a pool. A larger `mailbox.capacity` helps with bursts only.",
    example: "Cannot send to 'db': its mailbox is full (1000 messages)",
    fields: ["`path`: the actor", "`refused`: the message"],
  },
  message_dropped: {
    classes: ["MessageDroppedError"],
    what: "The mailbox was full, and its overflow policy dropped this ask before the actor saw it.",
    causes: [
      "messages come faster than the actor handles them, and `mailbox.overflow` is `drop-oldest` or `drop-newest`",
    ],
    remedy: "Set `mailbox.overflow` to `wait` where no ask may be lost, or ask again.",
    example: "Cannot answer: the mailbox of 'db' was full and dropped the message (drop-oldest)",
    fields: ["`path`: the actor"],
  },
  actor_stopped: {
    classes: ["ActorStoppedError"],
    what: "The actor has ended and is not started again by itself, so no message reaches it.",
    causes: [
      "it, or the supervisor above it, was stopped or gave up",
      "it ended for good, as its restart type allows",
      "it is held in quarantine",
    ],
    remedy:
      "See how it ended: in the timeline, in 'outrider status SOCKET', or in the cause. Start it again by hand, or correct its `restart`.",
    example: "Cannot reach 'db': it ended (crash) before it was ready",
    fields: ["`path`: the actor"],
  },
  ask_timeout: {
    classes: ["AskTimeoutError"],
    what:
      "No reply came within the time that the caller gave. The actor may still be at it; a reply that comes later is a dead letter.",
    causes: [
      "the actor takes longer than that, or waits for something itself",
      "the message still waits in the mailbox behind others",
      "a sidecar does not answer, or answers in another form than its protocol has",
    ],
    remedy:
      "Give a longer `timeout`, or look at what the actor does: `generation` 0 means that it has not begun with the message.",
    example: "Cannot wait longer for 'db': no reply within 5000 ms",
    fields: [
      "`path`: the actor",
      "`timeout`: in ms",
      "`generation`: which incarnation had it, 0 if none had",
    ],
  },
  incarnation_ended: {
    classes: ["IncarnationEndedError"],
    what:
      "The incarnation that had the message ended before it replied. Whether it did what was asked is not known. The cause says of what it ended.",
    causes: [
      "the process of the sidecar died, or the actor's handler threw",
      "it was stopped or restarted while it was at work",
    ],
    remedy:
      'Look at the cause. Ask again where doing it twice does no harm, or let the message be replayed: `"onDeath": "replay"`.',
    example: "Cannot answer: 'db' (generation 2) ended before it replied: killed",
    fields: [
      "`path`: the actor",
      "`generation`: which incarnation",
      "`exit`: how it ended",
      "`attempts`: how many incarnations have had the message",
    ],
  },
  unknown_actor: {
    classes: ["UnknownActorError"],
    what: "There is no actor at that path in the tree, or the spec stands at several places.",
    causes: ["a misspelt path", "the id without the supervisors above it: workers/w1, not w1"],
    remedy: "Use one of the paths that the message lists.",
    example: "Cannot find an actor at 'dbb': the tree has db, workers/w1",
    fields: ["`path`: as it was asked for"],
  },
  subscription_lagged: {
    classes: ["SubscriptionLaggedError"],
    what:
      "The publisher ran so far ahead of this subscriber that its buffer reached its hard limit. The subscription ends with this, behind what is unread.",
    causes: ["the reader of the subscription is slow, or has stopped reading without closing it"],
    remedy: "Read faster, close subscriptions that are not read, or subscribe with larger bounds.",
    example: "Cannot follow 'db': 262144 messages lie unread and its publisher does not wait",
    fields: ["`path`: the publisher"],
  },
  message_refused: {
    classes: ["MessageRefusedError"],
    what: "This actor takes no such message.",
    causes: [
      "an ask to a ticker, which takes none",
      "a message to a filter, which is given jobs with `runFilter`",
    ],
    remedy: "Send it to the actor that it is meant for.",
    example: "Cannot ask 'clock': a ticker takes no messages",
    fields: ["`path`: the actor"],
  },
  invalid_option: {
    classes: ["OptionError"],
    what:
      "An option or argument that was given in code can't be. The message names it and says what it takes.",
    causes: ["a number out of range, an id with a slash in it, or two options that exclude each other"],
    remedy: "Correct the call. Nothing was started or changed.",
    example: "Cannot make a mailbox for 'db': capacity must be a whole number from 1, got 0",
  },
  thrown_value: {
    classes: ["ThrownValueError"],
    what:
      "Something was thrown, or a promise rejected, with a value that is not an Error, or one whose message can't be read. The value is the cause.",
    causes: [
      'code such as throw "text", or reject() without a reason',
      "an error whose message is a getter that throws",
    ],
    remedy: "Throw an Error there: it has a stack that tells where.",
    example: "Cannot go on: undefined was thrown",
  },
};
