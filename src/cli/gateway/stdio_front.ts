/**
 * The client of the gateway on standard input and output: a line of JSON each way.
 *
 * The invariant: standard output carries these lines and nothing else, and a client that does not read them is not read
 * either.
 */

import type { McpMessage } from "../../gateway/messages.ts";
import type { PeerTransport } from "../../gateway/transport.ts";
import { MAX_FRAME } from "../../options/units.ts";
import { LineFramer } from "../../process/framing/line_framing.ts";
import { BufferedStdout } from "../../report/output/buffered_stdout.ts";

/** Bytes that are read at a time: what a pipe holds. */
const PIPE_BYTES = 65_536;
/** Milliseconds that a client has to read the rest. */
const LAST_READ_MS = 2_000;
/** JSON-RPC's code for what is not JSON. */
const PARSE_ERROR = -32_700;

/** Standard input and output as a connection. */
export class StdioFront implements PeerTransport {
  onmessage?: PeerTransport["onmessage"];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #output = new BufferedStdout(Deno.stdout);
  readonly #ended = Promise.withResolvers<string>();
  /** Fulfilled with the reason why nothing more will come, such as that standard input has ended. */
  readonly ended: Promise<string> = this.#ended.promise;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #lines = "";

  start(): Promise<void> {
    void this.#output.broken.then(() => this.#end());
    void this.#read().catch((error) => this.onerror?.(error)).finally(() => this.#end());
    return Promise.resolve();
  }

  get unread(): number {
    return this.#output.unwritten + this.#lines.length;
  }

  send(message: McpMessage): void | Promise<void> {
    if (this.#isClosed) return;
    this.#write(message);
    if (this.#output.isFull) return this.#output.flush();
  }

  /** What comes in one turn, as the answers in one chunk of a server do, is one write. */
  #write(message: object): void {
    if (this.#lines === "") queueMicrotask(() => this.#flush());
    this.#lines += `${JSON.stringify(message)}\n`;
  }

  #flush(): void {
    const lines = this.#lines;
    this.#lines = "";
    if (lines !== "") this.#output.write(lines);
  }

  /** Also a second call waits for the rest to be read: the process ends behind it. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#flush();
    this.#end();
    this.onclose?.();
    // A client that does not read must not hold up a stop.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, LAST_READ_MS));
    await Promise.race([this.#output.flush(), this.#output.broken, late]);
    clearTimeout(timer);
  }

  cut(why: string): Promise<void> {
    this.#isClosed = true;
    this.#lines = "";
    this.#end(`its client does not read: ${why}`);
    this.onclose?.();
    return Promise.resolve();
  }

  async #read(): Promise<void> {
    const framer = new LineFramer({
      line: (text) => this.#take(text),
      malformed: ({ kind }) => this.#refuse(`the line is not one that can be read (${kind})`),
    }, { maxFrame: MAX_FRAME, keepInvalid: true });
    const bytes = new Uint8Array(PIPE_BYTES);
    for (;;) {
      const size = await Deno.stdin.read(bytes);
      if (size === null || this.#isClosed) break;
      framer.push(bytes.subarray(0, size));
      if (this.#output.isFull) await this.#output.flush();
    }
    framer.end();
  }

  #take(line: string): void {
    if (line.trim() === "") return;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch (error) {
      return this.#refuse((error as Error).message);
    }
    if (typeof message !== "object" || message === null) return this.#refuse("it is not an object");
    void this.onmessage?.(message);
  }

  #refuse(reason: string): void {
    const error = { code: PARSE_ERROR, message: `Parse error: ${reason}` };
    this.#write({ jsonrpc: "2.0", id: null, error });
  }

  #end(why = "its client has gone"): void {
    this.#ended.resolve(why);
  }
}
