/**
 * The first words to a server, by the client's own: `initialize`, or, of the revision 2026-07-28 and later,
 * `server/discover`.
 */

import { CODES, errorBodyOf, type MessageParams, objectOf, RequestFailure } from "./messages.ts";
import type { Upstream } from "./upstream.ts";

/** The revisions that have `initialize`, newest first. */
export const LEGACY_VERSIONS: readonly string[] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];
/** The revisions that have `server/discover`, newest first. */
export const MODERN_VERSIONS: readonly string[] = ["2026-07-28"];

/** How client and servers begin: a gateway has one way for all. */
export type Era = "legacy" | "modern";

/** What a server says of itself. */
export interface Introduction {
  /** Of MCP; of the modern era those that it supports. */
  readonly versions: readonly string[];
  readonly capabilities: MessageParams;
  readonly instructions: string | undefined;
  /** Its name and version. */
  readonly serverInfo: MessageParams;
}

/** What is said to each server. */
export interface Hello {
  readonly era: Era;
  /** The params that each of the gateway's own requests has. */
  readonly own: MessageParams;
  /** Says it. @throws {RequestFailure} it refuses, or ends */
  say(upstream: Upstream): Promise<Introduction>;
}

/** What of a client's capabilities passes the gateway: tasks have ids of their own, by which nothing finds their server. */
const UNPASSED = ["tasks"];

/** By a client's `initialize`. */
export function legacyHello(params: MessageParams): Hello {
  const { protocolVersion } = params;
  const capabilities = Object.fromEntries(
    Object.entries(objectOf(params.capabilities)).filter(([name]) => !UNPASSED.includes(name)),
  );
  const wanted = agreedVersion(protocolVersion);
  const sent = { ...params, protocolVersion: wanted, capabilities };
  return {
    era: "legacy",
    own: {},
    async say(upstream) {
      // However long its start takes: the supervisor has the time for that.
      const result = await upstream.request("initialize", sent, { timeout: Infinity });
      const version = result.protocolVersion;
      if (typeof version !== "string" || !LEGACY_VERSIONS.includes(version)) {
        throw new RequestFailure(
          CODES.VERSION,
          `it speaks MCP ${version ?? "of no version"}, and not ${LEGACY_VERSIONS.join(", ")}`,
        );
      }
      upstream.notify("notifications/initialized");
      return introductionOf(result, [version], result.serverInfo);
    },
  };
}

/** By a client's `server/discover`. */
export function modernHello(params: MessageParams): Hello {
  const { progressToken: _, ...meta } = objectOf(params._meta);
  const own = { _meta: meta };
  return {
    era: "modern",
    own,
    async say(upstream) {
      const result = await upstream.request("server/discover", own, { timeout: Infinity });
      const { supportedVersions } = result;
      const versions = Array.isArray(supportedVersions) ? supportedVersions.map(String) : [];
      if (!versions.some((version) => MODERN_VERSIONS.includes(version))) {
        throw new RequestFailure(CODES.VERSION, `it speaks MCP ${versions.join(", ")}`);
      }
      const info = objectOf(result._meta)[SERVER_INFO];
      return introductionOf(result, versions, info);
    },
  };
}

/** Where results of the modern era name their server. */
export const SERVER_INFO = "io.modelcontextprotocol/serverInfo";
/** Where notifications of the modern era name what they are for. */
export const SUBSCRIPTION_ID = "io.modelcontextprotocol/subscriptionId";

/** The revision to speak with a client that wants `wanted`: that, or the newest, which it may refuse. */
export function agreedVersion(wanted: unknown): string {
  return LEGACY_VERSIONS.find((version) => version === wanted) ?? LEGACY_VERSIONS[0]!;
}

function introductionOf(result: MessageParams, versions: readonly string[], info: unknown): Introduction {
  const { instructions } = result;
  return {
    versions,
    capabilities: objectOf(result.capabilities),
    instructions: typeof instructions === "string" && instructions !== "" ? instructions : undefined,
    serverInfo: objectOf(info),
  };
}

/** Whether a server has refused `initialize` because it knows later revisions alone. */
export function isModernAlone(error: unknown): boolean {
  const { code, data } = errorBodyOf(error);
  if (code === CODES.METHOD_NOT_FOUND) return true;
  const { supported } = objectOf(data);
  return code === CODES.VERSION && Array.isArray(supported) &&
    supported.some((version) => MODERN_VERSIONS.includes(version));
}

/** Whether a request failed because the incarnation ended that had it, or because there was none. */
export function isCutByDeath(error: unknown): boolean {
  if (!(error instanceof RequestFailure)) return false;
  const { code, message, data } = error.body;
  // The codes are ones that servers use, too: the session's own errors have a reason.
  const { reason, generation } = objectOf(data);
  if (reason === undefined) return false;
  // The session has this code for clients to go on with `initialize`: no process has heard the request.
  if (code === CODES.METHOD_NOT_FOUND) return generation === undefined && message.endsWith(`: ${reason}`);
  return code === CODES.CLOSED && message.startsWith("Connection closed: ");
}
