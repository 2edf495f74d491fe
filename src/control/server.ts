/**
 * Serves the clients of a control socket.
 *
 * Nothing that a client does holds up the tree or grows without bound: a connection has at most one status on its way,
 * slow requests are counted over all connections, a stream makes the items that its client has given credit for, and a
 * connection that does not read, or stays silent, is closed. A request goes on when its client is gone, a stream ends.
 */

import { type Clock, sleep, systemClock } from "../time/clock.ts";
import { type Answering, ControlConnection, failureReply } from "./connection.ts";
import { CommandHandler, Refusal } from "./commands.ts";
import { type ControlledTree, type ControlMethods, readRequest } from "./methods/method.ts";
import { methodsOf } from "./methods/methods.ts";
import { MAX_CLIENTS, MAX_PENDING } from "./protocol.ts";
import type { ControlSocket } from "./socket.ts";

/** Milliseconds until the next try where a connection could not be taken: no file descriptor was left. */
export const ACCEPT_RETRY_MS = 100;
/** Milliseconds that {@linkcode ControlServer.close} gives replies that are on their way. */
export const CLOSE_WITHIN_MS = 1_000;

/** Options of a {@linkcode ControlServer}. */
export interface ControlServerOptions {
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

/**
 * Serves one tree at one socket.
 *
 * @example
 * ```ts
 * import { actor, start, supervisor } from "@outrider/outrider";
 * import { control, ControlServer, ControlSocket } from "@outrider/outrider/control";
 *
 * const root = supervisor("app", [actor("ann", () => ({ receive() {} }))]);
 * const system = await start(root);
 * const folder = await Deno.makeTempDir();
 * const socket = await ControlSocket.bind(`${folder}/app.sock`);
 * const server = new ControlServer(socket, { system, root, stop: () => void system.stop() });
 *
 * const { children } = await control(socket.path, { method: "status" });
 * console.log(children[0]?.state); // running
 * await control(socket.path, { method: "stop" });
 * await server.close();
 * await Deno.remove(folder);
 * ```
 */
export class ControlServer {
  readonly #socket: ControlSocket;
  readonly #tree: ControlledTree;
  readonly #methods: ControlMethods;
  readonly #commands: CommandHandler;
  readonly #clock: Clock;
  readonly #clients = new Set<ControlConnection>();
  readonly #accepting: Promise<void>;
  readonly #over = new AbortController();
  #pending = 0;

  /** Takes connections at once. The socket is closed with the server. */
  constructor(
    socket: ControlSocket,
    tree: ControlledTree,
    { clock = systemClock }: ControlServerOptions = {},
  ) {
    this.#socket = socket;
    this.#clock = clock;
    this.#tree = tree;
    this.#methods = methodsOf(tree.methods);
    this.#commands = new CommandHandler(tree);
    this.#accepting = this.#accept();
  }

  /** Removes the socket, lets the replies that are due be written, and closes all connections. Never rejects. */
  async close(): Promise<void> {
    this.#socket.close();
    this.#over.abort();
    await this.#accepting;
    const written = new AbortController();
    const replies = Promise.all([...this.#clients].map((client) => client.settled()));
    await Promise.race([replies, sleep(this.#clock, CLOSE_WITHIN_MS, written.signal)]);
    written.abort();
    for (const client of this.#clients) client.close();
  }

  async #accept(): Promise<void> {
    while (!this.#socket.isClosed) {
      try {
        const connection = await this.#socket.accept();
        const client = new ControlConnection(connection, this.#clock, (value) => this.#answer(value));
        if (this.#clients.size >= MAX_CLIENTS) {
          // The first write fits into the connection's own buffer.
          void client.refuse(new Refusal("busy", `Cannot take more than ${MAX_CLIENTS} connections`));
          continue;
        }
        this.#clients.add(client);
        void client.serve().then(() => this.#clients.delete(client));
      } catch {
        // Closed; or no descriptor is left, which must not end a tree.
        await sleep(this.#clock, ACCEPT_RETRY_MS, this.#over.signal);
      }
    }
  }

  /** @throws {Refusal} it can't be taken */
  #answer(value: unknown): Answering {
    const read = readRequest(value, this.#methods);
    if ("wrong" in read) throw new Refusal("bad_request", `Cannot take the request: ${read.wrong}`);
    const { request } = read;
    const { id, method: name, credit = 0 } = request;
    const method = this.#methods[name]!;
    const context = { tree: this.#tree, commands: this.#commands };
    if ("answer" in method) {
      return { id, result: method.answer(request, { ...context, signal: this.#over.signal }) };
    }
    if ("stream" in method) {
      const { isAsk = false } = method;
      return { id, credit, isAsk, items: (signal) => method.stream(request, { ...context, signal }) };
    }
    if (this.#pending >= MAX_PENDING) {
      throw new Refusal("busy", `Cannot take more than ${MAX_PENDING} requests at a time`);
    }
    this.#pending++;
    return async () => {
      try {
        return { id, result: await method.perform(request, { ...context, signal: this.#over.signal }) };
      } catch (thrown) {
        return failureReply(id, thrown);
      } finally {
        this.#pending--;
      }
    };
  }
}
