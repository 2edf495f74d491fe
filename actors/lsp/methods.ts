/**
 * Which capability of a language server a request needs, as LSP 3.17 has it. Pure; used by `lsp`.
 */

import { OutriderError } from "@outrider/outrider";
import { isObject } from "./capabilities.ts";

/** A capability that a server has registered while it runs. */
export interface LspRegistration {
  /** The server's name for it, to take it back by. */
  readonly id: string;
  /** Such as `textDocument/formatting`. */
  readonly method: string;
  /** As the server sent them. */
  readonly registerOptions?: unknown;
}

/** What a server can do: what it declared in the handshake, and what it has registered since. */
export interface LspAbilities {
  /** From its answer to `initialize`. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** In the order in which they came. */
  readonly registrations: readonly LspRegistration[];
  /** What the client declared: what a server may register later. */
  readonly client: Readonly<Record<string, unknown>>;
}

/** The server lacks the method that it was to be asked. */
export class LspMethodError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "lsp_method";
  /** The method. */
  readonly method: string;
  /** The capability that it needs, such as `renameProvider`. */
  readonly capability: string;

  /** Made for a request that is not sent. */
  constructor(method: string, capability: string) {
    super(
      `Cannot ask for ${method}: the server does not have the capability ${capability}; ` +
        `its answer to initialize shows what it has`,
    );
    this.method = method;
    this.capability = capability;
  }
}

/** The capability of each request of a document or of the workspace that has one, as a path into those of a server. */
const CAPABILITIES: Readonly<Record<string, string>> = {
  "callHierarchy/incomingCalls": "callHierarchyProvider",
  "callHierarchy/outgoingCalls": "callHierarchyProvider",
  "codeAction/resolve": "codeActionProvider.resolveProvider",
  "codeLens/resolve": "codeLensProvider.resolveProvider",
  "completionItem/resolve": "completionProvider.resolveProvider",
  "documentLink/resolve": "documentLinkProvider.resolveProvider",
  "inlayHint/resolve": "inlayHintProvider.resolveProvider",
  "textDocument/codeAction": "codeActionProvider",
  "textDocument/codeLens": "codeLensProvider",
  "textDocument/colorPresentation": "colorProvider",
  "textDocument/completion": "completionProvider",
  "textDocument/declaration": "declarationProvider",
  "textDocument/definition": "definitionProvider",
  "textDocument/diagnostic": "diagnosticProvider",
  "textDocument/documentColor": "colorProvider",
  "textDocument/documentHighlight": "documentHighlightProvider",
  "textDocument/documentLink": "documentLinkProvider",
  "textDocument/documentSymbol": "documentSymbolProvider",
  "textDocument/foldingRange": "foldingRangeProvider",
  "textDocument/formatting": "documentFormattingProvider",
  "textDocument/hover": "hoverProvider",
  "textDocument/implementation": "implementationProvider",
  "textDocument/inlayHint": "inlayHintProvider",
  "textDocument/inlineValue": "inlineValueProvider",
  "textDocument/linkedEditingRange": "linkedEditingRangeProvider",
  "textDocument/moniker": "monikerProvider",
  "textDocument/onTypeFormatting": "documentOnTypeFormattingProvider",
  "textDocument/prepareCallHierarchy": "callHierarchyProvider",
  "textDocument/prepareRename": "renameProvider.prepareProvider",
  "textDocument/prepareTypeHierarchy": "typeHierarchyProvider",
  "textDocument/rangeFormatting": "documentRangeFormattingProvider",
  "textDocument/references": "referencesProvider",
  "textDocument/rename": "renameProvider",
  "textDocument/selectionRange": "selectionRangeProvider",
  "textDocument/semanticTokens/full": "semanticTokensProvider.full",
  "textDocument/semanticTokens/full/delta": "semanticTokensProvider.full.delta",
  "textDocument/semanticTokens/range": "semanticTokensProvider.range",
  "textDocument/signatureHelp": "signatureHelpProvider",
  "textDocument/typeDefinition": "typeDefinitionProvider",
  "textDocument/willSaveWaitUntil": "textDocumentSync.willSaveWaitUntil",
  "typeHierarchy/subtypes": "typeHierarchyProvider",
  "typeHierarchy/supertypes": "typeHierarchyProvider",
  "workspace/diagnostic": "diagnosticProvider.workspaceDiagnostics",
  "workspace/executeCommand": "executeCommandProvider",
  "workspace/symbol": "workspaceSymbolProvider",
  "workspace/willCreateFiles": "workspace.fileOperations.willCreate",
  "workspace/willDeleteFiles": "workspace.fileOperations.willDelete",
  "workspace/willRenameFiles": "workspace.fileOperations.willRename",
  "workspaceSymbol/resolve": "workspaceSymbolProvider.resolveProvider",
};

/** The methods under which a capability is registered, where that is not the method that needs it. */
const REGISTERED_AS: Readonly<Record<string, string>> = {
  callHierarchyProvider: "textDocument/prepareCallHierarchy",
  codeActionProvider: "textDocument/codeAction",
  codeLensProvider: "textDocument/codeLens",
  colorProvider: "textDocument/documentColor",
  completionProvider: "textDocument/completion",
  diagnosticProvider: "textDocument/diagnostic",
  documentLinkProvider: "textDocument/documentLink",
  inlayHintProvider: "textDocument/inlayHint",
  renameProvider: "textDocument/rename",
  semanticTokensProvider: "textDocument/semanticTokens",
  typeHierarchyProvider: "textDocument/prepareTypeHierarchy",
  workspaceSymbolProvider: "workspace/symbol",
};

/** The names of client capabilities that differ from those of their methods. */
const DECLARED_AS: Readonly<Record<string, string>> = {
  documentColor: "colorProvider",
  prepareCallHierarchy: "callHierarchy",
  prepareTypeHierarchy: "typeHierarchy",
  willCreateFiles: "fileOperations",
  willDeleteFiles: "fileOperations",
  willRenameFiles: "fileOperations",
};

/** Returns the capability that a request of this method needs and the server lacks; `undefined`: it may be sent. */
export function missingCapability(method: string, server: LspAbilities): string | undefined {
  if (!Object.hasOwn(CAPABILITIES, method)) return undefined;
  const capability = CAPABILITIES[method]!;
  const [provider = "", ...within] = capability.split(".");
  if (isThere(server.capabilities, [provider, ...within])) return undefined;
  const registered = Object.hasOwn(REGISTERED_AS, provider) ? REGISTERED_AS[provider]! : method;
  const has = server.registrations.some(({ method, registerOptions }) =>
    method === registered && (within.length === 0 || isThere(registerOptions, within))
  );
  return has || mayRegister(registered, server.client) ? undefined : capability;
}

/** Whether the client declared that this may be registered at any time: then whether the server has it is open. */
function mayRegister(method: string, client: unknown): boolean {
  const [part = "", name = ""] = method.split("/");
  const declared = Object.hasOwn(DECLARED_AS, name) ? DECLARED_AS[name]! : name;
  return isThere(client, [part, declared, "dynamicRegistration"]);
}

/** Whether something other than `false` or null is at that path. */
function isThere(value: unknown, path: readonly string[]): boolean {
  let found = value;
  for (const key of path) {
    if (!isObject(found) || !Object.hasOwn(found, key)) return false;
    found = found[key];
  }
  return found !== undefined && found !== null && found !== false;
}

/** Returns `registrations` with those of a `client/registerCapability`; one of a known id takes its place. */
export function register(
  registrations: readonly LspRegistration[],
  params: unknown,
): readonly LspRegistration[] {
  const added = listIn(params, "registrations").filter(isRegistration);
  const ids = new Set(added.map(({ id }) => id));
  return [...registrations.filter(({ id }) => !ids.has(id)), ...added];
}

/** Returns `registrations` without those of a `client/unregisterCapability`. */
export function unregister(
  registrations: readonly LspRegistration[],
  params: unknown,
): readonly LspRegistration[] {
  // The misspelling is the protocol's own.
  const gone = [...listIn(params, "unregisterations"), ...listIn(params, "unregistrations")];
  const ids = new Set(gone.map((one) => isObject(one) ? one.id : undefined));
  return registrations.filter(({ id }) => !ids.has(id));
}

function listIn(params: unknown, name: string): readonly unknown[] {
  const list = isObject(params) ? params[name] : undefined;
  return Array.isArray(list) ? list : [];
}

function isRegistration(value: unknown): value is LspRegistration {
  return isObject(value) && typeof value.id === "string" && typeof value.method === "string";
}
