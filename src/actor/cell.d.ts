/**
 * The outline of `cell.ts`: its types without its code, which a program that uses the package need not type-check.
 * tests/public/outlines_test.ts holds it to the code.
 */

import type { Address } from "./address.ts";
import type { ActorSystem } from "./system.ts";
import type { Behavior } from "./behavior.ts";
import type { Delivery } from "./mailbox/delivery.ts";
import type { Incarnation } from "./incarnation.ts";

/** See `cell.ts`. */
export const Cell: new <Message, Value, Published>(
  behavior: Behavior<Message, Value, Published>,
  address: Address,
  options: { system: ActorSystem; cleanUp: number; delivery?: Delivery },
) => Incarnation;
