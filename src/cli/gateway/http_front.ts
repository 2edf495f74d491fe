/**
 * Clients of the gateway over Streamable HTTP, on loopback: a session each, with the official SDK's transport.
 *
 * The invariant: nothing is answered that does not name this machine, comes from a page of another one, or lacks the
 * token.
 */

import type { Gateway } from "../../gateway/gateway.ts";
import { LEGACY_VERSIONS } from "../../gateway/hello.ts";
import { CODES, type ErrorBody, RequestFailure } from "../../gateway/messages.ts";
import type { HealthAddress } from "../../service/health.ts";
import { ServiceError } from "../../service/service_errors.ts";
import { hostPort } from "../../text/words.ts";
import { HttpSession, type HttpTransport, LAST_READ_MS } from "./http_session.ts";
import type { GatewayFront } from "./options.ts";

/** Where it answers. */
export const HTTP_PATH = "/mcp";
/**
 * Sessions at a time. A client that has gone without a word leaves one, and of those that are not in use the one unused
 * longest gives way.
 */
export const MAX_HTTP_SESSIONS = 64;
const ALL_IN_USE: ErrorBody = {
  code: CODES.CLOSED,
  message: `All ${MAX_HTTP_SESSIONS} sessions are in use; end one, and try again`,
};
/** The most bytes of a request. */
const MAX_BODY = 4_194_304;

/** How it is opened. */
export interface HttpOptions {
  readonly address: HealthAddress;
  readonly token: string;
}

/** Listens. @throws {ServiceError} `address_in_use` */
export async function openHttp(gateway: Gateway, { address, token }: HttpOptions): Promise<
  GatewayFront & {
    /** Where; the port is one that was free where 0 was asked for. */
    readonly url: string;
  }
> {
  const sdk = await import("@modelcontextprotocol/server");
  const sessions = new Map<string, HttpSession>();
  const authorize = sdk.requireBearerAuth({ verifier: { verifyAccessToken: verifierOf(token, sdk) } });
  const allowed = sdk.localhostAllowedHostnames();

  const begin = async (request: Request): Promise<Response> => {
    let isRefused = false;
    const transport = new sdk.WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      supportedProtocolVersions: [...LEGACY_VERSIONS],
      maxRequestBodySize: MAX_BODY,
      onsessioninitialized(id) {
        const [unused] = [...sessions].find(([, session]) => !session.isInUse) ?? [];
        isRefused = sessions.size >= MAX_HTTP_SESSIONS && unused === undefined;
        // Before the gateway has the request; how the SDK answers it is replaced below.
        if (isRefused) throw RequestFailure.of(ALL_IN_USE);
        if (sessions.size >= MAX_HTTP_SESSIONS) void end(unused!, "its session gives way to a new one");
        sessions.set(id, session);
      },
      onsessionclosed: (id) => end(id, "its client has ended the session"),
    }) as HttpTransport;
    const session = new HttpSession(transport, () => void sessions.delete(transport.sessionId!));
    session.client = await gateway.connect(session);
    const response = await session.handle(request);
    // One that does not begin a session is answered with what is wrong with it.
    if (isRefused || transport.sessionId === undefined) await session.close();
    return isRefused ? refusal(503, ALL_IN_USE) : response;
  };
  /** What its client waits for is answered before. */
  const end = async (id: string, why: string): Promise<void> => {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.client?.close(why);
  };
  const answer = async (request: Request): Promise<Response> => {
    const refused = sdk.hostHeaderValidationResponse(request, allowed) ??
      sdk.originValidationResponse(request, sdk.localhostAllowedOrigins());
    if (refused !== undefined) return refused;
    const authorized = await authorize(request);
    if (authorized instanceof Response) return authorized;
    if (new URL(request.url).pathname !== HTTP_PATH) return new Response("Not found\n", { status: 404 });
    const id = request.headers.get("mcp-session-id");
    if (id === null) return await begin(request);
    const session = sessions.get(id);
    if (session === undefined) return sessionNotFound();
    // The one used last is the last to give way.
    sessions.delete(id);
    sessions.set(id, session);
    return await session.handle(request);
  };
  const server = listen(address, answer);
  const { hostname, port } = server.addr;
  return {
    url: `http://${hostPort(hostname, port)}${HTTP_PATH}`,
    // Clients come and go until it is stopped.
    ended: new Promise(() => {}),
    close: async () => {
      for (const id of [...sessions.keys()]) await end(id, "the gateway stops");
      // A client that does not read its answer, or goes on sending its request, must not hold up a stop.
      await Promise.race([server.shutdown(), new Promise((resolve) => setTimeout(resolve, LAST_READ_MS))]);
    },
  };
}

type Sdk = typeof import("@modelcontextprotocol/server");

function verifierOf(token: string, { OAuthError, OAuthErrorCode }: Sdk) {
  return async (given: string) => {
    if (!await isSame(given, token)) {
      throw new OAuthError(OAuthErrorCode.InvalidToken, "The token is not the one");
    }
    return { token: given, clientId: "local", scopes: [], expiresAt: Math.floor(Date.now() / 1_000) + 3_600 };
  };
}

/** Compares digests, so that the time that it takes tells nothing. */
async function isSame(one: string, other: string): Promise<boolean> {
  const digest = (text: string) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const [a, b] = (await Promise.all([digest(one), digest(other)])).map((bytes) => new Uint8Array(bytes));
  return a!.reduce((difference, byte, index) => difference | (byte ^ b![index]!), 0) === 0;
}

function listen(address: HealthAddress, answer: (request: Request) => Promise<Response>) {
  try {
    return Deno.serve({ ...address, onListen() {} }, answer);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    const { hostname, port } = address;
    throw new ServiceError(
      "address_in_use",
      `Cannot listen at ${hostPort(hostname, port)}: another process does; choose another address for --http`,
    );
  }
}

function sessionNotFound(): Response {
  return refusal(404, { code: -32_001, message: "Session not found" });
}

function refusal(status: number, error: ErrorBody): Response {
  return Response.json({ jsonrpc: "2.0", id: null, error }, { status });
}
