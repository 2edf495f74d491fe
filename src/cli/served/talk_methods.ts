/**
 * The methods `describe` and `ask`, by which `ask`, `call` and `pipe` talk to a child of the running tree.
 *
 * A message and a reply travel as JSON (`value`), or, where they are bytes, in base64 (`bytes`).
 */

import { JsonRpcError } from "../../sidecar/json_rpc/types.ts";
import { errorMessage, readField } from "../../actor/user_value.ts";
import { asError } from "../../actor/exit.ts";
import {
  BYTES_FIELD,
  CHILD_FIELD,
  type ControlMethods,
  countField,
  optional,
} from "../../control/methods/method.ts";
import { Refusal } from "../../control/commands.ts";
import type { Loaded } from "../../manifest/load.ts";
import type { System } from "../../supervision/tree.ts";
import { isExpected, isMany, reasonOf, stderrOf } from "../talk/answer.ts";
import { entryIn, mannersOf } from "../talk/partner.ts";
import { UsageError } from "../verb.ts";
import { askAround } from "../talk/calls/ask_around.ts";
import type { AskWish } from "../talk/conversation.ts";
import { decodeCarried, encodeCarried } from "../talk/carried.ts";

/** The methods that talk to the children of `manifest`, which `system` runs. */
export function talkMethods(
  system: System,
  loaded: Pick<Loaded, "manifest" | "ignored">,
): ControlMethods {
  return {
    describe: {
      fields: { child: CHILD_FIELD },
      answer: ({ child }) => mannersOf(entryOf(loaded, child as string)),
    },
    ask: {
      fields: {
        child: CHILD_FIELD,
        value: { takes: "a message", fits: () => true, isOptional: true },
        bytes: BYTES_FIELD,
        timeout: optional(countField(1)),
        resetTimeoutOnProgress: { takes: "true or false", fits: isBoolean, isOptional: true },
        maxTotalTimeout: optional(countField(1)),
        around: { takes: "notifications before and after it", fits: isAround, isOptional: true },
      },
      isAsk: true,
      async *stream(request, { signal }) {
        const { timeout = Infinity, resetTimeoutOnProgress, maxTotalTimeout, around } = request as AskWish;
        const wish = {
          timeout,
          signal,
          ...resetTimeoutOnProgress &&
            { resetTimeoutOnProgress, maxTotalTimeout: maxTotalTimeout ?? Infinity },
          ...around !== undefined && { around },
        };
        try {
          const ref = system.ref(request.child as string);
          const reply: unknown = await askAround(ref, decodeCarried(request), wish);
          if (!isMany(reply)) return encodeCarried(reply);
          for await (const frame of reply) yield encodeCarried(frame);
          return { many: true };
        } catch (error) {
          if (signal.aborted) return null;
          throw failureOf(error);
        }
      },
    },
  };
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isAround(value: unknown): boolean {
  return Array.isArray(readField(value, "before")) && Array.isArray(readField(value, "after"));
}

/** The entry of a child that can be talked to. @throws {Refusal} */
export function entryOf(
  loaded: Pick<Loaded, "manifest" | "ignored">,
  path: string,
): ReturnType<typeof entryIn> {
  try {
    return entryIn(loaded, path);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const isKnown = !error.message.startsWith("Cannot find the child");
    throw isKnown
      ? new Refusal("usage", error.message)
      : new Refusal("not_found", error.message, { child: path });
  }
}

/** Why there is no reply, for the caller; what is not about the child is thrown on. */
function failureOf(thrown: unknown): Refusal {
  const error = asError(thrown);
  const code = readField(error, "code");
  if (error instanceof JsonRpcError) {
    const { code, message, data } = error;
    return new Refusal("json_rpc_error", errorMessage(error), { answer: { code, message, data } });
  }
  if (!isExpected(error) || typeof code !== "string") throw error;
  return new Refusal(code, reasonOf(error), { tail: stderrOf(error) });
}
