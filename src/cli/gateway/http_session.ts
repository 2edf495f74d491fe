/**
 * One client of the gateway over Streamable HTTP: the official SDK's transport, and what waits for the client to read it.
 *
 * The SDK puts whatever is sent into streams without a bound. The invariant: all that a client has not read is counted,
 * and let go of when its session is cut off, or {@linkcode LAST_READ_MS} after it has ended.
 */

import type { GatewayClient } from "../../gateway/client.ts";
import type { McpMessage } from "../../gateway/messages.ts";
import type { PeerTransport } from "../../gateway/transport.ts";
import { UnreadBody } from "./unread_body.ts";

/** Milliseconds that a client has to read the rest when its session has ended. */
export const LAST_READ_MS = 2_000;

/** The part of the SDK's transport that is used. */
export interface HttpTransport extends PeerTransport {
  readonly sessionId?: string | undefined;
  handleRequest(request: Request): Promise<Response>;
}

/** The session of a client. */
export class HttpSession implements PeerTransport {
  readonly #transport: HttpTransport;
  readonly #onEnd: () => void;
  /** The streams that are not read to their end. */
  readonly #bodies = new Set<UnreadBody>();
  #underWay = 0;
  /** Bytes that wait for the client to read them. */
  unread = 0;
  /** Set once it is connected. */
  client: GatewayClient | undefined;

  /** `onEnd` is called when it has ended, whoever has ended it. */
  constructor(transport: HttpTransport, onEnd: () => void) {
    this.#transport = transport;
    this.#onEnd = onEnd;
  }

  set onmessage(take: PeerTransport["onmessage"]) {
    this.#transport.onmessage = take;
  }

  set onclose(closed: PeerTransport["onclose"]) {
    this.#transport.onclose = () => {
      this.#onEnd();
      closed?.();
    };
  }

  set onerror(failed: PeerTransport["onerror"]) {
    this.#transport.onerror = failed;
  }

  /** Whether its client has a request under way, or reads a stream. */
  get isInUse(): boolean {
    return this.#underWay > 0 || this.#bodies.size > 0;
  }

  start(): Promise<void> {
    return this.#transport.start();
  }

  /** Answers a request; of a stream that it answers with is counted what waits. */
  async handle(request: Request): Promise<Response> {
    this.#underWay++;
    try {
      const response = await this.#transport.handleRequest(request);
      const isStream = response.headers.get("content-type") === "text/event-stream";
      if (!isStream || response.body === null) return response;
      const body = new UnreadBody(response.body, {
        onChange: (bytes) => this.unread += bytes,
        onEnd: () => this.#bodies.delete(body),
      });
      this.#bodies.add(body);
      const { status, headers } = response;
      return new Response(body.stream, { status, headers });
    } finally {
      this.#underWay--;
    }
  }

  send(message: McpMessage, options?: Parameters<PeerTransport["send"]>[1]): void | Promise<void> {
    return this.#transport.send(message, options);
  }

  /** Nothing of a session that has ended is kept for longer than {@linkcode LAST_READ_MS}. */
  async close(): Promise<void> {
    await this.#transport.close();
    if (this.#bodies.size === 0) return;
    Deno.unrefTimer(setTimeout(() => this.#drop("the session has ended"), LAST_READ_MS));
  }

  async cut(why: string): Promise<void> {
    this.#drop(why);
    await this.#transport.close();
  }

  #drop(why: string): void {
    for (const body of this.#bodies) body.drop(why);
  }
}
