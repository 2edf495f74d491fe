/**
 * A contender that Node runs, with packages from npm: a process of its own, which is given the amount of each round on a
 * line and answers with the sum. That costs each round one round trip, which is little beside the round.
 */
import { TextLineStream } from "@std/streams";
import type { Running } from "./measure.ts";
import { said } from "./pids.ts";

/** Packages from npm that the benchmarks compare with; used by the scripts in `npm/` and nowhere else. */
const PACKAGES = ["@modelcontextprotocol/sdk@1.32.2", "vscode-jsonrpc@10.0.0"];

let installed: Promise<string | undefined> | undefined;

/** Installs the packages into the folder `kit`, once; why that can't be done, or `undefined`. */
export function missingPackages(kit: string): Promise<string | undefined> {
  return installed ??= install(kit);
}

async function install(kit: string): Promise<string | undefined> {
  const node = await missingNode();
  if (node !== undefined) return node;
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", "--prefer-offline"];
  try {
    await Deno.stat(`${kit}/node_modules/.package-lock.json`); // written last
  } catch {
    try {
      await said("npm", ["install", "--prefix", kit, ...quiet, ...PACKAGES]);
    } catch (error) {
      return (error as Error).message.split("\n")[0];
    }
  }
}

/** Why there is no Node; `undefined` if there is. */
export async function missingNode(): Promise<string | undefined> {
  try {
    await said("node", ["--version"]);
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}

/** Runs `npm/SCRIPT` with `args`. */
export function nodePeer(script: string, args: readonly string[]): Running {
  const path = new URL(`npm/${script}`, import.meta.url).pathname;
  const child = new Deno.Command("node", {
    args: [path, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    .getReader();
  const encoder = new TextEncoder();
  return {
    async round(amount) {
      await writer.write(encoder.encode(`${amount}\n`));
      const { value, done } = await reader.read();
      if (done) throw new Error(`Cannot go on: ${script} has ended`);
      return Number(value);
    },
    async close() {
      await writer.close();
      await child.status;
      await reader.cancel();
    },
  };
}
