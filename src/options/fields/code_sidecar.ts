/**
 * The options of the library's constructors for sidecars: those of a manifest, and what only code can say.
 */

import { code, key, optionTypes, shape, typed, union, without, word } from "../build.ts";
import { aFunction, codeChildFields, mailboxProperty, misplaced } from "./children.ts";
import type { DictField, Field, Property, ShapeField, UnionField } from "../field.ts";
import { deliveryFields } from "./messages.ts";
import { probes } from "./probes.ts";
import { env, launcherField } from "./program.ts";
import { CODEC_NAMES, pairing } from "./protocol.ts";
import { ready, sidecarFields } from "./sidecar.ts";
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
  {
    hints: {
      jsonrpc: "jsonrpc() makes that protocol",
      lsp: "lsp() of @outrider/outrider/actors/lsp makes such a sidecar",
      mcp: "mcp() of @outrider/outrider/actors/mcp makes such a sidecar",
    },
  },
);

const schemas: Field = code(
  "an object with schemas",
  "Schemas<Message, Value, Published>",
  (value) => typeof value === "object" && value !== null,
);

const manifestFields = sidecarFields({});

function inCode(key: string, change: Partial<Property>): Property {
  const { usual: _, ...property } = manifestFields[key]!;
  return { ...property, ...change };
}

/** The options that define the command of a sidecar. */
export const commandFields: Record<string, Property> = {
  command: inCode("command", { more: "A relative path is relative to `cwd`." }),
  args: inCode("args", {}),
  cwd: inCode("cwd", { otherwise: "the runtime's own" }),
  env: inCode("env", {
    field: typed(env, "Readonly<Record<string, EnvValue>>", "Readonly<Record<string, EnvValue>>"),
    otherwise: "none",
    more: "A relative path is relative to `cwd`. Values from files are shown as `***` in events and errors.",
  }),
  envFile: inCode("envFile", { more: "A relative path is relative to `cwd`." }),
  inheritEnv: inCode("inheritEnv", {}),
  launcher: inCode("launcher", {
    field: typed(launcherField, "readonly string[]", "readonly [string, ...string[]]"),
  }),
  pty: inCode("pty", {}),
  sha256: inCode("sha256", {}),
  uid: inCode("uid", {}),
  gid: inCode("gid", {}),
  user: inCode("user", {}),
  group: inCode("group", {}),
  nice: inCode("nice", {}),
  umask: inCode("umask", {}),
};

/** The options that define the command alone. */
export const commandOptions: ShapeField = shape(commandFields, {
  defaults: "sidecar",
  types: optionTypes(
    "CommandOptions",
    "The options that define the command.",
  ),
});

const conversationFields: Record<string, Property> = {
  protocol: key(typed(protocol, "P", "CodecName | Protocol"), "How stdin and stdout are cut into messages", {
    otherwise: "none: nothing is sent, and stdout is logged line by line",
  }),
  pairing: key(
    typed(pairing, "Way", "PairingWay"),
    "How a reply finds its request: by a field, in order, by a mark, or not at all",
    {
      otherwise: "by id for JSON, none for bytes, else in order; a protocol of your own says it itself",
      more: 'By a number in a field that goes out and comes back, `"id"` for `{ id: "id" }`.',
    },
  ),
  until: key(
    { ...aFunction("(frame: Frame) => Place"), output: "Until" },
    "Where a reply has many frames: which of them ends it",
    {
      otherwise: "a reply is one frame",
      more: "Then an ask is answered with an async iterable of them.",
    },
  ),
  schemas: key(
    { ...schemas, output: "Schemas<unknown, unknown, unknown>" },
    "Schemas of what is sent and received, such as zod's",
    {
      otherwise: "none",
      more:
        "The types of a ref follow from them. A message that does not fit is refused; a reply that does not fit fails " +
        "its ask; anything else is dropped, counted, reported.",
    },
  ),
};

/** What the types of a sidecar's address follow from. */
const parameters = {
  "Message = any": "what is sent",
  "Value = any": "what a frame of a reply is",
  "Published = any": "what subscribers get",
  "P = CodecName | Protocol | undefined": "the protocol, by name or as an object",
  'Way = PairingWay | "id" | undefined': "how replies are paired, where that is said",
  "Place = any": "what `until` says of a frame, where there is an `until`",
  "Frame = any": "what `until` is asked of",
};

/** The options for talking to a sidecar alone. */
export const conversationOptions: ShapeField = shape(conversationFields, {
  types: {
    ...optionTypes(
      "ConversationOptions",
      "The options for talking to a sidecar, from which the types of its address follow.",
      parameters,
    ),
  },
});

/** Options of `sidecar`. */
export const sidecarOptions: ShapeField = shape({
  ...without(manifestFields, "id", "start", "description", "log"),
  ...commandFields,
  ...without(codeChildFields, "shutdown"),
  ...deliveryFields,
  startWithin: inCode("startWithin", {}),
  backoff: inCode("backoff", {
    otherwise: ({ backoff }) =>
      `${backoff.initial}, and ${backoff.factor} times as long each time, up to ${backoff.max}`,
  }),
  maxInFlight: inCode("maxInFlight", { otherwise: "no limit but 65,536 pending requests" }),
  ready: inCode("ready", { field: typed(ready, "Ready", "ResolvedReady") }),
  probes: inCode("probes", {
    field: typed(probes, "Probes", "CheckedProbes"),
    more: "With `ready` as well, that comes first.",
  }),
  limits: inCode("limits", { more: "Needs to run `ps`." }),
  stop: inCode("stop", {
    more: "A step that is left out has its default; without a protocol, SIGTERM comes at once.",
  }),
  mailbox: mailboxProperty,
  ...conversationFields,
  spawn: key(
    aFunction("(command: Command, options?: SpawnOptions) => ChildProcess"),
    "What starts the process, and commands of probes; for tests without processes",
    { otherwise: "the tree's own, else the runtime's spawn" },
  ),
}, {
  defaults: "sidecar",
  misplaced,
  types: optionTypes(
    "SidecarOptions",
    'A program as a child. Times are milliseconds, or texts such as `"10s"`; sizes are bytes, or texts such as `"10MB"`.',
    parameters,
  ),
});

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
  refuse: key(aFunction("Refuse"), "Returns why a request is not sent"),
  outgoing: key(aFunction("Outgoing"), "Returns what is written in place of a message"),
  answered: key(aFunction("Answered"), "Returns what answers a request in place of its result"),
  unsent: key(aFunction("Unsent"), "Called with the messages that the next sidecar gets"),
  onNotification: key(aFunction("OnNotification"), "Called with each notification before the subscribers"),
});

/** Options of a server with a handshake: those of a sidecar but for its protocol, and `own`. */
export function serverOptions(own: Readonly<Record<string, Property>>): ShapeField {
  return shape({
    ...without(sidecarOptions.fields, "protocol", "pairing", "until", "schemas", "stdin"),
    handlers: key(methodHandlers, "Handlers of the server's requests, by method"),
    opened: key(aFunction("Opened"), "Called after each handshake, before anything else is sent"),
    ...own,
  }, { misplaced });
}
