/**
 * Real servers, from npm: what the lock files of the examples pin, run by the Deno that runs the tests.
 *
 * @module
 */
import type { SidecarOptions } from "@outrider/outrider";

const examples = new URL("../../examples/", import.meta.url).pathname;

/** What Deno needs to find its cache, and the registry if the cache is empty. */
const ENV = [
  ...["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "DENO_CERT", "NODE_EXTRA_CA_CERTS"],
  ...["NPM_CONFIG_REGISTRY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"],
];

type Server = Pick<SidecarOptions, "command" | "args" | "inheritEnv" | "stop">;

function fromNpm(example: string, ...server: string[]): Server {
  const lock = `--lock=${examples}${example}/server.lock`;
  return {
    command: Deno.execPath(),
    args: ["run", "-A", "--quiet", "--no-config", "--frozen", lock, ...server],
    inheritEnv: ENV,
  };
}

/** A language server of VS Code. */
export function languageServer(of: "json" | "css" | "html" | "eslint"): Server {
  const server = `npm:vscode-langservers-extracted@4.10.0/vscode-${of}-language-server`;
  return fromNpm("language_server", server, "--stdio");
}

/** A language server for JSON. */
export const jsonServer: Server = languageServer("json");

/** The MCP server with everything; it does not mind that its stdin is closed, and SIGTERM ends it. */
export const everything: Server = {
  ...fromNpm("mcp", "npm:@modelcontextprotocol/server-everything@2026.8.31"),
  stop: { drain: 0, stdin: 0, term: 5_000 },
};
