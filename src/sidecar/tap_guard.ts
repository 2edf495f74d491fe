/**
 * Protects a sidecar from errors of its observer.
 *
 * @module
 */

import { asError } from "../actor/exit.ts";
import type { Malformed } from "../process/framing/framing.ts";
import type { WritableData } from "../process/pipes/stdin.ts";
import type { ProtocolTap } from "./protocol.ts";

/** `tap`, until it throws: `note` is given a line that says so, and it is shown nothing more. */
export function guardedTap(tap: ProtocolTap, note: (line: string) => void): ProtocolTap {
  let isBroken = false;
  const broke = (thrown: unknown) => {
    if (!isBroken) note(`Cannot go on with the tap: ${asError(thrown).message}`);
    isBroken = true;
  };
  const tried = (look: () => void) => {
    if (isBroken) return;
    try {
      look();
    } catch (thrown) {
      broke(thrown);
    }
  };
  return {
    sent: (frame: WritableData) => tried(() => tap.sent(frame)),
    received: (message: unknown) => tried(() => tap.received(message)),
    malformed: (fault: Malformed) => tried(() => tap.malformed(fault)),
    async close() {
      try {
        await tap.close();
      } catch (thrown) {
        broke(thrown);
      }
    },
  };
}
