/**
 * Puts servers from npm into a folder.
 *
 * @module
 */
import type { TrialServer } from "./server.ts";

const QUIET = ["--no-audit", "--no-fund", "--no-progress", "--loglevel=error", "--prefer-offline"];

/** Installs what servers need into `folder`; none of it is run meanwhile. */
export async function installServers(servers: readonly TrialServer[], folder: string): Promise<void> {
  const packages = [...new Set(servers.flatMap((server) => server.packages))];
  if (packages.length === 0) return;
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["install", "--prefix", folder, "--ignore-scripts", ...QUIET, ...packages],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot install the servers: ${new TextDecoder().decode(stderr).trim()}`);
}

/** The program of a server: installed in `folder`, or on PATH. */
export function programOf({ packages, command }: TrialServer, folder: string): string {
  return packages.length === 0 ? command : `${folder}/node_modules/.bin/${command}`;
}
