/**
 * The client side of a language server: the answers to the server's requests.
 *
 * This client edits nothing. A server that wants something changed or shown receives the answer that it was not; your
 * own handlers say otherwise.
 */

import type { JsonValue } from "@outrider/outrider";
import { type JsonRpcHandler, type JsonRpcPeer, LSP } from "@outrider/outrider/protocol";
import type { LspWorkspaceFolder } from "./workspace.ts";

const done: JsonRpcHandler = () => null;

/**
 * Returns handlers for the requests of a server in a workspace of these folders; `configuration` answers the items of a
 * request for settings.
 */
export function lspAnswers(
  folders: readonly LspWorkspaceFolder[] | null,
  configuration: (items: readonly JsonValue[], peer: JsonRpcPeer) => readonly unknown[],
): Readonly<Record<string, JsonRpcHandler>> {
  return {
    "workspace/configuration": ({ params, peer }) => configuration(itemsOf(params), peer),
    "workspace/workspaceFolders": () => folders,
    "workspace/applyEdit": () => ({ applied: false, failureReason: "nobody applies edits here" }),
    "client/registerCapability": done,
    "client/unregisterCapability": done,
    "window/workDoneProgress/create": done,
    "window/showMessageRequest"({ params, peer }) {
      const line = LSP.logLine?.({ method: "window/showMessage", params: params ?? null });
      if (line !== undefined) peer.note(line.text, line.level);
      return null; // none of the actions was chosen
    },
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
