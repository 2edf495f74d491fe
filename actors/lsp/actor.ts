/**
 * A language server as an actor: the Language Server Protocol 3.17 on stdin and stdout.
 *
 * A new incarnation knows no documents: after its handshake and `opened`, and before anything that waits in the mailbox,
 * those that were open are opened again.
 */

import {
  type ActorSpec,
  jsonrpc,
  type JsonValue,
  OutriderError,
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
  LSP,
  sampleOf,
} from "@outrider/outrider/protocol";
import { aFunction, checkOptions, key, serverFields, serverOptions, union } from "@outrider/outrider/options";
import { ChildMemories } from "../session/child_memories.ts";
import { clientCapabilities } from "./capabilities.ts";
import { Documents } from "./documents/documents.ts";
import { notWatched, unreadableFolder } from "./file_watcher.ts";
import { sayGoodbye } from "./goodbye.ts";
import { seesPid } from "./process_id.ts";
import { lspAnswers } from "./requests.ts";
import { LanguageServer } from "./server.ts";
import type { LspSettings } from "./settings.ts";
import { folderUri, workspaceFoldersOf, type WrittenFolder } from "./workspace.ts";

/** Options of {@linkcode lsp}: those of a sidecar, and the handshake's. */
export interface LspOptions extends Omit<SidecarOptions, "protocol" | "pairing" | "until" | "schemas"> {
  /** The workspace's root, as a `file:` URL, or as a path, relative to `cwd`. Default: none. */
  readonly rootUri?: string | undefined;
  /** The folders of the workspace, each as `rootUri` or with a name. Default: `rootUri` alone, if there is one. */
  readonly workspaceFolders?: readonly WrittenFolder[] | undefined;
  /**
   * Its settings: sent after the handshake, and the answers when it asks for a section. A dotted name at the top stands for
   * the objects that it names. A function is asked each time; tell the server of a change with
   * `workspace/didChangeConfiguration`. Default: those that the server can't do without.
   */
  readonly settings?: LspSettings | (() => LspSettings) | undefined;
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
  /** Changes the protocol, as a tap does: `protocol: (usual) => tap(usual, "lsp.log")`. */
  readonly protocol?: ((usual: Protocol) => Protocol) | undefined;
  /** Handlers of the server's requests, by method; they take precedence over the built-in ones. */
  readonly handlers?: Readonly<Record<string, JsonRpcHandler>> | undefined;
  /**
   * Called after each handshake, before anything else is sent. The server is ready when it is done; if it throws, the
   * start fails. Documents that are not opened here again are opened after it, with the texts that they have by now.
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
 * Its start is the handshake: `initialize`, `initialized`, the settings, then `opened`, and the documents that were open at
 * an earlier process of it. It fails if the server answers with an error, ends, or takes longer than `startWithin`
 * (default: one minute). The server's answer is also the answer to `ref.ask({ method: "initialize" })`. Its stop is
 * `shutdown` and `exit`; a server that stays gets the rest of the stop sequence.
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
    protocol: changed,
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
  const servers = new WeakMap<JsonRpcPeer, LanguageServer>();
  const registered: JsonRpcHandler = (request) => {
    const { method, params, peer } = request;
    servers.get(peer)?.registered(method, params);
    return handlers[method]?.(request) ?? null;
  };
  const memories = new ChildMemories(() => new Documents());
  let isWarned = false;
  const protocol = jsonrpc({
    framing: "headers",
    dialect: LSP,
    handlers: {
      ...lspAnswers(
        folders,
        (items, peer) => servers.get(peer)?.configuration(items) ?? items.map(() => null),
      ),
      ...handlers,
      "client/registerCapability": registered,
      "client/unregisterCapability": registered,
    },
    outgoing: (call, peer) => memories.of(peer).written(call) ? call : undefined,
    unsent: (messages, peer) => memories.of(peer).unsent(messages),
    known: ({ method }, peer) => method === "initialize" ? servers.get(peer)?.answer : undefined,
    refuse: ({ method }, peer) => servers.get(peer)?.refusal(method),
    async handshake(peer) {
      const documents = memories.begin(peer);
      await documents.load();
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
        settings: typeof settings === "function" ? settings : () => settings ?? {},
      });
      servers.set(peer, server);
      peer.notify("initialized", {});
      if (settings !== undefined) {
        peer.notify("workspace/didChangeConfiguration", { settings: server.settings });
      }
      documents.begin();
      await opened?.(peer, initialized);
      for (const document of documents.toOpen()) await peer.notify("textDocument/didOpen", document);
    },
    requestShutdown: sayGoodbye,
  });
  const startWithin = rest.startWithin ?? HANDSHAKE_MS;
  const usual: Protocol = { ...protocol, name: "lsp" };
  return sidecar(id, { ...rest, startWithin, protocol: changed?.(usual) ?? usual });
}

const fields = serverFields("lsp");

const lspOptions = serverOptions({
  ...fields,
  settings: {
    ...fields.settings!,
    field: union("an object or a function", [fields.settings!.field, aFunction("() => LspSettings")]),
  },
  protocol: key(aFunction("(usual: Protocol) => Protocol"), "Changes the protocol, as a tap does"),
});

/** @throws {LspCapabilitiesError} it is not an answer to `initialize` */
function checked(answer: JsonValue): LspInitialized {
  const { capabilities } = (answer ?? {}) as { readonly capabilities?: JsonValue };
  if (typeof capabilities === "object" && capabilities !== null) return answer as unknown as LspInitialized;
  throw new LspCapabilitiesError(sampleOf(JSON.stringify(answer)));
}
