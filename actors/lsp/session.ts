/**
 * A session with a language server for a client that speaks through `vscode-jsonrpc`, as VS Code's language client does:
 * the server is supervised, and the session outlives its processes, with the documents that are open in it.
 *
 * No dependency on `vscode-jsonrpc`: the two ends have the shapes of its `MessageReader` and `MessageWriter`.
 */

import type { ActorSpec, Protocol, SidecarOptions } from "@outrider/outrider";
import { LSP } from "@outrider/outrider/protocol";
import {
  aFunction,
  checkOptions,
  filled,
  key,
  list,
  serverFields,
  serverOptions,
  shape,
  without,
} from "@outrider/outrider/options";
import { Session } from "../session/session.ts";
import { sessionSpec } from "../session/spec.ts";
import { type JsonRpcMessage, SessionOverError, type SessionRef } from "../session/types.ts";
import { LspMemory } from "./memory.ts";
import { seesPid } from "./process_id.ts";

/** Options of {@linkcode lspSession}: those of a sidecar, and these. */
export interface LspSessionOptions
  extends Omit<SidecarOptions, "protocol" | "pairing" | "until" | "schemas" | "stdin"> {
  /**
   * Methods of requests that may be made twice, such as `textDocument/hover`: they are sent to the next process where
   * their own has ended. Default: none.
   */
  readonly idempotent?: readonly string[] | undefined;
  /**
   * Whether the server is told the client's pid, as the client says it. Default `"none"` behind a `launcher`, and for a
   * `command` that runs programs elsewhere; else `"own"`.
   */
  readonly processId?: "own" | "none" | undefined;
  /** Changes the protocol, as a tap does: `protocol: (usual) => tap(usual, "lsp.log")`. */
  readonly protocol?: ((usual: Protocol) => Protocol) | undefined;
}

/** The spec of a session's child. */
export interface LspSession extends ActorSpec<JsonRpcMessage, void, JsonRpcMessage> {
  /**
   * The two ends for one client, on the child that `ref` is of: what a language client's `ServerOptions` return, and
   * what `createMessageConnection(reader, writer)` takes. When that client has ended, another may have them.
   */
  transports(ref: SessionRef): LspTransports;
}

/** What takes back what it was returned for. */
export interface LspDisposable {
  /** Takes it back. */
  dispose(): void;
}

/** An event of `vscode-jsonrpc`. */
export type LspEvent<T> = (listener: (value: T) => unknown, thisArgs?: unknown) => LspDisposable;

/** The two ends of a client: the shapes of `vscode-jsonrpc`'s `MessageReader` and `MessageWriter`. */
export interface LspTransports {
  /** What the server says. */
  readonly reader: {
    /** Something is wrong that does not end the session. */
    readonly onError: LspEvent<Error>;
    /** The session is over. */
    readonly onClose: LspEvent<void>;
    /** Never happens. */
    readonly onPartialMessage: LspEvent<never>;
    /** Begins. @throws {OptionError} the session has a client */
    listen(callback: (message: never) => void): LspDisposable;
    /** Ends the client's part; the server is told goodbye. */
    dispose(): void;
  };
  /** What the client says. */
  readonly writer: {
    /** Never happens: what can't be sent rejects. */
    readonly onError: LspEvent<[Error, never, number | undefined]>;
    /** The session is over. */
    readonly onClose: LspEvent<void>;
    /** Sends a message of JSON-RPC; fulfilled when it was taken. */
    write(message: object): Promise<void>;
    /** Ends the client's part; the server is told goodbye. */
    end(): void;
    /** Does nothing more than `end`. */
    dispose(): void;
  };
}

/**
 * A language server as a child of a supervisor, for a client that brings its own protocol, such as VS Code's language
 * client, or any on `vscode-jsonrpc`.
 *
 * The client makes the handshake. When the process has ended, the next one hears it again, with the configuration, the
 * folders of the workspace and the open documents as they were said; what was registered, begun and diagnosed by the one
 * that has ended is taken back at the client. Requests and notifications that wait go to the next process. A request that
 * was with the process fails with LSP's code -32801 (ContentModified), and `data` has the `reason`, `generation`,
 * `exitCode`, `signal` and `stderr`; what is `idempotent` is sent again. The client's `exit` ends the process, and another
 * client begins with the next. Positions are in UTF-16, whatever the client offers.
 *
 * @example
 * ```ts
 * import { createMessageConnection } from "npm:vscode-jsonrpc@10.0.0/node";
 * import { launch } from "@outrider/outrider";
 * import { lspSession } from "@outrider/outrider/actors/lsp";
 *
 * const deno = ["run", "-A", "--quiet", "--no-config", "--lock=examples/language_server/server.lock"];
 * const server = ["npm:vscode-langservers-extracted@4.10.0/vscode-json-language-server", "--stdio"];
 * const json = lspSession("json", {
 *   command: Deno.execPath(),
 *   args: [...deno, ...server],
 *   inheritEnv: ["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS"], // where Deno keeps packages
 * });
 * await using app = await launch(json);
 * const { reader, writer } = json.transports(app.ref(json));
 * const connection = createMessageConnection(reader, writer);
 * connection.listen();
 * await connection.sendRequest("initialize", { processId: Deno.pid, rootUri: null, capabilities: {} });
 * await connection.sendNotification("initialized", {});
 * const textDocument = { uri: "file:///a.json", languageId: "json", version: 1, text: '{ "a": 1 }' };
 * await connection.sendNotification("textDocument/didOpen", { textDocument });
 * const params = { textDocument: { uri: textDocument.uri } };
 * const symbols = await connection.sendRequest<{ name: string }[]>("textDocument/documentSymbol", params);
 * console.log(symbols.map(({ name }) => name)); // [ "a" ], and the same after a crash of the server
 * connection.dispose();
 * ```
 */
export function lspSession(id: string, options: LspSessionOptions): LspSession {
  const { idempotent = [], processId, protocol: changed, ...rest } = checkOptions<LspSessionOptions>(
    `Cannot make the LSP session '${id}'`,
    lspSessionOptions,
    options,
  );
  const session = new Session({
    dialect: LSP,
    memory: new LspMemory({ hidesPid: !seesPid({ ...rest, processId }) }),
    isIdempotent: ({ method }) => idempotent.includes(method!),
  });
  const spec = sessionSpec(id, session, { name: "lsp", framing: "content-length", changed, options: rest });
  return { ...spec, transports: (ref) => transportsOf(session, ref) };
}

const lspSessionOptions = shape({
  ...without(serverOptions({}).fields, "handlers", "opened"),
  idempotent: key(list(filled), "Methods of requests that may be made twice"),
  processId: serverFields("lsp").processId!,
  protocol: key(aFunction("(usual: Protocol) => Protocol"), "Changes the protocol, as a tap does"),
});

function transportsOf(session: Session, ref: SessionRef): LspTransports {
  const errors = new Listeners<Error>();
  const closed = new Listeners<void>();
  let isOpen = false;
  const end = () => {
    if (!isOpen) return;
    isOpen = false;
    session.detach();
    closed.tell();
  };
  return {
    reader: {
      onError: errors.on,
      onClose: closed.on,
      onPartialMessage: NEVER,
      listen(callback) {
        session.attach(ref, {
          deliver: (message) => callback(message as never),
          trouble: (error) => errors.tell(error),
          closed() {
            isOpen = false;
            closed.tell();
          },
        });
        isOpen = true;
        return { dispose: end };
      },
      dispose: end,
    },
    writer: {
      onError: NEVER,
      onClose: closed.on,
      async write(message) {
        if (!isOpen) throw new SessionOverError("Cannot send: the session is closed");
        await session.send(message as JsonRpcMessage);
      },
      end,
      dispose: end,
    },
  };
}

const NEVER: LspEvent<never> = () => ({ dispose() {} });

class Listeners<T> {
  readonly #listeners = new Set<(value: T) => unknown>();

  readonly on: LspEvent<T> = (listener, thisArgs) => {
    const bound = listener.bind(thisArgs);
    this.#listeners.add(bound);
    return { dispose: () => void this.#listeners.delete(bound) };
  };

  /** Calls them all; what the first of them throws that does is thrown at the end. */
  tell(value: T): void {
    const thrown: unknown[] = [];
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }
}
