/** The error of a list without an end. */

import { OutriderError } from "@outrider/outrider";

/** A list of an MCP server does not end: it names a page again, or has too many. */
export class McpPagesError extends OutriderError {
  /** Stable, for programs. */
  readonly code = "mcp_pages";

  /** Made after `pages` of them. */
  constructor(path: string, pages: number) {
    super(`Cannot list the tools of '${path}': after ${pages} pages the list does not end`);
  }
}
