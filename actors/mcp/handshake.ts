/**
 * How a client and a server of MCP agree on a revision of the protocol.
 *
 * Up to 2025-11-25 by `initialize`. From 2026-07-28 on by `server/discover`, without a handshake: each request says in
 * `_meta` what it is made in. The era of the first of `versions` is tried first, the other where the server refuses.
 */

import { JsonRpcError, type JsonValue, OutriderError } from "@outrider/outrider";
import type { JsonRpcPeer } from "@outrider/outrider/protocol";
import { fields, type JsonObject } from "../session/fields.ts";

/** The first revision without `initialize`. */
const FIRST_WITHOUT_HANDSHAKE = "2026-07-28";

const META = "io.modelcontextprotocol/";
/** The error of a server that does not speak the revision: its `data` has `supported`. */
const UNSUPPORTED_VERSION = -32_022;

/** The client's name and version. */
export interface McpClientInfo {
  /** For programs. */
  readonly name: string;
  /** Of the client. */
  readonly version: string;
  /** For people. */
  readonly title?: string;
}

/** What a client tells of itself. */
export interface McpClient {
  /** The revisions to speak, the preferred one first. */
  readonly versions: readonly string[];
  readonly capabilities: Readonly<Record<string, object>>;
  readonly clientInfo: McpClientInfo;
}

/** A server's answer to `initialize`, or what `server/discover` says of the same. */
export interface McpInitialized {
  /** The revision that is spoken with it. */
  readonly protocolVersion: string;
  /** Its capabilities. */
  readonly capabilities: Readonly<Record<string, JsonValue>>;
  /** Its name and version. */
  readonly serverInfo: { readonly name: string; readonly version: string; readonly title?: string };
  /** How to use it, for a model. */
  readonly instructions?: string;
}

/** The server speaks no revision of the protocol that we do. */
export class McpVersionError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "mcp_version";
  /** The revision that the server offers, or those that it supports. */
  readonly offered: unknown;
  /** The revisions that the client accepts. */
  readonly versions: readonly string[];

  /** Made by the handshake. */
  constructor(offered: unknown, versions: readonly string[], cause?: unknown) {
    const all = (Array.isArray(offered) ? offered : [offered]).filter((one) => typeof one === "string");
    const wanted = all.length === 0 ? "no version at all" : all.join(", ");
    super(`Cannot speak with a server that offers ${wanted}: it takes one of ${versions.join(", ")}`, {
      cause,
    });
    this.offered = offered;
    this.versions = versions;
  }
}

/** Whether that revision has no handshake. */
export function isModern(version: string): boolean {
  return version >= FIRST_WITHOUT_HANDSHAKE;
}

/** What each request says in `_meta` from 2026-07-28 on. */
export function envelope(version: string, { clientInfo, capabilities }: McpClient): Record<string, unknown> {
  return {
    [`${META}protocolVersion`]: version,
    [`${META}clientInfo`]: clientInfo,
    [`${META}clientCapabilities`]: capabilities,
  };
}

/** Agrees with `server` on a revision. @throws {McpVersionError | JsonRpcError} */
export async function agree(server: JsonRpcPeer, client: McpClient): Promise<McpInitialized> {
  const eras = [initialize, discover];
  if (isModern(client.versions[0]!)) eras.reverse();
  const [first, second] = eras as [typeof discover, typeof discover];
  try {
    return await first(server, client);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { versions } = client;
    const supported = supportedOf(error);
    const others = versions.filter((version) => isModern(version) !== isModern(versions[0]!));
    if (others.length === 0 || (supported !== undefined && !supported.some((one) => others.includes(one)))) {
      const isTold = supported === undefined || error instanceof McpVersionError;
      throw isTold ? error : new McpVersionError(supported, versions, error);
    }
    try {
      return await second(server, client);
    } catch (again) {
      // A server of one era says more of itself in that.
      throw again instanceof McpVersionError || supported !== undefined ? again : error;
    }
  }
}

async function initialize(server: JsonRpcPeer, client: McpClient): Promise<McpInitialized> {
  const { versions, capabilities, clientInfo } = client;
  const protocolVersion = versions.find((version) => !isModern(version));
  const answer = await server.request("initialize", { protocolVersion, capabilities, clientInfo });
  const offered = fields(answer).protocolVersion;
  if (!versions.some((version) => version === offered)) throw new McpVersionError(offered, versions);
  server.notify("notifications/initialized");
  return answer as unknown as McpInitialized;
}

async function discover(server: JsonRpcPeer, client: McpClient): Promise<McpInitialized> {
  const { versions } = client;
  const wanted = versions.find(isModern)!;
  const answer = fields(await server.request("server/discover", { _meta: envelope(wanted, client) }));
  const supported = texts(answer.supportedVersions);
  const protocolVersion = versions.find((version) => isModern(version) && supported.includes(version));
  if (protocolVersion === undefined) throw new McpVersionError(supported, versions);
  const { capabilities, instructions, _meta } = answer;
  return {
    protocolVersion,
    capabilities: fields(capabilities) as McpInitialized["capabilities"],
    serverInfo:
      (fields(_meta)[`${META}serverInfo`] ?? { name: "", version: "" }) as McpInitialized["serverInfo"],
    ...typeof instructions === "string" && { instructions },
  };
}

/** Whether the server has said that it can't do so, and may do it in the other era. */
function isRefusal(error: unknown): boolean {
  return error instanceof JsonRpcError || error instanceof McpVersionError;
}

/** The revisions that a refusal names. */
function supportedOf(error: unknown): readonly string[] | undefined {
  if (error instanceof McpVersionError) return texts(error.offered);
  if (!(error instanceof JsonRpcError) || error.code !== UNSUPPORTED_VERSION) return undefined;
  return texts(fields(error.data).supported);
}

function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string");
}

/** The params of a request with what {@linkcode envelope} says. */
export function inEnvelope(params: unknown, said: Record<string, unknown>): JsonObject {
  const given = fields(params);
  return { ...given, _meta: { ...fields(given._meta), ...said } };
}
