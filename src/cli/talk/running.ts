/**
 * Talks to a child of a running tree over its control socket.
 */

import type { ControlClient } from "../../control/client.ts";
import { ControlError } from "../../control/control_errors.ts";
import { JsonRpcError } from "../../sidecar/json_rpc/types.ts";
import { STOP_SIGNALS } from "../../launch/process_ends.ts";
import type { ExitCode } from "../verb.ts";
import { RemoteExchange } from "./calls/remote_exchange.ts";
import { type Carried, decodeCarried, encodeCarried } from "./carried.ts";
import type { AskedRef, Conversation } from "./conversation.ts";

/** Has `work` talk to the child at `path`; a signal ends the talk, and nothing else. The connection is closed. */
export async function talkRunning(
  { path, client }: { readonly path: string; readonly client: ControlClient },
  work: (conversation: Conversation) => Promise<ExitCode>,
): Promise<ExitCode> {
  const over = new AbortController();
  let isInterrupted = false;
  const onSignal = () => {
    isInterrupted = true;
    client.close();
  };
  for (const name of STOP_SIGNALS) Deno.addSignalListener(name, onSignal);
  void client.closed.then(() => over.abort());
  try {
    return await work({
      ref: refOver(client, path),
      exchange: ({ timeout }) => new RemoteExchange(client, { path, timeout }),
      signal: over.signal,
      tail: [],
      get isInterrupted() {
        return isInterrupted;
      },
    });
  } finally {
    for (const name of STOP_SIGNALS) Deno.removeSignalListener(name, onSignal);
    client.close();
  }
}

/** The address of a child behind a socket. */
function refOver(client: ControlClient, path: string): AskedRef {
  return {
    path,
    async ask(message, { timeout = Infinity, maxTotalTimeout = Infinity, ...wish } = {}) {
      const request = {
        method: "ask",
        child: path,
        ...encodeCarried(message),
        ...timeout !== Infinity && { timeout },
        ...maxTotalTimeout !== Infinity && { maxTotalTimeout },
        ...wish,
      };
      const items = client.stream<Carried>(request) as Items;
      const first = await next(items);
      if (first.done && !first.value?.many) return decodeCarried(first.value ?? {});
      return framesOf(first, items);
    },
  };
}

type Items = AsyncGenerator<Carried, Carried | undefined>;

async function* framesOf(
  first: IteratorResult<Carried, Carried | undefined>,
  items: Items,
): AsyncGenerator<unknown, void> {
  try {
    for (let at = first; !at.done; at = await next(items)) yield decodeCarried(at.value);
  } finally {
    await items.return(undefined);
  }
}

/** The next line; an error that the child answered with is one as of a child of our own. */
async function next(items: Items): Promise<IteratorResult<Carried, Carried | undefined>> {
  try {
    return await items.next();
  } catch (error) {
    const answer = error instanceof ControlError
      ? (error.data as { answer?: JsonRpcError } | undefined)?.answer
      : undefined;
    throw answer === undefined ? error : new JsonRpcError(answer.code, answer.message, answer.data);
  }
}
