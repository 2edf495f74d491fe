/**
 * The tools of a server, and calls of them, for who has no SDK. The types are those parts of the SDK's that a caller
 * looks at first; its own fit in their place: `files.tools<Tool>(ref)`.
 */

import type { ActorRef, AskOptions, JsonValue } from "@outrider/outrider";
import type { JsonRpcCall, JsonRpcNotification } from "@outrider/outrider/protocol";
import { McpPagesError } from "./pages_error.ts";

/** Pages of a list that are asked for; a server that has more is taken to turn in a circle. */
const MAX_PAGES = 1_000;

/** The ref of an MCP server. */
// deno-lint-ignore no-explicit-any -- the result's type depends on the method; the caller names it
export type McpRef = ActorRef<JsonRpcCall | readonly JsonRpcCall[], any, JsonRpcNotification>;

/** A tool, as `tools/list` describes it. */
export interface McpTool {
  /** By which it is called. */
  readonly name: string;
  /** For people. */
  readonly title?: string;
  /** For a model. */
  readonly description?: string;
  /** The JSON Schema of its arguments. */
  readonly inputSchema: { readonly type: "object"; readonly [keyword: string]: unknown };
}

/** What a tool has answered. */
export interface McpToolResult {
  /** Texts, images and the like, each by its `type`. */
  // deno-lint-ignore no-explicit-any -- the fields depend on the type
  readonly content: readonly { readonly type: string; readonly [field: string]: any }[];
  /** By the tool's output schema, where it has one. */
  readonly structuredContent?: { readonly [name: string]: unknown };
  /** Whether the tool has failed; `content` says how. */
  readonly isError?: boolean;
}

/** Options of a call: those of an ask, and these. */
export interface McpCallOptions extends AskOptions {
  /** Called with the progress that the server reports. */
  readonly onProgress?: ((progress: JsonValue) => void) | undefined;
}

/** All tools of a server, page by page. @throws {McpPagesError} and what an ask throws */
export async function listTools<Tool>(ref: McpRef, options?: AskOptions): Promise<Tool[]> {
  const found: Tool[] = [];
  const seen = new Set<unknown>();
  let cursor: unknown;
  do {
    if (seen.has(cursor) || seen.size >= MAX_PAGES) throw new McpPagesError(ref.path, seen.size);
    seen.add(cursor);
    const params = cursor === undefined ? {} : { cursor };
    const { tools, nextCursor } = await ref.ask({ method: "tools/list", params }, options);
    found.push(...tools as Tool[]);
    cursor = nextCursor;
  } while (cursor !== undefined && cursor !== null);
  return found;
}

/** Calls a tool. */
export async function callTool<Result>(
  ref: McpRef,
  call: { readonly name: string; readonly arguments?: Readonly<Record<string, unknown>> | undefined },
  { onProgress, ...options }: McpCallOptions = {},
): Promise<Result> {
  const { name, arguments: given = {} } = call;
  const params = { name, arguments: given };
  const message = { method: "tools/call", params, ...onProgress && { onProgress } };
  return await ref.ask(message, options);
}
