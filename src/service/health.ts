/**
 * Answers whether the tree is well, over HTTP, in the words of Kubernetes: `/livez`, `/readyz`, `/startupz`.
 *
 * An answer of 200 is yes, one of 503 no; either says of each child that is not well why: what its probe got, whom it
 * waits for, when it is tried again, the last words it died with. Nothing can be changed here, and nothing else is told.
 */

import type { TreePhase } from "../supervision/status.ts";
import { sleep, systemClock } from "../time/clock.ts";
import { visible } from "../text/printable.ts";
import { hostPort } from "../text/words.ts";
import { ServiceError } from "./service_errors.ts";
import { type Wellness, wellnessText } from "./well.ts";

/** What is asked of the tree. */
export interface HealthSource {
  /** Where it stands. */
  readonly phase: () => TreePhase;
  /** Which of its children are well. */
  readonly wellness: () => Wellness;
}

/** An address to listen at. */
export interface HealthAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Reads `127.0.0.1:8080`, `[::1]:8080` or `:8080`, which is all addresses. @throws {ServiceError} */
export function healthAddress(text: string): HealthAddress {
  const [, bracketed, plain = "", port = ""] = /^(?:\[([\da-fA-F:]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text) ??
    [];
  if (port === "" || Number(port) > 65_535) {
    throw new ServiceError(
      "bad_address",
      `Cannot listen at ${visible(text)}: expected an address such as 127.0.0.1:8080`,
    );
  }
  return { hostname: bracketed ?? (plain === "" ? "0.0.0.0" : plain), port: Number(port) };
}

/** Listens until it is closed. */
export class HealthServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer;
  readonly #over = new AbortController();
  /** The address it listens at; the port is one that was free where 0 was asked for. */
  readonly address: HealthAddress;

  /** @throws {ServiceError} `address_in_use` @throws {Deno.errors.NotCapable} */
  constructor(address: HealthAddress, source: HealthSource) {
    const { signal } = this.#over;
    const server = this.#server = listenAt(
      { ...address, signal },
      (request) => healthAnswer(request, source),
    );
    const { hostname, port } = server.addr as Deno.NetAddr;
    this.address = { hostname, port };
    server.unref();
  }

  /** Ends at once, whatever clients have open: a connection that is kept alive must not hold up a stop. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    const waited = new AbortController();
    await Promise.race([this.#server.finished, sleep(systemClock, END_MS, waited.signal)]);
    waited.abort();
  }
}

function listenAt(
  address: HealthAddress & { readonly signal: AbortSignal },
  handler: (request: Request) => Response,
): Deno.HttpServer {
  try {
    return Deno.serve({ ...address, onListen: () => {} }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new ServiceError(
      "address_in_use",
      `Cannot listen at ${
        hostPort(address.hostname, address.port)
      }: another process does; choose another address for --http`,
    );
  }
}

/** Milliseconds that the end waits for connections to be closed. */
const END_MS = 1_000;

const HEADERS = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

/** The answer to one request; anything but a look is refused. */
export function healthAnswer(
  { method, url }: Pick<Request, "method" | "url">,
  source: HealthSource,
): Response {
  if (method !== "GET" && method !== "HEAD") {
    return new Response("Only GET and HEAD\n", { status: 405, headers: { ...HEADERS, allow: "GET, HEAD" } });
  }
  const phase = source.phase();
  switch (new URL(url).pathname) {
    case "/livez":
      return said(true, "alive");
    case "/startupz":
      return said(
        phase === "running",
        phase === "starting" ? "its first round of starts is under way" : phase,
      );
    case "/readyz": {
      const { of, unwell } = source.wellness();
      const isWell = phase === "running" && unwell.length === 0;
      const lines = unwell.map(({ path, why }) => `${path}: ${why}`);
      return said(isWell, [`${phase}, ${wellnessText({ of, unwell })}`, ...lines].map(visible).join("\n"));
    }
    default:
      return new Response("There are /livez, /readyz and /startupz\n", { status: 404, headers: HEADERS });
  }
}

function said(isYes: boolean, text: string): Response {
  return new Response(`${text}\n`, { status: isYes ? 200 : 503, headers: HEADERS });
}
