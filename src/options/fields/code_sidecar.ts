/**
 * The options of the library's constructors for sidecars and pools: those of a manifest, and what only code can say.
 *
 * @module
 */

import { code, key, shape, union, without, word } from "../build.ts";
import { aFunction, codeChildFields, codeMailbox, misplaced } from "./children.ts";
import type { DictField, Field, Property, ShapeField, UnionField } from "../field.ts";
import { deliveryFields } from "./messages.ts";
import { copyCountFields, routing, sizeFaults, spreadFields } from "./pool.ts";
import { CODEC_NAMES, pairing } from "./protocol.ts";
import { sidecarFields } from "./sidecar.ts";
import { intensity, onLimit } from "./supervision.ts";
import { quoteChoices } from "../../text/words.ts";

const protocol: UnionField = union(
  `${quoteChoices(CODEC_NAMES)}, or a protocol such as jsonrpc() makes`,
  [
    word(CODEC_NAMES, {
      elsewhere: {
        "json": "ndjson",
        "jsonl": "ndjson",
        "json-lines": "ndjson",
        "text": "lines",
        "raw": "bytes",
      },
    }),
    code(
      "a protocol",
      "Protocol",
      (value) => typeof value === "object" && value !== null && "codec" in value && "pairing" in value,
    ),
  ],
);

const schemas: Field = code(
  "an object with schemas",
  "Schemas",
  (value) => typeof value === "object" && value !== null,
);

const manifestFields = sidecarFields({});

/** The options that define the command of a sidecar. */
export const commandFields: Record<string, Property> = Object.fromEntries(
  ["command", "args", "cwd", "env", "inheritEnv", "launcher", "sha256", "uid", "gid"].map((key) => {
    const { usual: _, ...property } = manifestFields[key]!;
    return [key, property];
  }),
);

/** Options of `sidecar`. */
export const sidecarOptions: ShapeField = shape({
  ...without(manifestFields, "id"),
  ...commandFields,
  ...without(codeChildFields, "shutdown"),
  ...deliveryFields,
  mailbox: key(codeMailbox, "The bounded mailbox in front of it"),
  protocol: key(protocol, "How stdin and stdout are cut into messages"),
  pairing: key(pairing, "How a reply finds its request"),
  until: key(aFunction("Until"), "Where a reply has many frames: which of them ends it"),
  schemas: key(schemas, "Schemas of what is sent and received"),
  spawn: key(aFunction("Spawn"), "What starts the process"),
}, { defaults: "sidecar", misplaced });

/** Functions by the method that they answer. */
export const methodHandlers: DictField = {
  kind: "dict",
  key: /^/,
  keyMessage: "",
  of: aFunction("JsonRpcHandler"),
};

/** Options of `jsonrpc`. */
export const jsonRpcOptions: ShapeField = shape({
  framing: key(word(["lines", "headers"]), "One message a line, or behind Content-Length headers"),
  dialect: key(
    code(
      "a dialect, such as LSP or MCP",
      "JsonRpcDialect",
      (value) => typeof value === "object" && value !== null,
    ),
    "How requests are cancelled and progress is reported",
  ),
  handlers: key(methodHandlers, "Handlers of the sidecar's requests, by method"),
  handshake: key(aFunction("Handshake"), "The handshake; the sidecar is ready when it is fulfilled"),
  requestShutdown: key(aFunction("RequestShutdown"), "The orderly goodbye, before stdin is closed"),
  known: key(aFunction("Known"), "Answers a call without the sidecar"),
  onNotification: key(aFunction("OnNotification"), "Called with each notification before the subscribers"),
});

/** Options of a server with a handshake: those of a sidecar but for its protocol, and `own`. */
export function serverOptions(own: Readonly<Record<string, Property>>): ShapeField {
  return shape({
    ...without(sidecarOptions.fields, "protocol", "pairing", "until", "schemas"),
    handlers: key(methodHandlers, "Handlers of the server's requests, by method"),
    opened: key(aFunction("Opened"), "Called after each handshake, before anything else is sent"),
    ...own,
  }, { misplaced });
}

/** Options of `pool`. */
export const poolOptions: ShapeField = shape({
  ...codeChildFields,
  ...deliveryFields,
  ...copyCountFields,
  ...spreadFields,
  routing: key(
    union(routing.expected, [
      ...routing.of.map((branch) =>
        branch.kind === "shape"
          ? {
            ...branch,
            fields: { ...branch.fields, key: key(aFunction("(message: unknown) => string"), "Its key") },
          }
          : branch
      ),
    ]),
    "Which copy gets a message",
  ),
  mailbox: key(codeMailbox, "The queue that all copies share"),
  intensity: key(intensity, "Restarts of all copies together"),
  onLimit: key(onLimit, "What happens at the limit of the intensity"),
}, { defaults: "pool", rule: sizeFaults, misplaced });
