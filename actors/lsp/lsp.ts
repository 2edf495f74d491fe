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
import { checkOptions, serverFields, serverOptions } from "@outrider/outrider/options";
import { clientCapabilities } from "./capabilities.ts";
import { notWatched, unreadableFolder } from "./file_watcher.ts";
import { seesPid } from "./process_id.ts";
import { lspAnswers } from "./requests.ts";
import { LanguageServer } from "./server.ts";
import { expandSettings, type LspSettings } from "./settings.ts";
import { folderUri, workspaceFoldersOf, type WrittenFolder } from "./workspace.ts";

export { LSP_CAPABILITIES } from "./capabilities.ts";
export { LspMethodError } from "./methods.ts";
export type { LspSettings } from "./settings.ts";
export type { LspWorkspaceFolder, WrittenFolder } from "./workspace.ts";

/** Options of {@linkcode lsp}: those of a sidecar, and the handshake's. */
export interface LspOptions extends Omit<SidecarOptions, "protocol" | "pairing" | "until" | "schemas"> {
  /** The workspace's root, as a `file:` URL, or as a path, relative to `cwd`. Default: none. */
  readonly rootUri?: string | undefined;
  /** The folders of the workspace, each as `rootUri` or with a name. Default: `rootUri` alone, if there is one. */
  readonly workspaceFolders?: readonly WrittenFolder[] | undefined;
  /**
   * Its settings: sent after the handshake, and the answers when it asks for a section. A dotted name at the top stands for
   * the objects that it names. Default: those that the server can't do without.
   */
  readonly settings?: LspSettings | undefined;
  /**
   * Changes to {@linkcode LSP_CAPABILITIES}: merged into them, null removes. Positions are in UTF-16 in any case. Default:
   * none.
   */
  readonly capabilities?: object | undefined;
  /**
   * Whether the server is told our pid, and ends when it sees no such process. Default `"none"` behind a `launcher`, and for
   * a `command` that runs programs elsewhere, such as `docker`, `bwrap` and `ssh`; else `"own"`.
   */
  readonly processId?: "own" | "none" | undefined;
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
 * up is cancelled. Its errors are a `JsonRpcError`. A request that the server lacks the capability for is not sent: an
 * {@linkcode LspMethodError}.
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
    settings,
    capabilities,
    processId,
    initializationOptions,
    clientInfo,
    handlers = {},
    opened,
    ...rest
  } = checkOptions<LspOptions>(`Cannot make the language server '${id}'`, lspOptions, options);
  const root = rootUri === undefined ? null : folderUri(rootUri, rest.cwd ?? ".");
  const folders = workspaceFoldersOf(workspaceFolders, { root, cwd: rest.cwd ?? "." });
  const params = {
    processId: seesPid({ ...rest, processId }) ? Deno.pid : null,
    clientInfo: clientInfo ?? { name: "outrider" },
    rootUri: root,
    workspaceFolders: folders,
    initializationOptions,
  };
  const own = settings && expandSettings(settings);
  const servers = new WeakMap<JsonRpcPeer, LanguageServer>();
  const registered: JsonRpcHandler = (request) => {
    const { method, params, peer } = request;
    servers.get(peer)?.registered(method, params);
    return handlers[method]?.(request) ?? null;
  };
  let isWarned = false;
  const protocol = jsonrpc({
    framing: "headers",
    dialect: LSP,
    handlers: {
      ...lspAnswers(folders, (item, peer) => servers.get(peer)?.configuration(item) ?? null),
      ...handlers,
      "client/registerCapability": registered,
      "client/unregisterCapability": registered,
    },
    known: ({ method }, peer) => method === "initialize" ? servers.get(peer)?.answer : undefined,
    refuse: ({ method }, peer) => servers.get(peer)?.refusal(method),
    async handshake(peer) {
      const unreadable = unreadableFolder(folders);
      if (unreadable !== undefined && !isWarned) {
        isWarned = true;
        peer.note(notWatched(unreadable), "warn");
      }
      const canWatch = folders !== null && unreadable === undefined;
      const client = clientCapabilities(capabilities, { canWatch });
      const answer = await peer.request("initialize", { ...params, capabilities: client });
      const initialized = checked(answer);
      const server = new LanguageServer(peer, {
        answer,
        capabilities: initialized.capabilities,
        client,
        folders,
        settings: own ?? {},
      });
      servers.set(peer, server);
      peer.notify("initialized", {});
      if (own !== undefined) peer.notify("workspace/didChangeConfiguration", { settings: server.settings });
      await opened?.(peer, initialized);
    },
    requestShutdown: goodbye,
  });
  const startWithin = rest.startWithin ?? HANDSHAKE_MS;
  return sidecar(id, { ...rest, startWithin, protocol: { ...protocol, name: "lsp" } });
}

const lspOptions = serverOptions(serverFields("lsp"));

/**
 * Over when the server has ended; the stop sequence waits no longer than it says. `exit` goes out in any case, before stdin
 * is closed: a server that is late with its answer to `shutdown` reads it then.
 */
async function goodbye(server: JsonRpcPeer, timeUp: AbortSignal): Promise<void> {
  let isSent = false;
  const exit = () => {
    if (!isSent) server.notify("exit");
    isSent = true;
  };
  timeUp.addEventListener("abort", exit, { once: true });
  try {
    await server.request("shutdown");
  } catch {
    if (server.signal.aborted) return;
    // One that was shut down before, by an ask, refuses, and some leave out a null result: `exit` is right all the same.
  }
  exit();
  await new Promise((resolve) => server.signal.addEventListener("abort", resolve, { once: true }));
}

/** @throws {LspCapabilitiesError} it is not an answer to `initialize` */
function checked(answer: JsonValue): LspInitialized {
  const { capabilities } = (answer ?? {}) as { readonly capabilities?: JsonValue };
  if (typeof capabilities === "object" && capabilities !== null) return answer as unknown as LspInitialized;
  throw new LspCapabilitiesError(sampleOf(JSON.stringify(answer)));
}
