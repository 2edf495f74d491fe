/**
 * What becomes of a message whose incarnation ended before it was done with it.
 *
 * Whoever sends a message may say so, and the actor has a word for all that don't. What a program, or a handler, had
 * done by then is unknown: only a message that may be handled twice can be replayed.
 *
 * @module
 */

import { OptionError } from "../actor_errors.ts";
import type { OnDeath } from "../../options/types.ts";
import { defaultNumber } from "../../options/presets.ts";

export type { OnDeath } from "../../options/types.ts";

/** How a message is delivered; what is left out, the actor's own options say. */
export interface DeliveryOptions {
  /** What happens when the incarnation that has it ends. Default: what the actor's options say, else `fail`. */
  readonly onDeath?: OnDeath | undefined;
  /**
   * How many incarnations may have it in all, where it is replayed; after the last one it fails. Default: what the
   * actor's options say, else {@linkcode DEFAULT_ATTEMPTS}.
   */
  readonly attempts?: number | undefined;
}

/** Incarnations that may have a message that is replayed, where nothing else is said. */
export const DEFAULT_ATTEMPTS: number = defaultNumber("actor", "attempts");

/** What an actor does with messages that say nothing themselves. */
export interface Delivery {
  readonly onDeath: OnDeath;
  readonly attempts: number;
}

/** The options of an actor, resolved. @throws {OptionError} they make no sense */
export function deliveryOf(options: DeliveryOptions): Delivery {
  const { onDeath = "fail", attempts = DEFAULT_ATTEMPTS } = checkedDelivery(options);
  return { onDeath, attempts };
}

/** A copy of the options of a message. @throws {OptionError} they make no sense */
export function checkedDelivery({ onDeath, attempts }: DeliveryOptions): DeliveryOptions {
  if (attempts !== undefined && !(Number.isSafeInteger(attempts) && attempts >= 1)) {
    throw new OptionError(
      `Cannot deliver a message: attempts must be a whole number from 1, got ${attempts}`,
    );
  }
  if (onDeath !== undefined && onDeath !== "fail" && onDeath !== "replay" && onDeath !== "dead-letter") {
    throw new OptionError(
      `Cannot deliver a message: onDeath is 'fail', 'replay' or 'dead-letter', got '${onDeath}'`,
    );
  }
  return { onDeath, attempts };
}

/** What happens now to a message that `had` incarnations had before the one that ends. */
export function decideRedelivery(
  own: DeliveryOptions | undefined,
  actor: Delivery,
  attempts: number,
): OnDeath {
  const onDeath = own?.onDeath ?? actor.onDeath;
  if (onDeath !== "replay") return onDeath;
  return attempts + 1 < (own?.attempts ?? actor.attempts) ? "replay" : "fail";
}

/** A message that nobody waits for, with what there is to know of it. Most go without: the message itself is queued. */
export class Tell {
  readonly message: unknown;
  readonly delivery: DeliveryOptions | undefined;
  /** How many incarnations had it and ended. */
  readonly attempts: number;
  /** When it was taken, see {@linkcode Mailbox.taken}. */
  sequence = 0;
  /** Whatever was to become of it has: who still holds it can't make it happen twice. */
  isSettled = false;
  /** Of every one of this class, and of nothing else. */
  readonly #isTell = true;

  /** Not `instanceof`: a message may be a proxy, which would be asked, and may throw. */
  static is(item: unknown): item is Tell {
    return typeof item === "object" && item !== null && #isTell in item;
  }

  constructor(message: unknown, delivery: DeliveryOptions | undefined, attempts = 0) {
    this.message = message;
    this.delivery = delivery;
    this.attempts = attempts;
  }

  /** What to queue when it is to be taken once more, `more` incarnations having had it since. */
  again(more: 0 | 1): unknown {
    const { message, delivery } = this;
    const attempts = this.attempts + more;
    return delivery === undefined && attempts === 0 ? message : new Tell(message, delivery, attempts);
  }
}
