/**
 * The options of a conversation: how it begins and ends, and where a reply of many frames does.
 */

import { any, filled, key, list, needed, shape, text, types, union } from "../build.ts";
import type { Property, ShapeField, UnionField } from "../field.ts";

const params: Property = key(
  union("an object or an array", [{ kind: "dict", key: /^/, keyMessage: "", of: any }, list(any)]),
  "Its params, an object or an array",
  { otherwise: "none" },
);
const notify: Property = needed(filled, "The method of a notification");
const request: Property = needed(filled, "The method of a request; the next step comes when it is answered");
const notification = shape({ notify, params }, { misplaced: { expect: "a notification has no answer" } });

const EXPECTED = `an object with "request" or "notify"`;

const helloStep: UnionField = union(EXPECTED, [
  notification,
  shape({
    request,
    params,
    expect: key(any, "What its result must be or, of an object, what it must have", {
      otherwise: "any result",
    }),
  }),
], {
  types: types("HelloStep", "HelloStep", "A step of the handshake with a JSON-RPC server."),
});

const goodbyeStep: UnionField = union(EXPECTED, [
  notification,
  shape({ request, params }, { misplaced: { expect: "a goodbye takes any answer" } }),
], {
  types: types("GoodbyeStep", "GoodbyeStep", "A step of the goodbye to a JSON-RPC server."),
});

const some = { min: 1, tooFew: "needs a step; leave it out where there is none" };

/** The handshake, in the start. */
export const hello: Property = key(
  list(helloStep, some),
  "For jsonrpc: the handshake, step by step; the sidecar is ready when it is done",
  { otherwise: "none", see: "#hello-and-goodbye" },
);

/** The goodbye, in the stop. */
export const goodbye: Property = key(
  list(goodbyeStep, some),
  "For jsonrpc: the goodbye, step by step, before stdin is closed",
  { otherwise: "none", see: "#hello-and-goodbye" },
);

const last: ShapeField = shape({
  field: needed(filled, "The field of a frame that tells"),
  equals: key({ kind: "scalar" }, "Its value in the last frame"),
}, { defaults: "last" });

/** The line that asks for a mark, of an `until` that was made by `untilMark`. */
export function markOf(until: unknown): string | undefined {
  return typeof until === "function" ? (until as { readonly mark?: string }).mark : undefined;
}

/** Why a line can't ask for a mark. */
export function markFault(line: string): string | undefined {
  if (/[\r\n]/.test(line)) return "must be one line";
  return line.includes("{mark}") ? undefined : "must have {mark} in it, in whose place the mark is sent";
}

/** Which frame ends a reply of many. */
export const until: UnionField = union(`an object with "end", "mark" or "last"`, [
  shape({
    end: needed(
      { ...text, patterns: [[/^[^\r\n]*$/, "must be one line"]] },
      "For lines: the line behind the last one of the reply; it is not part of it",
    ),
  }),
  shape({
    mark: needed(
      { ...text, fault: markFault },
      "For lines: what is sent behind each request, with {mark} in it; the line that ends with the mark ends the reply",
    ),
  }),
  shape({
    last: needed(last, "For JSON: the last frame is the one in which a field has that value"),
  }),
], { types: types("UntilInput", "UntilEntry", "Which frame ends a reply of many.") });
