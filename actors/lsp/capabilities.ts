/**
 * What the client declares to a language server in `initialize`. Pure; used by `lsp`.
 */

/**
 * The client's default capabilities: those of a program that reads everything and edits nothing.
 *
 * Snippets are among it, because many servers complete for no one else; and diagnostics are pushed, as
 * `textDocument.diagnostic` is not. `didChangeWatchedFiles` is declared where files can be watched.
 */
export const LSP_CAPABILITIES = {
  general: { positionEncodings: ["utf-16"] },
  window: { workDoneProgress: true },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
  },
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

const NO_WATCHING = { workspace: { didChangeWatchedFiles: null } };

/** JavaScript counts in UTF-16, so positions in any other encoding would be wrong. */
const UTF_16 = { general: { positionEncodings: LSP_CAPABILITIES.general.positionEncodings } };

/**
 * Returns {@linkcode LSP_CAPABILITIES} with `changes` merged into them, as a JSON merge patch (RFC 7386): objects are merged,
 * null removes, anything else replaces. Positions are always in UTF-16. `canWatch`: whether files can be watched.
 */
export function clientCapabilities(
  changes: unknown,
  { canWatch }: { readonly canWatch: boolean },
): Readonly<Record<string, unknown>> {
  const able = canWatch ? LSP_CAPABILITIES : applyMergePatch(LSP_CAPABILITIES, NO_WATCHING);
  return applyMergePatch(changes === undefined ? able : applyMergePatch(able, changes), UTF_16) as Readonly<
    Record<string, unknown>
  >;
}

/** Returns `target` with `patch` merged into it, as RFC 7386 has it. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** Whether it is an object, and not an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
