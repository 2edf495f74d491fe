/**
 * The methods `exchange` and `send`, by which `pipe` talks in calls to a child of the running tree: the first brings what
 * comes back, the second sends.
 */

import { Refusal } from "../../control/commands.ts";
import { CHILD_FIELD, type ControlMethods, countField, optional } from "../../control/methods/method.ts";
import { readField } from "../../actor/user_value.ts";
import type { Loaded } from "../../manifest/load.ts";
import type { System } from "../../supervision/tree.ts";
import { isExpected, reasonOf } from "../talk/answer.ts";
import { type ExchangedCall, LocalExchange } from "../talk/calls/exchange.ts";
import { mannersOf } from "../talk/partner.ts";
import { messageKindOf } from "../talk/wire.ts";
import { entryOf } from "./talk_methods.ts";

/** The methods that talk in calls to the children of `manifest`, which `system` runs. */
export function exchangeMethods(
  system: System,
  loaded: Pick<Loaded, "manifest" | "ignored">,
): ControlMethods {
  const open = new Map<number, LocalExchange>();
  let opened = 0;
  return {
    exchange: {
      fields: { child: CHILD_FIELD, timeout: optional(countField(1)) },
      async *stream(request, { signal }) {
        const { child, timeout = Infinity } = request as { child: string; timeout?: number };
        if (messageKindOf(mannersOf(entryOf(loaded, child)).protocol) !== "calls") {
          throw new Refusal("usage", `Cannot talk in calls to '${child}': its protocol is not JSON-RPC`);
        }
        const exchange = new LocalExchange(system.ref(child), { timeout, explain: reasonOf });
        const number = ++opened;
        open.set(number, exchange);
        const close = () => exchange.close();
        signal.addEventListener("abort", close);
        try {
          yield { exchange: number };
          yield* exchange.received;
          return null;
        } finally {
          signal.removeEventListener("abort", close);
          open.delete(number);
          exchange.close();
        }
      },
    },
    send: {
      fields: {
        exchange: countField(1),
        call: { takes: "a call, with its number", fits: isCall, isOptional: true },
        cancel: optional(countField(1)),
      },
      async perform({ exchange: number, call, cancel }) {
        const exchange = open.get(number as number);
        if (exchange === undefined) throw new Refusal("no_process", "Cannot send: the exchange is over");
        if (cancel !== undefined) exchange.cancel(cancel as number);
        try {
          if (call !== undefined) await exchange.send(call as ExchangedCall);
          return null;
        } catch (error) {
          const code = readField(error, "code");
          if (!isExpected(error) || typeof code !== "string") throw error;
          throw new Refusal(code, reasonOf(error));
        }
      },
    },
  };
}

function isCall(value: unknown): boolean {
  return Number.isSafeInteger(readField(value, "number")) && typeof readField(value, "method") === "string" &&
    typeof readField(value, "isRequest") === "boolean";
}
