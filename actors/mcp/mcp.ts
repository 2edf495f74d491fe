/**
 * Servers of the Model Context Protocol, on stdin and stdout: as actors that are asked, and as sessions for the
 * official SDK's client.
 *
 * @module
 */

export { mcp, MCP_VERSIONS, McpVersionError } from "./server.ts";
export type { McpInitialized, McpOptions } from "./server.ts";
export { mcpSession } from "./session.ts";
export type { McpSession, McpSessionOptions, McpTransport } from "./session.ts";
export { SessionHeldError, SessionLossError, SessionOverError } from "../session/types.ts";
export type { JsonRpcMessage, SessionRef } from "../session/types.ts";
