/**
 * Decides on a message whose incarnation ended before it had handled it.
 *
 * The sender of a message may choose, and the actor's options hold for all others. What a program, or a handler, had
 * done by then is unknown: replay only messages that may be handled twice.
 */

import { OptionError } from "../actor_errors.ts";
import type { Delivery, DeliveryOptions, OnDeath } from "../../options/types.ts";
import { defaultNumber } from "../../options/presets.ts";

export type { Delivery, DeliveryOptions, OnDeath } from "../../options/types.ts";

/** The default number of incarnations that may have a replayed message. */
export const DEFAULT_ATTEMPTS: number = defaultNumber("actor", "attempts");

/** The keys of the options of a message. */
export const DELIVERY_KEYS: readonly (keyof DeliveryOptions)[] = ["onDeath", "attempts"];

/** Resolves the options of an actor. @throws {OptionError} they make no sense */
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

/** Decides on a message that `attempts` incarnations had before the one that ends. */
export function decideRedelivery(
  own: DeliveryOptions | undefined,
  actor: Delivery,
  attempts: number,
): OnDeath {
  const onDeath = own?.onDeath ?? actor.onDeath;
  if (onDeath !== "replay") return onDeath;
  return attempts + 1 < (own?.attempts ?? actor.attempts) ? "replay" : "fail";
}

/** A told message with its delivery options. Most go without: the message itself is queued. */
export class Tell {
  readonly message: unknown;
  readonly delivery: DeliveryOptions | undefined;
  /** How many incarnations had it and ended. */
  readonly attempts: number;
  /** Its sequence number, see {@linkcode Mailbox.taken}. */
  sequence = 0;
  /** Whether it was delivered, replayed or failed: that happens once. */
  isSettled = false;
  /** Brands each object of this class. */
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

  /** The item to queue for another attempt, after `more` incarnations. */
  again(more: 0 | 1): unknown {
    const { message, delivery } = this;
    const attempts = this.attempts + more;
    return delivery === undefined && attempts === 0 ? message : new Tell(message, delivery, attempts);
  }
}
