/**
 * Servers of the Model Context Protocol, on stdin and stdout: as actors that are asked, and as sessions for the
 * official SDK's client.
 *
 * @module
 */

export { mcp, MCP_VERSIONS } from "./server.ts";
export type { McpOptions, McpSpec } from "./server.ts";
export { McpVersionError } from "./handshake.ts";
export type { McpClientInfo, McpInitialized } from "./handshake.ts";
export { McpPagesError } from "./pages_error.ts";
export type { McpCallOptions, McpRef, McpTool, McpToolResult } from "./tools.ts";
export { mcpSession } from "./session.ts";
export type { McpSession, McpSessionOptions, McpTransport } from "./session.ts";
export { SessionAskError, SessionHeldError, SessionLossError, SessionOverError } from "../session/types.ts";
export type { JsonRpcMessage, SessionRef } from "../session/types.ts";
