/**
 * Answers whether the tree is well, over HTTP, in the words of Kubernetes: `/livez`, `/readyz`, `/startupz`.
 *
 * An answer of 200 is yes, one of 503 no; either says of each child that is not well why: what its probe got, whom it
 * waits for, when it is tried again, the last words it died with. Nothing can be changed here, and nothing else is told.
 * On loopback a request by a name that is not this machine's is refused: a page in a browser must not read that.
 */

import type { TreePhase } from "../supervision/status.ts";
import { visible } from "../text/printable.ts";
import { hostPort } from "../text/words.ts";
import { HttpServer } from "./http_server.ts";
import { type HttpAnswer, type HttpHead, isLoopback, isOwnHost } from "./http_text.ts";
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
export class HealthServer implements Disposable {
  readonly #server: HttpServer;
  /** The address it listens at; the port is one that was free where 0 was asked for. */
  readonly address: HealthAddress;

  /** @throws {ServiceError} `address_in_use` @throws {Deno.errors.NotCapable} */
  constructor(address: HealthAddress, source: HealthSource) {
    this.#server = listenAt(address, (head) => healthAnswer(head, source, address.hostname));
    this.address = this.#server.address;
  }

  /** Ends at once, whatever clients have open: a connection must not hold up a stop. */
  [Symbol.dispose](): void {
    this.#server[Symbol.dispose]();
  }
}

function listenAt(address: HealthAddress, answer: (head: HttpHead) => HttpAnswer): HttpServer {
  try {
    return new HttpServer(address, answer);
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

/** The answer to one request at `hostname`; anything but a look is refused. */
export function healthAnswer(
  { method, path, host }: HttpHead,
  source: HealthSource,
  hostname: string,
): HttpAnswer {
  if (method !== "GET" && method !== "HEAD") {
    return { status: 405, text: "Only GET and HEAD\n", allow: "GET, HEAD" };
  }
  if (host !== undefined && isLoopback(hostname) && !isOwnHost(host, hostname)) {
    return { status: 421, text: "Ask by an address, or as localhost\n" };
  }
  const phase = source.phase();
  switch (path) {
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
      return { status: 404, text: "There are /livez, /readyz and /startupz\n" };
  }
}

function said(isYes: boolean, text: string): HttpAnswer {
  return { status: isYes ? 200 : 503, text: `${text}\n` };
}
