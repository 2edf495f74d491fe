/**
 * Has a running tree run a child once, beside it, and pumps our input and its output.
 */

import type { ControlClient } from "../../../control/client.ts";
import { ControlError } from "../../../control/control_errors.ts";
import type { RunItem, RunReport } from "../../../control/protocol.ts";
import { STOP_SIGNALS } from "../../../launch/process_ends.ts";
import { PipeClosedError } from "../../../process/pipes/pipe_errors.ts";
import { EXIT, type ExitCode } from "../../verb.ts";
import { TAIL_LINES } from "../talk.ts";
import { ErrorLines, lostText } from "./error_lines.ts";
import { type PipedProcess, pump } from "./pump.ts";

/**
 * Items that may be under way: as few as the connection's own buffer takes, so that a client that is suspended (Ctrl-Z)
 * keeps its connection.
 */
const CREDIT = 2;

/** Runs the child at `path`; a first signal stops it, a second one leaves that to the runtime. The connection is closed. */
export async function runOnce(
  { path, client }: { readonly path: string; readonly client: ControlClient },
  { args, as }: { readonly args?: readonly string[] | undefined; readonly as: "run" | "pipe" },
): Promise<ExitCode> {
  const process = new RemoteProcess(client);
  const interrupted = new AbortController();
  const onSignal = () => {
    if (interrupted.signal.aborted) return client.close();
    interrupted.abort();
    process.stop();
  };
  for (const name of STOP_SIGNALS) Deno.addSignalListener(name, onSignal);
  const errors = as === "run" ? new ErrorLines() : undefined;
  const tail: string[] = [];
  const written = process.output({ child: path, args, as }, (line) => {
    tail.push(line);
    tail.splice(0, tail.length - TAIL_LINES);
    errors?.add({ path, at: Date.now(), generation: 1, stream: "stderr", line });
  });
  try {
    const conversation = {
      signal: interrupted.signal,
      tail,
      get isInterrupted() {
        return interrupted.signal.aborted;
      },
    };
    return await pump(conversation, { path, child: process, written, errors });
  } catch (error) {
    if (interrupted.signal.aborted && error instanceof ControlError) return EXIT.FORCED;
    throw error;
  } finally {
    for (const name of STOP_SIGNALS) Deno.removeSignalListener(name, onSignal);
    client.close();
  }
}

/** A process that the runtime has started. */
class RemoteProcess implements PipedProcess {
  readonly #client: ControlClient;
  readonly #started = Promise.withResolvers<string>();
  readonly #closed = Promise.withResolvers<{ status: { code: number; signal?: string | undefined } }>();
  readonly closed = this.#closed.promise;
  readonly exited: Promise<unknown> = this.closed.catch(() => {});
  #path: string | undefined;

  constructor(client: ControlClient) {
    this.#client = client;
    this.#started.promise.catch(() => {}); // the output has it
  }

  /** Starts it: its standard output; `onError` gets the lines of its standard error. @throws {ControlError} */
  async *output(
    wish: {
      readonly child: string;
      readonly args?: readonly string[] | undefined;
      readonly as: "run" | "pipe";
    },
    onError: (line: string) => void,
  ): AsyncGenerator<Uint8Array, void> {
    try {
      const items = this.#client.stream<RunItem>({ method: "run", ...wish }, { credit: CREDIT });
      try {
        for (;;) {
          const next = await items.next();
          if (next.done) {
            const { code, signal } = next.value as RunReport;
            return this.#closed.resolve({ status: { code, signal } });
          }
          const item = next.value;
          if ("stdout" in item) yield Uint8Array.fromBase64(item.stdout);
          else if ("stderr" in item) item.stderr.forEach(onError);
          else if ("lost" in item) onError(lostText(item.lost));
          else {
            this.#path = item.started;
            this.#started.resolve(item.started);
          }
        }
      } finally {
        await items.return(undefined);
      }
    } catch (error) {
      this.#started.reject(error);
      this.#closed.reject(error);
      throw error;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#feed({ bytes: bytes.toBase64() });
  }

  async closeStdin(): Promise<void> {
    await this.#feed({});
  }

  /** Has it stopped as any child is; one that is not there yet is called off. */
  stop(): void {
    if (this.#path === undefined) this.#client.close();
    else this.#client.call({ method: "terminate", ...{ child: this.#path } }, Infinity).catch(() => {});
  }

  async #feed(what: { readonly bytes?: string }): Promise<void> {
    try {
      const child = await this.#started.promise;
      await this.#client.call({ method: "feed", ...{ child, ...what } }, Infinity);
    } catch (error) {
      // Whatever ends the connection is told by the output.
      if (!(error instanceof ControlError)) throw error;
      throw new PipeClosedError(0, { reason: error.message, cause: error });
    }
  }
}
