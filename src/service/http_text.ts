/**
 * HTTP/1.1 as far as a question without a body needs it: the head of a request is read, an answer is written.
 *
 * Used by `http_server.ts`. The invariant: a head that can be read in two ways is not read.
 */

/** The head of a request. */
export interface HttpHead {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  /** Whom the client believes to ask, as it is written; `undefined` where it does not say. */
  readonly host: string | undefined;
}

/** What is answered. */
export interface HttpAnswer {
  readonly status: keyof typeof REASONS;
  readonly text: string;
  /** The methods that are answered, where this one is not. */
  readonly allow?: string;
}

const REASONS = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  503: "Service Unavailable",
} as const;

const REQUEST = /^([A-Z]+) (?:https?:\/\/[^/?#\s]*)?(\/[^?#\s]*)(?:\?\S*)? HTTP\/1\.\d$/;

/** Reads the head of a request, without the empty line at its end; `undefined`: it is not one. */
export function readHttpHead(text: string): HttpHead | undefined {
  const [first, ...fields] = text.split(/\r?\n/);
  const [, method, path] = REQUEST.exec(first!) ?? [];
  if (method === undefined || path === undefined) return undefined;
  const hosts = fields.filter((field) => /^host:/i.test(field)).map((field) => field.slice(5).trim());
  return hosts.length > 1 ? undefined : { method, path, host: hosts[0] };
}

/** Where the head of a request ends; -1: not yet. */
export function httpHeadEnd(text: string): number {
  return text.search(/\r?\n\r?\n/);
}

/** The whole answer; `HEAD` is answered without the text. */
export function httpAnswerBytes({ status, text, allow }: HttpAnswer, method: string | undefined): Uint8Array {
  const encoder = new TextEncoder();
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    `date: ${new Date().toUTCString()}`,
    "content-type: text/plain; charset=utf-8",
    `content-length: ${encoder.encode(text).length}`,
    "cache-control: no-store",
    "connection: close",
    ...allow === undefined ? [] : [`allow: ${allow}`],
  ];
  return encoder.encode(`${lines.join("\r\n")}\r\n\r\n${method === "HEAD" ? "" : text}`);
}

/**
 * Whether `host`, as a request names it, can be this machine's own: an address, or a name of loopback. Any other name on
 * loopback is of a page that a browser shows, whose name leads here (DNS rebinding).
 */
export function isOwnHost(host: string, name: string): boolean {
  const bare = host.replace(/:\d+$/, "").toLowerCase();
  return bare === name.toLowerCase() || bare === "localhost" || /^[\d.]+$/.test(bare) ||
    /^\[[\da-f:.]+\]$/.test(bare);
}

/** Whether only this machine reaches what listens at `hostname`. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d+){3}$/.test(hostname);
}
