/**
 * What a manifest says about how a sidecar talks, as written and with every default filled in.
 *
 * @module
 */

import type { CodecName } from "../../process/codecs/codecs.ts";

/** How replies find their requests, as written: `"id"` for `{ id: "id" }`. */
export type PairingInput = "id" | "in-order" | "none" | { id: string };

/** How a sidecar talks, as written: a name, or an object where it has options. */
export type ProtocolInput =
  | CodecName
  | "jsonrpc"
  | "lsp"
  | "mcp"
  | {
    /** How messages become bytes. */
    type: CodecName;
    /** How replies find their requests; default by `id` for JSON, none for `bytes`, in order otherwise. */
    pairing?: PairingInput | undefined;
  }
  | {
    /** JSON-RPC 2.0. */
    type: "jsonrpc";
    /** One message a line, or behind `Content-Length` headers; default `lines`, with `lsp` `headers`. */
    framing?: "lines" | "headers" | undefined;
    /** How requests are cancelled and progress is told; default neither is. */
    dialect?: "lsp" | "mcp" | undefined;
  }
  | {
    /** A language server. */
    type: "lsp";
    /** The workspace's root, as a `file:` URL; default none. */
    rootUri?: string | undefined;
    /** What this server is told beyond the protocol; default nothing. */
    initializationOptions?: unknown;
  }
  | {
    /** A server of the Model Context Protocol. */
    type: "mcp";
  };

/** How a sidecar talks; a mere name has its usual pairing. */
export type ProtocolEntry =
  | CodecName
  | {
    /** How messages become bytes. */
    readonly type: CodecName;
    /** How replies find their requests. */
    readonly pairing: "in-order" | "none" | { readonly id: string };
  }
  | {
    /** JSON-RPC 2.0. */
    readonly type: "jsonrpc";
    /** One message a line, or behind `Content-Length` headers. */
    readonly framing: "lines" | "headers";
    /** How requests are cancelled and progress is told; absent: neither is. */
    readonly dialect?: "lsp" | "mcp" | undefined;
  }
  | ServerEntry;

/** A program whose start is a handshake, and whose stop begins with a goodbye. */
export type ServerEntry =
  | {
    /** A language server. */
    readonly type: "lsp";
    /** The workspace's root, as a `file:` URL. */
    readonly rootUri?: string | undefined;
    /** What this server is told beyond the protocol. */
    readonly initializationOptions?: unknown;
  }
  | {
    /** A server of the Model Context Protocol. */
    readonly type: "mcp";
  };

/** Which frame ends a reply of many, as written. */
export type UntilInput =
  | {
    /** The line behind the last one of the reply, which is no part of it. */
    end: string;
  }
  | {
    /** The last frame of the reply is the one in which `field` is `equals`, by default true. */
    last: { field: string; equals?: string | number | boolean | null | undefined };
  };

/** Which frame ends a reply of many. */
export type UntilEntry =
  | {
    /** The line behind the last one of the reply, which is no part of it. */
    readonly end: string;
  }
  | {
    /** The last frame of the reply is the one in which `field` is `equals`. */
    readonly last: { readonly field: string; readonly equals: string | number | boolean | null };
  };
