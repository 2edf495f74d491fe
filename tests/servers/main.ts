/**
 * `deno task servers [NAME…] [--kit=FOLDER] [--write] [--soak=MINUTES] [--seed=NUMBER]`: real language and MCP servers
 * under Outrider. Each is installed from npm at a pinned version, started, called, killed, called again and stopped; the
 * table of that is printed, or written into docs/lsp-and-mcp.md. With `--soak` they are killed at random instead, for so
 * many minutes in all. Exit code 1 if a server fails, or answers otherwise than expected.
 */
import { installServers, programOf } from "./install.ts";
import { LANGUAGE_SERVERS } from "./language_servers.ts";
import { MCP_SERVERS } from "./mcp_servers.ts";
import type { TrialServer } from "./server.ts";
import { soakServer } from "./soak.ts";
import { serversTable, withServersTable } from "./table.ts";
import { type TrialOptions, type TrialRow, tryServer } from "./trial.ts";

const PAGE = new URL("../../docs/lsp-and-mcp.md", import.meta.url);
const USAGE = "usage: deno task servers [NAME…] [--kit=FOLDER] [--write] [--soak=MINUTES] [--seed=NUMBER]";
const ALL = [...LANGUAGE_SERVERS, ...MCP_SERVERS];

const { servers, kit, isWritten, minutes, seed } = given(Deno.args);
const [load] = Deno.loadavg() as [number, number, number];
const folder = kit ?? await Deno.makeTempDir({ prefix: "outrider_servers_" });
let failures = 0;
try {
  await installServers(servers, folder);
  if (minutes === undefined) await makeTable();
  else await soak(minutes, seed);
} finally {
  if (kit === undefined) await Deno.remove(folder, { recursive: true });
}
if (failures > 0) Deno.exit(1);

/** Tries each server in turn. */
async function makeTable(): Promise<void> {
  const rows: TrialRow[] = [];
  for (const server of servers) {
    await each(server, async (options) => {
      const row = await tryServer(server, options);
      if (row.answer !== server.expected) {
        throw new Error(
          `the answer is ${JSON.stringify(row.answer)} instead of ${JSON.stringify(server.expected)}`,
        );
      }
      if (!row.isAnsweredAgain) throw new Error("it does not answer again after SIGKILL");
      rows.push(row);
      console.error(`${server.name}: ${Math.round(row.startedMs)} ms, ${row.stop}`);
    });
  }
  const table = [await circumstances(), serversTable(rows, servers)].join("\n\n");
  if (!isWritten) return console.log(table);
  if (rows.length < ALL.length) {
    return fail("The page", "is not written: it has all servers, or stays as it is");
  }
  await Deno.writeTextFile(PAGE, withServersTable(await Deno.readTextFile(PAGE), table));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", PAGE.pathname] }).output();
}

/** Where the figures are from. */
async function circumstances(): Promise<string> {
  const { stdout } = await new Deno.Command("node", { args: ["--version"] }).output();
  const node = new TextDecoder().decode(stdout).trim().slice(1);
  const { deno } = Deno.version;
  return `Deno ${deno} and Node ${node}, ${navigator.hardwareConcurrency} cores, a load of ${
    load.toFixed(0)
  } before; ` +
    "the milliseconds, from the launch to the end of the handshake, are of this one run.";
}

/** Kills each server at random, for its share of the minutes. */
async function soak(minutes: number, seed: number): Promise<void> {
  console.error(`${minutes} minutes with --seed=${seed}`);
  const ms = minutes * 60_000 / servers.length;
  for (const [index, server] of servers.entries()) {
    await each(server, async (options) => {
      const { kills, outcomes } = await soakServer(server, { ...options, ms, seed: seed + index });
      const counts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`).join(", ");
      console.log(`${server.name.padEnd(32)} ${kills} kills; ${counts}`);
    });
  }
}

/** Does something with a server in a workspace of its own, below the folder of its packages; tells what goes wrong. */
async function each(server: TrialServer, act: (options: TrialOptions) => Promise<void>): Promise<void> {
  const workspace = await Deno.makeTempDir({ dir: folder, prefix: "workspace_" });
  const program = { command: programOf(server, folder), args: server.args(workspace) };
  try {
    await act({ folder: workspace, program });
  } catch (error) {
    fail(server.name, (error as Error).message);
  } finally {
    await Deno.remove(workspace, { recursive: true });
  }
}

function fail(subject: string, why: string): void {
  failures++;
  console.error(`${subject}: ${why}`);
}

function given(args: readonly string[]) {
  const names = args.filter((arg) => !arg.startsWith("--"));
  const valueOf = (name: string) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const isKnown = args.every((arg) => !arg.startsWith("--") || /^--(write$|(kit|soak|seed)=.)/.test(arg));
  const unknown = names.filter((name) => ALL.every((server) => server.name !== name));
  const minutes = valueOf("soak") === undefined ? undefined : Number(valueOf("soak"));
  const seed = Number(valueOf("seed") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  const isSoak = minutes === undefined || minutes > 0;
  if (!isKnown || unknown.length > 0 || !isSoak || !Number.isSafeInteger(seed)) {
    console.error(`${USAGE}\nservers: ${ALL.map(({ name }) => name).join(" ")}`);
    Deno.exit(2);
  }
  const servers = ALL.filter(({ name }) => names.length === 0 || names.includes(name));
  return { servers, kit: valueOf("kit"), isWritten: args.includes("--write"), minutes, seed };
}
