/**
 * A language server as an actor: the Language Server Protocol 3.17 on stdin and stdout.
 *
 * A new incarnation knows no documents. `opened` runs after each handshake and before anything that waits
 * in the mailbox; there they are opened again.
 *
 * @module
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
  LSP,
  sampleOf,
} from "@outrider/outrider/protocol";
import { LSP_CAPABILITIES, lspAnswers, type LspWorkspaceFolder } from "./requests.ts";
import { any, checkOptions, code, key, list, serverOptions, text } from "@outrider/outrider/options";

export { LSP_CAPABILITIES } from "./requests.ts";
export type { LspWorkspaceFolder } from "./requests.ts";

/** Options of {@linkcode lsp}: those of a sidecar, and the handshake's. */
export interface LspOptions extends Omit<SidecarOptions, "protocol" | "pairing" | "until" | "schemas"> {
  /** The workspace's root, as a `file:` URL. Default: none. */
  readonly rootUri?: string | undefined;
  /** Default: `rootUri` alone, if there is one. */
  readonly workspaceFolders?: readonly LspWorkspaceFolder[] | undefined;
  /** The client's capabilities, in place of {@linkcode LSP_CAPABILITIES}. */
  readonly capabilities?: object | undefined;
  /** Settings of this server beyond the protocol. Default: none. */
  readonly initializationOptions?: unknown;
  /** The client's name and version. Default: Outrider's. */
  readonly clientInfo?: { readonly name: string; readonly version?: string } | undefined;
  /** Handlers of the server's requests, by method; they take precedence over the built-in ones. */
  readonly handlers?: Readonly<Record<string, JsonRpcHandler>> | undefined;
  /**
   * Called after each handshake, before anything else is sent: the place to open documents again. The server is ready
   * when it is done; if it throws, the start fails.
   */
  readonly opened?: ((server: JsonRpcPeer, initialized: LspInitialized) => void | Promise<void>) | undefined;
}

/** A server's answer to `initialize`. */
export interface LspInitialized {
  /** Its capabilities. */
  readonly capabilities: Readonly<Record<string, JsonValue>>;
  /** Its name and version. */
  readonly serverInfo?: { readonly name: string; readonly version?: string };
}

/** The server's answer to `initialize` lacks its capabilities. */
export class LspCapabilitiesError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "lsp_capabilities";
  /** The beginning of its answer, as JSON. */
  readonly sample: string;

  /** Made by the handshake. */
  constructor(sample: string) {
    super(`Cannot work with a server that does not tell its capabilities: ${sample}`);
    this.sample = sample;
  }
}

/**
 * A language server as a child of a supervisor.
 *
 * Its start is the handshake: `initialize`, `initialized`, then `opened`. It fails if the server answers with an error,
 * ends, or takes longer than `startWithin` (default: one minute). The server's answer is also the answer to
 * `ref.ask({ method: "initialize" })`. Its stop is `shutdown` and `exit`; a server that stays gets the rest of the stop
 * stop sequence.
 *
 * `ask` sends a request, `tell` a notification; the server's notifications go to the subscribers. An ask that is given
 * up is cancelled. Its errors are a `JsonRpcError`.
 *
 * @example
 * ```ts
 * import { launch } from "@outrider/outrider";
 * import { lsp } from "@outrider/outrider/actors/lsp";
 *
 * const deno = ["run", "-A", "--quiet", "--no-config", "--lock=examples/language_server/server.lock"];
 * const server = ["npm:vscode-langservers-extracted@4.10.0/vscode-json-language-server", "--stdio"];
 * const json = lsp("json", {
 *   command: Deno.execPath(),
 *   args: [...deno, ...server],
 *   inheritEnv: ["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS"], // where Deno keeps packages
 * });
 * await using app = await launch(json);
 * const ref = app.ref(json);
 * const notifications = ref.subscribe();
 * await ref.tell({
 *   method: "textDocument/didOpen",
 *   params: { textDocument: { uri: "file:///a.json", languageId: "json", version: 1, text: '{ "a": tru }' } },
 * });
 * for await (const { method, params } of notifications) {
 *   console.log(method, params); // textDocument/publishDiagnostics, with "Value expected"
 *   break;
 * }
 * ```
 */
export function lsp(
  id: string,
  options: LspOptions,
  // deno-lint-ignore no-explicit-any -- the result's type depends on the method; the caller names it
): ActorSpec<JsonRpcCall | readonly JsonRpcCall[], any, JsonRpcNotification> {
  const {
    rootUri,
    workspaceFolders,
    capabilities,
    initializationOptions,
    clientInfo,
    handlers,
    opened,
    ...rest
  } = checkOptions<LspOptions>(`Cannot make the language server '${id}'`, lspOptions, options);
  const folders = workspaceFolders ??
    (rootUri === undefined ? null : [{ uri: rootUri, name: nameOf(rootUri) }]);
  const params = {
    processId: Deno.pid,
    clientInfo: clientInfo ?? { name: "outrider" },
    rootUri: rootUri ?? null,
    workspaceFolders: folders,
    capabilities: capabilities ?? LSP_CAPABILITIES,
    initializationOptions,
  };
  const answers = new WeakMap<JsonRpcPeer, JsonValue>();
  const protocol = jsonrpc({
    framing: "headers",
    dialect: LSP,
    handlers: { ...lspAnswers(folders), ...handlers },
    known: ({ method }, server) => method === "initialize" ? answers.get(server) : undefined,
    async handshake(server) {
      const answer = await server.request("initialize", params);
      const initialized = checked(answer);
      answers.set(server, answer);
      server.notify("initialized", {});
      await opened?.(server, initialized);
    },
    requestShutdown: goodbye,
  });
  const startWithin = rest.startWithin ?? HANDSHAKE_MS;
  return sidecar(id, { ...rest, startWithin, protocol: { ...protocol, name: "lsp" } });
}

const anObject = code("an object", "object", (value) => typeof value === "object" && value !== null);

const lspOptions = serverOptions({
  rootUri: key({ ...text, patterns: [[/^file:\/\//, "must start with file://"]] }, "The workspace's root"),
  workspaceFolders: key(list(anObject), "The folders of the workspace"),
  capabilities: key(anObject, "What the client can do"),
  initializationOptions: key(any, "What this server is told beyond the protocol"),
  clientInfo: key(anObject, "The client's name and version"),
});

/** Over when the server has ended; the stop sequence waits no longer than it says. */
async function goodbye(server: JsonRpcPeer): Promise<void> {
  try {
    await server.request("shutdown");
  } catch {
    if (server.signal.aborted) return;
    // One that was shut down before, by an ask, refuses, and some leave out a null result: `exit` is right all the same.
  }
  server.notify("exit");
  await new Promise((resolve) => server.signal.addEventListener("abort", resolve, { once: true }));
}

/** @throws {LspCapabilitiesError} it is not an answer to `initialize` */
function checked(answer: JsonValue): LspInitialized {
  const { capabilities } = (answer ?? {}) as { readonly capabilities?: JsonValue };
  if (typeof capabilities === "object" && capabilities !== null) return answer as unknown as LspInitialized;
  throw new LspCapabilitiesError(sampleOf(JSON.stringify(answer)));
}

function nameOf(uri: string): string {
  return uri.replace(/\/+$/, "").split("/").at(-1)!;
}
