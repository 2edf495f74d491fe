/**
 * The Debug Adapter Protocol, for programs such as debugpy: JSON behind `Content-Length` headers, as with a language
 * server, but not JSON-RPC. A response names its request in `request_seq`; there are events, and requests of the adapter.
 */
import { type JsonValue, OutriderError, type Protocol, type Reply } from "@outrider/outrider";
import {
  codecs,
  PendingRequests,
  type ReplyCorrelation,
  sampleOf,
  type SidecarConnection,
  UnencodableMessageError,
} from "@outrider/outrider/protocol";

/** The message of `ask`; the answer is the response's `body`. */
export interface DebugRequest {
  readonly command: string;
  readonly arguments?: unknown;
}

/** What subscribers get. */
export interface DebugEvent {
  readonly event: string;
  // deno-lint-ignore no-explicit-any -- its fields depend on the event
  readonly body?: any;
}

/** The adapter has answered a request with a failure. */
export class DebugAdapterError extends OutriderError {
  readonly code = "debug_adapter";
}

export interface DebugAdapterOptions {
  /** The kind of adapter, such as `debugpy`. */
  readonly adapterID: string;
  /** Answer what the adapter asks, such as `runInTerminal`: the result is the response's `body`. */
  readonly handlers?: Readonly<Record<string, (args: JsonValue | undefined) => unknown>>;
}

/** The start is `initialize`, the stop begins with `disconnect`; `ask({ command: "initialize" })` tells the capabilities. */
// deno-lint-ignore no-explicit-any -- the answer depends on the command; the caller names it
export function debugAdapter(options: DebugAdapterOptions): Protocol<DebugRequest, any, DebugEvent> {
  return {
    name: "debug adapter",
    codec: "content-length",
    pairing: (connection) => new DebugCorrelation(connection, options),
    hasHandshake: true,
  };
}

type Fields = Readonly<Record<string, JsonValue>>;

class DebugCorrelation extends PendingRequests implements ReplyCorrelation {
  readonly #connection: SidecarConnection;
  readonly #options: DebugAdapterOptions;
  /** Requests past the mailbox, which no caller gives up: they end with the adapter. */
  readonly #own = new Map<Reply<unknown>, string>();
  #capabilities: JsonValue | undefined;

  constructor(connection: SidecarConnection, options: DebugAdapterOptions) {
    super();
    this.#connection = connection;
    this.#options = options;
  }

  frame(): never {
    const reason = "every message to a debug adapter is answered; ask it";
    throw new UnencodableMessageError("debug adapter", { reason });
  }

  request(message: unknown, reply: Reply<unknown>): string | Uint8Array {
    const { command, arguments: args } = (message ?? {}) as DebugRequest;
    if (typeof command !== "string") {
      throw new UnencodableMessageError("debug adapter", { reason: "a request is an object with a command" });
    }
    if (command === "initialize" && this.#capabilities !== undefined) {
      reply.resolve(this.#capabilities);
      return "";
    }
    const seq = this.next;
    const frame = encode({ seq, type: "request", command, arguments: args });
    this.add(reply);
    reply.onGivenUp = () => this.#givenUp(seq);
    return frame;
  }

  /** Events are for the subscribers. */
  match(message: unknown, size = 0): boolean {
    const { type, event, command } = (message ?? {}) as Fields;
    if (type === "event" && typeof event === "string") return false;
    if (type === "response") this.#answered(message as Fields);
    else if (type === "request" && typeof command === "string") void this.#serve(message as Fields);
    else {
      const sample = sampleOf(JSON.stringify(message));
      this.#connection.malformed({ kind: "bad_content", bytes: size, sample, dropped: true });
    }
    return true;
  }

  async handshake(): Promise<void> {
    const { adapterID, handlers = {} } = this.#options;
    this.#capabilities = await this.#ask("initialize", {
      adapterID,
      clientID: "outrider",
      linesStartAt1: true,
      columnsStartAt1: true,
      pathFormat: "path",
      supportsRunInTerminalRequest: Object.hasOwn(handlers, "runInTerminal"),
      supportsStartDebuggingRequest: Object.hasOwn(handlers, "startDebugging"),
    });
  }

  async requestShutdown(): Promise<void> {
    await this.#ask("disconnect", { terminateDebuggee: true });
  }

  get unanswered(): readonly string[] {
    return [...this.#own.values()];
  }

  override close(why: () => Error): void {
    super.close(why);
    for (const reply of this.#own.keys()) reply.reject(why());
  }

  #ask(command: string, args: unknown): Promise<JsonValue> {
    const { promise, resolve, reject } = Promise.withResolvers<JsonValue>();
    const reply: Reply<unknown> = { isOpen: true, resolve: (body) => resolve(body as JsonValue), reject };
    this.#own.set(reply, command);
    void this.#connection.send(this.request({ command, arguments: args }, reply));
    return promise.finally(() => this.#own.delete(reply));
  }

  #answered(response: Fields): void {
    const { request_seq: seq, success, command, body = null, message } = response;
    const reply = this.take(seq as number);
    if (reply === undefined) return this.#connection.unmatched(response);
    if (success === true) return reply.resolve(body);
    const { error } = (body ?? {}) as { error?: { format?: JsonValue } };
    const why = error?.format ?? message;
    reply.reject(new DebugAdapterError(typeof why === "string" ? why : `Cannot ${JSON.stringify(command)}`));
  }

  /** Its late response is known by its `request_seq`. */
  #givenUp(seq: number): void {
    if (this.get(seq) === undefined) return;
    this.forget(seq);
    const { supportsCancelRequest } = this.#capabilities as Fields;
    if (supportsCancelRequest === true) this.#ask("cancel", { requestId: seq }).catch(() => {});
  }

  async #serve({ seq: request_seq = null, command, arguments: args }: Fields): Promise<void> {
    const { handlers = {} } = this.#options;
    const answer = { type: "response", request_seq, command };
    try {
      const handler = Object.hasOwn(handlers, command as string) ? handlers[command as string] : undefined;
      if (handler === undefined) throw new TypeError(`No handler for ${command}`);
      const body = await handler(args);
      this.#send({ ...answer, success: true, body });
    } catch (thrown) {
      this.#send({
        ...answer,
        success: false,
        message: thrown instanceof Error ? thrown.message : `${thrown}`,
      });
    }
  }

  /** A response has a number of its own, between those of the requests. */
  #send(response: object): void {
    const seq = this.next;
    const frame = encode({ seq, ...response });
    this.add({ isOpen: false, resolve() {}, reject() {} });
    this.take(seq);
    void this.#connection.send(frame);
  }
}

function encode(message: object): string | Uint8Array {
  return codecs["content-length"].encode(message as Fields);
}
