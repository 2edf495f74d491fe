/**
 * A server of the Model Context Protocol as an actor, on stdin and stdout.
 *
 * The client's capabilities follow from the handlers that it is given, so no server is promised what nothing
 * answers.
 */

import {
  type ActorSpec,
  type AskOptions,
  jsonrpc,
  type Protocol,
  sidecar,
  type SidecarOptions,
} from "@outrider/outrider";
import {
  HANDSHAKE_MS,
  type JsonRpcCall,
  type JsonRpcHandler,
  type JsonRpcNotification,
  type JsonRpcPeer,
  MCP,
} from "@outrider/outrider/protocol";
import { aFunction, checkOptions, code, key, serverFields, serverOptions } from "@outrider/outrider/options";
import { ChildMemories } from "../session/child_memories.ts";
import {
  agree,
  envelope,
  inEnvelope,
  isModern,
  type McpClientInfo,
  type McpInitialized,
} from "./handshake.ts";
import { fulfil, isInputRequired } from "./input_required.ts";
import { McpSubscriptions } from "./subscriptions.ts";
import {
  callTool,
  listTools,
  type McpCallOptions,
  type McpRef,
  type McpTool,
  type McpToolResult,
} from "./tools.ts";

/**
 * The revisions of the protocol that are spoken, in the order in which they are preferred. A server that speaks both eras
 * is spoken with in the one of `initialize`, as every server knows that.
 */
export const MCP_VERSIONS: readonly string[] = [
  "2025-11-25",
  "2025-06-18",
  "2025-03-26",
  "2024-11-05",
  "2026-07-28",
];

/** The client's name and version, as servers see them. */
const CLIENT = { name: "outrider", version: "0.1.0" };

/** The client's capabilities, by the method of the request that uses each. */
const CAPABILITIES: readonly (readonly [method: string, capability: string])[] = [
  ["sampling/createMessage", "sampling"],
  ["roots/list", "roots"],
  ["elicitation/create", "elicitation"],
];

/** Options of {@linkcode mcp}: those of a sidecar, and the handshake's. */
export interface McpOptions extends Omit<SidecarOptions, "protocol" | "pairing" | "until" | "schemas"> {
  /**
   * Handlers of the server's requests, by method. `sampling/createMessage`, `roots/list` and `elicitation/create` are
   * declared as capabilities if they are here. `ping` is answered anyway.
   */
  readonly handlers?: Readonly<Record<string, JsonRpcHandler>> | undefined;
  /** Further capabilities of the client, such as `{ roots: { listChanged: true } }`. Default: nothing. */
  readonly capabilities?: Readonly<Record<string, object>> | undefined;
  /** The client's name and version. Default: Outrider's. */
  readonly clientInfo?: McpClientInfo | undefined;
  /** The revisions to speak, the preferred one first. Default {@linkcode MCP_VERSIONS}. */
  readonly versions?: readonly string[] | undefined;
  /** Changes the protocol, as a tap does: `protocol: (usual) => tap(usual, "mcp.log")`. */
  readonly protocol?: ((usual: Protocol) => Protocol) | undefined;
  /**
   * Called after each handshake, before anything else is sent. The server is ready when it is done; if it throws, the
   * start fails.
   */
  readonly opened?: ((server: JsonRpcPeer, initialized: McpInitialized) => void | Promise<void>) | undefined;
}

/** An MCP server as a child of a supervisor. */
export interface McpSpec extends
  // deno-lint-ignore no-explicit-any -- the result's type depends on the method; the caller names it
  ActorSpec<JsonRpcCall | readonly JsonRpcCall[], any, JsonRpcNotification> {
  /**
   * All of its tools: `tools.tools(app.ref(tools))`.
   *
   * @throws {McpPagesError} the list does not end
   */
  tools<Tool = McpTool>(ref: McpRef, options?: AskOptions): Promise<Tool[]>;
  /** Calls a tool. That it failed is a result, with `isError`. @throws {JsonRpcError} the call itself was refused */
  call<Result = McpToolResult>(
    ref: McpRef,
    call: { readonly name: string; readonly arguments?: Readonly<Record<string, unknown>> | undefined },
    options?: McpCallOptions,
  ): Promise<Result>;
}

/**
 * An MCP server as a child of a supervisor, and its client.
 *
 * Its start is the handshake: `initialize` and `notifications/initialized`, or `server/discover` from revision 2026-07-28
 * on; then the level of logs and the subscriptions to resources that an earlier process of it had, then `opened`. It fails
 * if the server answers with an error or with a revision that is not among `versions`, ends, or takes longer than
 * `startWithin` (default: one minute). What was agreed is the answer to `ref.ask({ method: "initialize" })`. Its stop is
 * the one of the protocol: stdin is closed, then comes SIGTERM, then SIGKILL, with the milliseconds of the stop plan.
 *
 * `ask` sends a request, `tell` a notification; the server's notifications go to the subscribers. An abandoned ask is
 * cancelled. Errors are a `JsonRpcError`; a failed tool is not an error but a result with `isError`. A result that asks for
 * input is answered by the `handlers`, and the request made again.
 *
 * @example
 * ```ts
 * import { launch } from "@outrider/outrider";
 * import { mcp } from "@outrider/outrider/actors/mcp";
 *
 * const deno = ["run", "-A", "--quiet", "--no-config", "--lock=examples/mcp/server.lock"];
 * const tools = mcp("tools", {
 *   command: Deno.execPath(),
 *   args: [...deno, "npm:@modelcontextprotocol/server-everything@2026.8.31"],
 *   inheritEnv: ["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS"], // where Deno keeps packages
 *   stop: { drain: 0, stdin: 0, term: 5_000 }, // this server does not mind that its stdin is closed
 * });
 * await using app = await launch(tools);
 * const ref = app.ref(tools);
 * console.log((await tools.tools(ref)).map(({ name }) => name).includes("get-sum")); // true
 * const { content } = await tools.call(ref, { name: "get-sum", arguments: { a: 2, b: 3 } });
 * console.log(content); // [ { type: "text", text: "The sum of 2 and 3 is 5." } ]
 * ```
 */
export function mcp(id: string, options: McpOptions): McpSpec {
  const {
    handlers = {},
    capabilities,
    clientInfo = CLIENT,
    versions = MCP_VERSIONS,
    protocol: changed,
    opened,
    ...rest
  } = checkOptions<McpOptions>(`Cannot make the MCP server '${id}'`, mcpOptions, options);
  const client = { versions, capabilities: { ...declared(handlers), ...capabilities }, clientInfo };
  const agreed = new WeakMap<JsonRpcPeer, McpInitialized>();
  const memories = new ChildMemories(() => new McpSubscriptions());
  const protocol = jsonrpc({
    framing: "lines",
    dialect: MCP,
    handlers: { ping: () => ({}), ...handlers },
    // deno-lint-ignore no-explicit-any -- what was agreed came as JSON
    known: ({ method }, server) => method === "initialize" ? agreed.get(server) as any : undefined,
    outgoing(call, server) {
      const version = agreed.get(server)?.protocolVersion;
      if (version === undefined || !isModern(version) || call.method.startsWith("notifications/")) {
        return call;
      }
      return { ...call, params: inEnvelope(call.params, envelope(version, client)) };
    },
    answered(result, call, server, isWanted) {
      if (isInputRequired(result)) return fulfil(result, { call, server, handlers, isWanted });
      memories.of(server).settled(call);
    },
    async handshake(server) {
      const initialized = await agree(server, client);
      agreed.set(server, initialized);
      for (const refused of await memories.begin(server).restore(server)) {
        server.note(`Started again without ${refused}`, "warn");
      }
      await opened?.(server, initialized);
    },
  });
  const startWithin = rest.startWithin ?? HANDSHAKE_MS;
  const usual: Protocol = { ...protocol, name: "mcp" };
  return {
    ...sidecar(id, { ...rest, startWithin, protocol: changed?.(usual) ?? usual }),
    tools: listTools,
    call: callTool,
  } as McpSpec;
}

const anObject = code("an object", "object", (value) => typeof value === "object" && value !== null);

const mcpOptions = serverOptions({
  ...serverFields("mcp"),
  capabilities: key(anObject, "What the client can do"),
  clientInfo: key(anObject, "The client's name and version"),
  protocol: key(aFunction("(usual: Protocol) => Protocol"), "Changes the protocol, as a tap does"),
});

function declared(handlers: Readonly<Record<string, JsonRpcHandler>>): Record<string, object> {
  const able = CAPABILITIES.filter(([method]) => Object.hasOwn(handlers, method));
  return Object.fromEntries(able.map(([, capability]) => [capability, {}]));
}
