/**
 * What the script says of each server: how it is started, what is asked of it, and what has to come.
 *
 * @module
 */
import type { LspOptions } from "@outrider/outrider/actors/lsp";
import type { McpOptions } from "@outrider/outrider/actors/mcp";
import type { JsonRpcCall } from "@outrider/outrider/protocol";

/** What a language server is asked about. */
export interface TrialDocument {
  /** Its name in the workspace. */
  readonly file: string;
  readonly languageId: string;
  readonly text: string;
  /** A part of the diagnostics that the server has to push for it; empty: any diagnostics will do. */
  readonly diagnostic?: string;
}

/** Where the document of a call is. */
export interface TrialPlace {
  /** The workspace. */
  readonly folder: string;
  /** The document's, or the workspace's. */
  readonly uri: string;
}

/** A real server. */
export interface TrialServer {
  readonly name: string;
  readonly kind: "lsp" | "mcp";
  /** What npm installs for it, each with its version, the server first; none of a program that has to be on PATH. */
  readonly packages: readonly string[];
  /** A program of these packages, or on PATH. */
  readonly command: string;
  readonly args: (folder: string) => readonly string[];
  /** Opened once. */
  readonly document?: TrialDocument;
  /** Further files of the workspace, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Options that it does not do without. */
  readonly options?: (folder: string) => Partial<LspOptions> & Partial<McpOptions>;
  /** The typical call. */
  readonly call: (at: TrialPlace) => JsonRpcCall;
  /** The part of a result that is shown. */
  // deno-lint-ignore no-explicit-any -- a result is of its method's type
  readonly shown: (result: any) => string;
  /** What `shown` returns of the right result. */
  readonly expected: string;
  /** What `shown` may return of a call that comes right after a document was opened. */
  readonly early?: string;
  /** What to know before it is used, in Markdown. */
  readonly remark?: string;
}
