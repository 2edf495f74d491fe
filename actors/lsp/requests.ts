/**
 * The client side of a language server: its capabilities, and answers to the server's requests.
 *
 * This client edits nothing. A server that wants something changed or shown receives the answer that it was not; your
 * own handlers say otherwise.
 */

import type { JsonValue } from "@outrider/outrider";
import type { JsonRpcHandler } from "@outrider/outrider/protocol";

/** A folder of the workspace. */
export interface LspWorkspaceFolder {
  /** Such as `file:///home/ada/project`. */
  readonly uri: string;
  /** For people. */
  readonly name: string;
}

/**
 * The client's default capabilities: those of a program that reads everything and edits nothing.
 *
 * Snippets are among it, because many servers complete for no one else; and diagnostics are pushed, as
 * `textDocument.diagnostic` is not.
 */
export const LSP_CAPABILITIES = {
  general: { positionEncodings: ["utf-16"] },
  window: { workDoneProgress: true },
  workspace: { configuration: true, workspaceFolders: true },
  textDocument: {
    synchronization: { didSave: true },
    publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true },
    completion: {
      contextSupport: true,
      completionItem: { snippetSupport: true, documentationFormat: ["markdown", "plaintext"] },
    },
    hover: { contentFormat: ["markdown", "plaintext"] },
    signatureHelp: { signatureInformation: { documentationFormat: ["markdown", "plaintext"] } },
    definition: { linkSupport: true },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    rename: { prepareSupport: true },
  },
} as const;

const done: JsonRpcHandler = () => null;

/** Returns handlers for the requests of a server in a workspace of these folders. */
export function lspAnswers(
  folders: readonly LspWorkspaceFolder[] | null,
): Readonly<Record<string, JsonRpcHandler>> {
  return {
    // As many as were asked for; null leaves each setting at the server's default.
    "workspace/configuration": ({ params }) => itemsOf(params).map(() => null),
    "workspace/workspaceFolders": () => folders,
    "workspace/applyEdit": () => ({ applied: false, failureReason: "nobody applies edits here" }),
    "client/registerCapability": done,
    "client/unregisterCapability": done,
    "window/workDoneProgress/create": done,
    "window/showMessageRequest": done, // none of the actions was chosen
    "window/showDocument": () => ({ success: false }),
    "workspace/codeLens/refresh": done,
    "workspace/diagnostic/refresh": done,
    "workspace/foldingRange/refresh": done,
    "workspace/inlayHint/refresh": done,
    "workspace/inlineValue/refresh": done,
    "workspace/semanticTokens/refresh": done,
  };
}

function itemsOf(params: JsonValue | undefined): JsonValue[] {
  const items = (params as { readonly items?: JsonValue } | undefined | null)?.items;
  return Array.isArray(items) ? items : [];
}
