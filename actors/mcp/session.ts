/**
 * A session of MCP for the official SDK's client, or any other that speaks through a transport of its shape: the server
 * is supervised, and the session outlives its processes.
 *
 * No dependency on the SDK: the transport has the shape of its `Transport`.
 */

import type { ActorSpec, Protocol, SidecarOptions } from "@outrider/outrider";
import { asError } from "@outrider/outrider/actor";
import { MCP } from "@outrider/outrider/protocol";
import {
  aFunction,
  checkOptions,
  filled,
  key,
  list,
  serverOptions,
  shape,
  without,
} from "@outrider/outrider/options";
import { Session } from "../session/session.ts";
import { sessionSpec } from "../session/spec.ts";
import { type JsonRpcMessage, SessionOverError, type SessionRef } from "../session/types.ts";
import { McpMemory } from "./memory.ts";

/** Options of {@linkcode mcpSession}: those of a sidecar, and these. */
export interface McpSessionOptions
  extends Omit<SidecarOptions, "protocol" | "pairing" | "until" | "schemas" | "stdin"> {
  /**
   * What may be done twice, so that it is sent to the next process where its own has ended: requests by method, calls by
   * tool. A server's own `idempotentHint` is not believed. Default: nothing.
   */
  readonly idempotent?: {
    /** Such as `tools/list`. */
    readonly methods?: readonly string[] | undefined;
    /** Names of tools. */
    readonly tools?: readonly string[] | undefined;
  } | undefined;
  /** Changes the protocol, as a tap does: `protocol: (usual) => tap(usual, "mcp.log")`. */
  readonly protocol?: ((usual: Protocol) => Protocol) | undefined;
}

/** The spec of a session's child. */
export interface McpSession extends ActorSpec<JsonRpcMessage, void, JsonRpcMessage> {
  /**
   * The transport for one client, on the child that `ref` is of: `client.connect(files.transport(app.ref(files)))`.
   * When that client has closed, another may have one.
   */
  transport(ref: SessionRef): McpTransport;
}

/** The shape of the SDK's `Transport`. */
export interface McpTransport {
  /** Begins. @throws {OptionError} the session has a client */
  start(): Promise<void>;
  /** Sends a message of JSON-RPC; fulfilled when it was taken. */
  send(message: object): Promise<void>;
  /** Ends the client's part: the process ends in order, and another client finds a new one. */
  close(): Promise<void>;
  /** Set by the client: gets each message of the server. A promise that it returns pauses reading. */
  // deno-lint-ignore no-explicit-any -- the client has types of its own
  onmessage?: ((message: any, extra?: any) => void | Promise<void>) | undefined;
  /** Set by the client: the session is over. */
  onclose?: (() => void) | undefined;
  /** Set by the client: something is wrong that does not end the session. */
  onerror?: ((error: Error) => void) | undefined;
  /** The pid of the process that runs, or `null`. By this and `stderr` the SDK knows a server on stdio. */
  readonly pid: number | null;
  /** Always `null`: what the process writes to stderr is in the tree's log. */
  readonly stderr: null;
}

/**
 * An MCP server as a child of a supervisor, for a client that brings its own protocol, such as the official SDK's.
 *
 * The client makes the handshake. When the process has ended, the next one hears it again, with the level of logs, the
 * subscriptions and the open listens; the client is told `list_changed`, and a line of log where the server has those.
 * Requests that wait go to the next process. One that was with the process fails with the code -32000, and `data` has the
 * `reason`, `generation`, `exitCode`, `signal` and `stderr`; what is `idempotent` is sent again. What the server had in
 * memory is gone.
 *
 * @example
 * ```ts
 * import { Client } from "npm:@modelcontextprotocol/client@2.4.0";
 * import { launch } from "@outrider/outrider";
 * import { mcpSession } from "@outrider/outrider/actors/mcp";
 *
 * const deno = ["run", "-A", "--quiet", "--no-config", "--lock=examples/mcp/server.lock"];
 * const tools = mcpSession("tools", {
 *   command: Deno.execPath(),
 *   args: [...deno, "npm:@modelcontextprotocol/server-everything@2026.8.31"],
 *   inheritEnv: ["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS"], // where Deno keeps packages
 *   stop: { drain: 0, stdin: 0, term: 5_000 }, // this server does not mind that its stdin is closed
 * });
 * await using app = await launch(tools);
 * const client = new Client({ name: "me", version: "1.0.0" });
 * await client.connect(tools.transport(app.ref(tools)));
 * const { content } = await client.callTool({ name: "get-sum", arguments: { a: 2, b: 3 } });
 * console.log(content); // [ { type: "text", text: "The sum of 2 and 3 is 5." } ]
 * await client.close();
 * ```
 */
export function mcpSession(id: string, options: McpSessionOptions): McpSession {
  const { idempotent, protocol: changed, ...rest } = checkOptions<McpSessionOptions>(
    `Cannot make the MCP session '${id}'`,
    mcpSessionOptions,
    options,
  );
  const session = new Session({
    dialect: MCP,
    memory: new McpMemory(),
    isIdempotent: ({ method, params }) =>
      method === "tools/call"
        ? idempotent?.tools?.includes((params as { name?: string } | undefined)?.name ?? "") ?? false
        : idempotent?.methods?.includes(method!) ?? false,
  });
  const spec = sessionSpec(id, session, { name: "mcp", framing: "ndjson", changed, options: rest });
  return { ...spec, transport: (ref) => new SessionTransport(session, ref) };
}

const names = list(filled);
const mcpSessionOptions = shape({
  ...without(serverOptions({}).fields, "handlers", "opened"),
  idempotent: key(
    shape({ methods: key(names, "Methods of requests"), tools: key(names, "Names of tools") }),
    "What may be done twice",
  ),
  protocol: key(aFunction("(usual: Protocol) => Protocol"), "Changes the protocol, as a tap does"),
});

class SessionTransport implements McpTransport {
  declare onmessage?: McpTransport["onmessage"];
  declare onclose?: () => void;
  declare onerror?: (error: Error) => void;
  readonly stderr = null;
  readonly #session: Session;
  readonly #ref: SessionRef;
  #isOpen = false;

  constructor(session: Session, ref: SessionRef) {
    this.#session = session;
    this.#ref = ref;
  }

  get pid(): number | null {
    return this.#session.pid ?? null;
  }

  // deno-lint-ignore require-await -- what it throws is a rejection
  async start(): Promise<void> {
    this.#session.attach(this.#ref, {
      deliver: (message) => {
        if (message.result === undefined) return this.onmessage?.(message);
        // The SDK takes up a notification a microtask later than a response, and drops progress after its result.
        queueMicrotask(() => void this.#respond(message));
      },
      trouble: (error) => this.onerror?.(error),
      closed: () => this.#closed(),
    });
    this.#isOpen = true;
  }

  async #respond(response: JsonRpcMessage): Promise<void> {
    if (!this.#isOpen) return;
    try {
      await this.onmessage?.(response);
    } catch (thrown) {
      if (this.#isOpen) this.#session.trouble(asError(thrown));
    }
  }

  async send(message: object): Promise<void> {
    if (!this.#isOpen) throw new SessionOverError("Cannot send: the session is closed");
    await this.#session.send(message as JsonRpcMessage);
  }

  // deno-lint-ignore require-await -- as the SDK has it
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#session.detach();
    this.#closed();
  }

  #closed(): void {
    this.#isOpen = false;
    this.onclose?.();
  }
}
