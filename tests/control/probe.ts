/**
 * A tree that is controlled over a socket, and peers that say what they like.
 *
 * @module
 */

import { ControlServer } from "../../src/control/server.ts";
import type { ControlMethods } from "../../src/control/methods/method.ts";
import { ControlSocket } from "../../src/control/socket.ts";
import type { ChildSpec } from "../../src/supervision/child_spec.ts";
import { supervisor, type SupervisorOptions } from "../../src/supervision/supervisor_spec.ts";
import { System } from "../../src/supervision/tree.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** A folder of one's own that is gone after the test. */
export class Folder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "outrider-" });

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** A started tree with a server. Tree and server have a clock each; none of them moves by itself. */
export class Runtime implements AsyncDisposable {
  readonly #folder: Folder;
  readonly clock = new VirtualClock();
  /** Of the server. */
  readonly serverClock = new VirtualClock();
  readonly system: System;
  readonly server: ControlServer;
  readonly path: string;
  readonly #peers: Peer[] = [];

  private constructor(root: ChildSpec, socket: ControlSocket, folder: Folder, methods: ControlMethods) {
    this.#folder = folder;
    this.path = socket.path;
    this.system = new System(root, { clock: this.clock, random: () => 0.5 });
    const stop = () => void this.system.stop();
    this.server = new ControlServer(socket, { system: this.system, root, stop, methods }, {
      clock: this.serverClock,
    });
  }

  /** With these children, and with more methods than every tree has. */
  static async start(
    children: readonly ChildSpec[],
    options: SupervisorOptions = {},
    methods: ControlMethods = {},
  ): Promise<Runtime> {
    const root = supervisor("tree", children, options);
    const folder = new Folder();
    const socket = await ControlSocket.bind(`${folder.path}/s`);
    const runtime = new Runtime(root, socket, folder, methods);
    await runtime.system.start();
    return runtime;
  }

  /** Another client. */
  async peer(): Promise<Peer> {
    const peer = new Peer(await Deno.connect({ transport: "unix", path: this.path }));
    this.#peers.push(peer);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer.close();
    await this.system.kill();
    await this.server.close();
    this.#folder[Symbol.dispose]();
  }
}

/** What a line of the server holds. */
export interface Told {
  readonly id: number | string | null;
  // deno-lint-ignore no-explicit-any -- tests name what they look at
  readonly result?: any;
  readonly item?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A client that writes bytes and reads lines. */
export class Peer {
  readonly #connection: Deno.UnixConn;
  #rest = "";
  #closed = false;

  constructor(connection: Deno.UnixConn) {
    this.#connection = connection;
  }

  /** Writes it all, as it is. */
  async send(text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
  }

  /** Writes requests, a line each. */
  async ask(...requests: readonly Record<string, unknown>[]): Promise<void> {
    await this.send(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  }

  /** The next line; `undefined` once the other side has closed. */
  async next(): Promise<Told | undefined> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return JSON.parse(line);
      }
      const bytes = new Uint8Array(65_536);
      const size = await this.#connection.read(bytes).catch((error) => {
        // Closed with something of ours unread.
        if (error instanceof Deno.errors.ConnectionReset) return null;
        throw error;
      });
      if (size === null) return undefined;
      this.#rest += new TextDecoder().decode(bytes.subarray(0, size));
    }
  }

  /** Says that no more comes, and still reads. */
  async half(): Promise<void> {
    await this.#connection.closeWrite();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }
}

/** Until `holds`; for what the operating system does in its own time and tells nobody. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; !holds(); i++) {
    if (i > 2_000) throw new Error("Cannot wait longer");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
