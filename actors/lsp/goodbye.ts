/** The orderly end of a language server: `shutdown`, then `exit`. */

import type { JsonRpcPeer } from "@outrider/outrider/protocol";

/**
 * Over when the server has ended; the stop sequence waits no longer than it says. `exit` goes out in any case, before stdin
 * is closed: a server that is late with its answer to `shutdown` reads it then.
 */
export async function sayGoodbye(server: JsonRpcPeer, timeUp: AbortSignal): Promise<void> {
  let isSent = false;
  const exit = () => {
    if (!isSent) server.notify("exit");
    isSent = true;
  };
  timeUp.addEventListener("abort", exit, { once: true });
  try {
    await server.request("shutdown");
  } catch {
    if (server.signal.aborted) return;
    // One that was shut down before, by an ask, refuses, and some leave out a null result: `exit` is right all the same.
  }
  exit();
  await new Promise((resolve) => server.signal.addEventListener("abort", resolve, { once: true }));
}
