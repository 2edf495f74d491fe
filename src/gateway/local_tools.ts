/**
 * Tools of the gateway itself, beside those of its servers.
 */

import type { ListItem } from "./lists/catalog.ts";
import type { MessageParams } from "./messages.ts";

/** What the names of the gateway's own tools begin with; no server can have it as its name then. */
export const LOCAL_NAME = "outrider";

/** Tools of one's own. */
export interface LocalTools {
  /** As they are listed. */
  readonly items: readonly ListItem[];
  /** Whether there is one of that name. */
  has(name: string): boolean;
  /** Calls one; what goes wrong is a result with `isError`. */
  call(name: string, args: MessageParams): Promise<MessageParams>;
}
