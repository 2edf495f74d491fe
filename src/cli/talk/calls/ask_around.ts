/**
 * An ask with notifications before and after it, such as those that open and close a document.
 *
 * Used by the verbs, and by a runtime for them: there what follows is sent also when its client is gone.
 */

import type { AnyRef } from "../../../actor/ref.ts";
import type { AskWish } from "../conversation.ts";

/** Asks; what comes after is sent whatever becomes of the ask. Rejects as the ask does. */
export async function askAround(
  ref: AnyRef,
  message: unknown,
  { around, ...options }: AskWish & { readonly signal?: AbortSignal },
): Promise<unknown> {
  if (around === undefined) return await ref.ask(message, options);
  for (const notification of around.before) await ref.tell(notification);
  try {
    return await ref.ask(message, options);
  } finally {
    for (const notification of around.after) void ref.tell(notification);
  }
}
