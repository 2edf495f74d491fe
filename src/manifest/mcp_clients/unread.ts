/**
 * What of a server has no counterpart here, so that nothing of a client's file vanishes in silence.
 */

import { nearestKey, quote } from "../../text/words.ts";
import type { McpClientFindings } from "./findings.ts";

/** Why a server is not started, as a clause; `undefined` if it is a program to start. */
export function notStartedReason(server: Readonly<Record<string, unknown>>): string | undefined {
  if (server.disabled === true || server.enabled === false) return "it is disabled";
  const url = URL_KEYS.map((key) => server[key]).find((url) => typeof url === "string");
  const type = server.type ?? server.transport;
  const isRemote = typeof type === "string" && REMOTE_TYPES.test(type);
  if (isRemote || (url !== undefined && server.command === undefined)) {
    const at = url === undefined ? "" : ` at ${withoutSecrets(url as string)}`;
    return `a remote server${at}, and only programs are started: "npx mcp-remote URL" is a program for it`;
  }
  if (server.command === undefined && (server.source === "extension" || server.settings !== undefined)) {
    return "an extension of Zed starts it, and knows its program";
  }
  return undefined;
}

const URL_KEYS = ["url", "serverUrl", "httpUrl"];
const REMOTE_TYPES = /^(http|sse|streamable-?http|ws|websocket)$/i;

/** A URL without what may be a key: its user, its query and its fragment. */
function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, "").replace(/^([a-z]+:\/\/)[^/@]*@/i, "$1");
}

/** The keys that are read. */
const READ: readonly string[] = [
  "command",
  "args",
  "env",
  "envFile",
  "cwd",
  "type",
  "transport",
  "disabled",
  "enabled",
  "disabledTools",
  "excludeTools",
  "timeout",
];

const NOT_ASKED = "nothing here asks before a tool is called";
const NOT_SANDBOXED = "the server is not sandboxed here";
const REMOTE = "for remote servers";

/** Why a key that clients know has no effect here. */
const REASONS: Readonly<Record<string, string>> = {
  alwaysAllow: NOT_ASKED,
  autoApprove: NOT_ASKED,
  trust: NOT_ASKED,
  sandbox: NOT_SANDBOXED,
  sandboxEnabled: NOT_SANDBOXED,
  dev: "it is for those who develop the server in VS Code",
  url: REMOTE,
  headers: REMOTE,
  headersHelper: REMOTE,
  oauth: REMOTE,
  auth: REMOTE,
  gallery: "it says where VS Code has the server from",
  version: "it says which server VS Code has installed",
  remote: "it is for Zed's remote development",
  source: "it says how Zed has the server",
};

/** Notes the keys of a server that are not read. */
export function noteUnread(
  server: Readonly<Record<string, unknown>>,
  { name, path, findings, isWritten, disabledTools }: {
    readonly name: string;
    readonly path: readonly PropertyKey[];
    readonly findings: McpClientFindings;
    readonly isWritten: boolean;
    readonly disabledTools: readonly string[];
  },
): void {
  for (const [key, value] of Object.entries(server)) {
    if (READ.includes(key) || saysNothing(value) || (key === "source" && value === "custom")) continue;
    const near = nearestKey(key, READ);
    const why = (Object.hasOwn(REASONS, key) ? REASONS[key] : undefined) ??
      (near === undefined ? "unknown, so it has no effect" : `unknown; did you mean ${quote(near)}?`);
    findings.note([...path, key], `${name}: ${quote(key)}: ${why}`);
  }
  if (!isWritten) return;
  if (disabledTools.length > 0) {
    const key = server.disabledTools === undefined ? "excludeTools" : "disabledTools";
    const tools = disabledTools.map(quote).join(", ");
    findings.note([...path, key], `${name}: ${quote(key)}: a manifest has no list of tools (${tools})`);
  }
  if (!saysNothing(server.timeout)) {
    const why = `a manifest has no time limit for tools; "--timeout" of 'outrider call' is one`;
    findings.note([...path, "timeout"], `${name}: "timeout": ${why}`);
  }
}

/** Whether a value asks for nothing. */
function saysNothing(value: unknown): boolean {
  return value === undefined || value === null || value === false || value === "" ||
    (typeof value === "object" && Object.keys(value).length === 0);
}
