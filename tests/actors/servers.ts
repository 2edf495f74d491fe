/**
 * Real servers, from npm: what `deno.lock` pins, run by the Deno that runs the tests.
 *
 * @module
 */
import type { StopPlan } from "@outrider/outrider";
import type { SidecarOptions } from "@outrider/outrider/actors/sidecar";

const checkout = new URL("../../", import.meta.url).pathname;

/** What Deno needs to find its cache, and the registry if the cache is empty. */
const ENV = [
  ...["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "DENO_CERT", "NPM_CONFIG_REGISTRY"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"],
];

function fixture(name: string, ...args: string[]): Pick<SidecarOptions, "command" | "args" | "inheritEnv"> {
  const map = `--import-map=${checkout}tests/support/npm/import_map.json`;
  const file = `${checkout}tests/fixtures/${name}.ts`;
  return {
    command: Deno.execPath(),
    args: ["run", "-A", "--quiet", "--frozen", map, file, ...args],
    inheritEnv: ENV,
  };
}

/** A language server for JSON. */
export const jsonServer: Pick<SidecarOptions, "command" | "args" | "inheritEnv"> = fixture(
  "json_language_server",
  "--stdio",
);

/** The MCP server with everything; it does not mind that its stdin is closed, and SIGTERM ends it. */
export const everything: Pick<SidecarOptions, "command" | "args" | "inheritEnv" | "stop"> = {
  ...fixture("everything_mcp_server"),
  stop: { drain: 0, stdin: 0, term: 5_000 } satisfies StopPlan,
};
