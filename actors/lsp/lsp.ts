/**
 * Language servers, on stdin and stdout, by the Language Server Protocol 3.17: as actors that are asked, and as sessions
 * for language clients on `vscode-jsonrpc`.
 *
 * @module
 */

export { lsp, LspCapabilitiesError } from "./actor.ts";
export type { LspInitialized, LspOptions } from "./actor.ts";
export { lspSession } from "./session.ts";
export type { LspDisposable, LspEvent, LspSession, LspSessionOptions, LspTransports } from "./session.ts";
export { LSP_CAPABILITIES } from "./capabilities.ts";
export { LspMethodError } from "./methods.ts";
export type { LspSettings } from "./settings.ts";
export type { LspWorkspaceFolder, WrittenFolder } from "./workspace.ts";
export { SessionAskError, SessionHeldError, SessionLossError, SessionOverError } from "../session/types.ts";
export type { JsonRpcMessage, SessionRef } from "../session/types.ts";
