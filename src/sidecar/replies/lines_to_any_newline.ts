/**
 * The protocol `lines` with another end of line. It stands apart, as it loads its codec, which a program without
 * sidecars does not need.
 */

import { linesToAnyEnd } from "../../process/codecs/lines.ts";
import type { Protocol } from "../protocol.ts";

/** The protocol `lines`, where a `\r` alone ends a line as well: progress that a program writes over itself. */
export const linesToAnyNewline: Protocol<string, string, string> = {
  name: "lines",
  codec: linesToAnyEnd,
  pairing: "in-order",
};
