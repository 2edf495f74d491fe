/**
 * A server of the Model Context Protocol as an actor, on stdin and stdout.
 *
 * The client's capabilities follow from the handlers that it is given, so no server is promised what nothing
 * answers.
 */

import {
  type ActorSpec,
  jsonrpc,
  type JsonValue,
  OutriderError,
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
import { checkOptions, code, filled, key, list, serverOptions } from "@outrider/outrider/options";

/** The revisions of the protocol that are spoken, newest first. */
export const MCP_VERSIONS: readonly string[] = ["2025-06-18", "2025-03-26", "2024-11-05"];

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
  readonly clientInfo?:
    | { readonly name: string; readonly version: string; readonly title?: string }
    | undefined;
  /** The revisions to speak, the preferred one first. Default {@linkcode MCP_VERSIONS}. */
  readonly versions?: readonly string[] | undefined;
  /**
   * Called after each handshake, before anything else is sent: the place to subscribe to resources again. The server is
   * ready when it is done; if it throws, the start fails.
   */
  readonly opened?: ((server: JsonRpcPeer, initialized: McpInitialized) => void | Promise<void>) | undefined;
}

/**
 * An MCP server as a child of a supervisor.
 *
 * Its start is the handshake: `initialize`, `notifications/initialized`, then `opened`. It fails if the server answers
 * with an error or with a revision that is not among `versions`, ends, or takes longer than `startWithin` (default: one
 * minute). The server's answer is also the answer to `ref.ask({ method: "initialize" })`. Its stop is the one of the
 * protocol: stdin is closed, then comes SIGTERM, then SIGKILL, with the milliseconds of the stop plan.
 *
 * `ask` sends a request, `tell` a notification; the server's notifications go to the subscribers. An abandoned ask is
 * cancelled. Errors are a `JsonRpcError`; a failed tool is not an error but a result with `isError`.
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
 * const params = { name: "get-sum", arguments: { a: 2, b: 3 } };
 * const { content } = await app.ref(tools).ask({ method: "tools/call", params });
 * console.log(content[0].text); // The sum of 2 and 3 is 5.
 * ```
 */
export function mcp(
  id: string,
  options: McpOptions,
  // deno-lint-ignore no-explicit-any -- the result's type depends on the method; the caller names it
): ActorSpec<JsonRpcCall | readonly JsonRpcCall[], any, JsonRpcNotification> {
  const { handlers = {}, capabilities, clientInfo = CLIENT, versions = MCP_VERSIONS, opened, ...rest } =
    checkOptions<McpOptions>(`Cannot make the MCP server '${id}'`, mcpOptions, options);
  const params = {
    protocolVersion: versions[0],
    capabilities: { ...declared(handlers), ...capabilities },
    clientInfo,
  };
  const answers = new WeakMap<JsonRpcPeer, JsonValue>();
  const protocol = jsonrpc({
    framing: "lines",
    dialect: MCP,
    handlers: { ping: () => ({}), ...handlers },
    known: ({ method }, server) => method === "initialize" ? answers.get(server) : undefined,
    async handshake(server) {
      const answer = await server.request("initialize", params);
      const initialized = checked(answer, versions);
      answers.set(server, answer);
      server.notify("notifications/initialized");
      await opened?.(server, initialized);
    },
  });
  const startWithin = rest.startWithin ?? HANDSHAKE_MS;
  return sidecar(id, { ...rest, startWithin, protocol: { ...protocol, name: "mcp" } });
}

const anObject = code("an object", "object", (value) => typeof value === "object" && value !== null);

const mcpOptions = serverOptions({
  capabilities: key(anObject, "What the client can do"),
  clientInfo: key(anObject, "The client's name and version"),
  versions: key(
    list(filled, { min: 1, tooFew: "needs at least one version" }),
    "The versions of the protocol",
  ),
});

function declared(handlers: Readonly<Record<string, JsonRpcHandler>>): Record<string, object> {
  const able = CAPABILITIES.filter(([method]) => Object.hasOwn(handlers, method));
  return Object.fromEntries(able.map(([, capability]) => [capability, {}]));
}

/** @throws {McpVersionError} */
function checked(answer: JsonValue, versions: readonly string[]): McpInitialized {
  const { protocolVersion } = (answer ?? {}) as { readonly protocolVersion?: JsonValue };
  if (versions.some((version) => version === protocolVersion)) return answer as unknown as McpInitialized;
  throw new McpVersionError(protocolVersion, versions);
}
