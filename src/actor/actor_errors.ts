/**
 * Errors between the sender of a message and its actor.
 *
 * Every error has a stable `code` to match on; messages are for people and may
 * change.
 */

import { causeOf, type Exit } from "./exit.ts";
import { innerMessage } from "./user_value.ts";
import { OutriderError } from "../outrider_error.ts";

export { OptionError } from "../options/option_error.ts";

/** The stable codes of {@linkcode ActorError}. */
export type ActorErrorCode =
  | "mailbox_full"
  | "message_dropped"
  | "actor_stopped"
  | "ask_timeout"
  | "incarnation_ended"
  | "unknown_actor"
  | "subscription_lagged"
  | "message_refused";

/** The class of every error that sending a message can end with. */
export abstract class ActorError extends OutriderError {
  /** Stable, for programs. */
  abstract override readonly code: ActorErrorCode;
  /** The path of the actor in the tree, such as `workers/w1`. */
  readonly path: string;

  /** For subclasses. */
  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** The mailbox took no more: policy `fail`, or too many senders waiting already. */
export class MailboxFullError extends ActorError {
  /** Stable, for programs. */
  override readonly code = "mailbox_full";
  /** The message that was refused. */
  readonly refused: unknown;

  /** `bytes` is the bound in bytes, if there is one; `waiting` says how many senders wait already, where the policy is `wait`. */
  constructor(
    path: string,
    refused: unknown,
    { capacity, bytes, waiting }: {
      capacity: number;
      bytes?: number | undefined;
      waiting?: number | undefined;
    },
  ) {
    const bounds = bytes === undefined ? `${capacity} messages` : `${capacity} messages, ${bytes} bytes`;
    super(
      path,
      waiting === undefined
        ? `Cannot send to '${path}': its mailbox is full (${bounds})`
        : `Cannot send to '${path}': its mailbox is full (${bounds}) and ${waiting} senders wait already; ` +
          "await the promise that tell returns before sending more",
    );
    this.refused = refused;
  }
}

/** An ask was dropped by the mailbox's policy before the actor saw it. */
export class MessageDroppedError extends ActorError {
  /** Stable, for programs. */
  override readonly code = "message_dropped";

  /** Made by the runtime. */
  constructor(path: string, policy: string) {
    super(path, `Cannot answer: the mailbox of '${path}' was full and dropped the message (${policy})`);
  }
}

/** Why an actor takes no messages: a clause, and the error that it tells of, if there is one. */
export type WhyStopped = string | { readonly why: string; readonly cause: Error };

/**
 * The actor has ended for good, or for a while; `cause` is why, if an error is: for an ask with `replay`, the end of the last
 * incarnation that had it.
 */
export class ActorStoppedError extends ActorError {
  /** Stable, for programs. */
  override readonly code = "actor_stopped";

  /** Made by the runtime. */
  constructor(path: string, stopped: WhyStopped, options?: ErrorOptions) {
    const { why, ...own } = typeof stopped === "string" ? { why: stopped } : stopped;
    super(path, `Cannot reach '${path}': ${why}`, options ?? own);
  }
}

/**
 * No reply, or no further frame of it, came within the time given to `ask`; `cause` is the end of the last incarnation that had it, where it was
 * replayed. Its `name` is `"TimeoutError"`, that of every timeout of the web.
 */
export class AskTimeoutError extends ActorError {
  /** Stable, for programs. */
  override readonly code = "ask_timeout";
  /** Milliseconds that the caller was ready to wait. */
  readonly timeout: number;
  /** The incarnation that had the message, counted from 1; 0 if none had it yet. */
  readonly generation: number;
  /** What the incarnation dropped since it had the message, such as a frame over the cap: one of these may be the reply. */
  readonly dropped: readonly string[];

  /** Made by the runtime. */
  constructor(
    path: string,
    timeout: number,
    { missing = "reply", generation = 0, cause, dropped = [], why }: {
      missing?: "reply" | "further frame" | "end of the reply";
      generation?: number;
      cause?: Error | undefined;
      dropped?: readonly string[] | undefined;
      why?: string | undefined;
    } = {},
  ) {
    const since = dropped.length === 0 ? "" : `; dropped since it was sent: ${dropped.join("; ")}`;
    const hint = why === undefined ? "" : `; ${why}`;
    super(
      path,
      `Cannot wait longer for '${path}': no ${missing} within ${timeout} ms${since}${hint}`,
      cause && { cause },
    );
    this.name = "TimeoutError";
    this.timeout = timeout;
    this.generation = generation;
    this.dropped = dropped;
  }
}

/** The incarnation that had the message ended before it answered; `cause` says of what. */
export class IncarnationEndedError extends ActorError {
  /** Stable, for programs. */
  override readonly code = "incarnation_ended";
  /** Which incarnation, counted from 1. */
  readonly generation: number;
  /** How it ended. */
  readonly exit: Exit;
  /** How many incarnations have had the message; more than 1 only where it was replayed. */
  readonly attempts: number;

  /** Made by the runtime. */
  constructor(path: string, generation: number, exit: Exit, attempts: number = 1) {
    const cause = causeOf(exit);
    const last = attempts > 1 ? `, the last of ${attempts} attempts` : "";
    super(
      path,
      `Cannot answer: '${path}' (generation ${generation}) ended before it replied${last}: ${
        cause === undefined ? exit.reason : innerMessage(cause)
      }`,
      { cause },
    );
    this.generation = generation;
    this.exit = exit;
    this.attempts = attempts;
  }
}

/** There is no actor of that path in the tree. */
export class UnknownActorError extends ActorError {
  /** Stable, for programs. */
  override readonly code = "unknown_actor";

  /** Made by the runtime. */
  constructor(path: string, known: readonly string[] | string) {
    const why = typeof known === "string" ? known : `the tree has ${known.join(", ") || "no actors"}`;
    super(path, `Cannot find an actor at '${path}': ${why}`);
  }
}

/** The actor takes no such message. */
export class MessageRefusedError extends ActorError {
  /** Stable, for programs. */
  override readonly code = "message_refused";

  /** `why` completes the sentence "Cannot ask 'clock': …". */
  constructor(path: string, why: string) {
    super(path, `Cannot ask '${path}': ${why}`);
  }
}

/** A publisher ran so far ahead of this subscriber that its buffer reached its hard limit. */
export class SubscriptionLaggedError extends ActorError {
  /** Stable, for programs. */
  override readonly code = "subscription_lagged";

  /** Made by the runtime. */
  constructor(path: string, limit: number, unit: "messages" | "bytes" = "messages") {
    super(path, `Cannot follow '${path}': ${limit} ${unit} lie unread and its publisher does not wait`);
  }
}
