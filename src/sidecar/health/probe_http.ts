/**
 * The question of a probe to a web server, in HTTP/1.1 over a connection of its own, and the status of the answer.
 *
 * The body is not read: its length, its coding, and whether it ever ends are of no importance here.
 */

import { connectTo, type ProbeConnection } from "./probe_connection.ts";

/** Bytes that an answer's head may have, those of interim answers before it included. */
export const MAX_HEAD_BYTES = 65_536;

const STATUS = /^HTTP\/1\.[01] (\d{3})(?: |$)/;

/** Where a URL leads; `hostname` without brackets. */
function placeOf({ hostname, port, protocol }: URL): { hostname: string; port: number; tls: boolean } {
  const tls = protocol === "https:";
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (tls ? 443 : 80), tls };
}

/** A URL as it may be shown: its user, its password and its query are left out, as they may be secrets. */
export function redactUrl(url: string): string {
  const { protocol, username, password, host, pathname, search } = new URL(url);
  const user = username === "" && password === "" ? "" : "***@";
  return `${protocol}//${user}${host}${pathname}${search === "" ? "" : "?***"}`;
}

/**
 * The status of the answer to a GET. A redirection is not followed.
 *
 * @throws Deno's error, the reason of `cut`, and an error about a reply that is not HTTP
 */
export async function requestStatus(url: string, cut: AbortSignal): Promise<number> {
  const target = new URL(url);
  const { hostname, port, tls } = placeOf(target);
  const conn = await connectTo(hostname, port, { cut, tls });
  const close = () => conn.close();
  if (cut.aborted) close();
  cut.addEventListener("abort", close, { once: true });
  try {
    cut.throwIfAborted();
    // A server may answer, and close, before it has read all of it.
    send(conn, request(target)).catch(() => {});
    return await answer(conn);
  } catch (error) {
    cut.throwIfAborted();
    throw error;
  } finally {
    cut.removeEventListener("abort", close);
    if (!cut.aborted) conn.close();
  }
}

function request({ host, pathname, search, username, password }: URL): Uint8Array {
  const login = `${decoded(username)}:${decoded(password)}`;
  return new TextEncoder().encode([
    `GET ${pathname}${search} HTTP/1.1`,
    `host: ${host}`,
    "user-agent: outrider-probe",
    "accept: */*",
    ...(login === ":" ? [] : [`authorization: Basic ${new TextEncoder().encode(login).toBase64()}`]),
    "connection: close",
    "",
    "",
  ].join("\r\n"));
}

/** Decodes percent escapes; a text that cannot be decoded stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

async function send(conn: ProbeConnection, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** The status of the first answer that is not an interim one, once all of its head is there. */
async function answer(conn: ProbeConnection): Promise<number> {
  const bytes = new Uint8Array(MAX_HEAD_BYTES);
  for (let [size, start] = [0, 0];;) {
    if (size === bytes.length) {
      throw new TypeError(`the head of the answer has more than ${MAX_HEAD_BYTES} bytes`);
    }
    const read = await conn.read(bytes.subarray(size));
    if (read === null) throw new TypeError("the connection ended before an answer");
    const from = Math.max(start, size - 3);
    size += read;
    for (let end = headEnd(bytes, from, size); end !== undefined; end = headEnd(bytes, start, size)) {
      const head = new TextDecoder().decode(bytes.subarray(start, end));
      const status = Number(STATUS.exec(head.split(/\r?\n/, 1)[0]!)?.[1]);
      if (!(status >= 100)) throw new TypeError("the answer is not HTTP/1.1");
      if (status >= 200 || status === 101) return status;
      start = end;
    }
  }
}

/** Where the empty line behind a head ends; line ends are CR LF, or LF. */
function headEnd(bytes: Uint8Array, from: number, size: number): number | undefined {
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < size; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (next < size && bytes[next] === LF) return next + 1;
  }
}

const [CR, LF] = [0x0d, 0x0a];
