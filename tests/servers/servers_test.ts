/** The table of real servers: made of two that the suite runs anyway. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { everything, jsonServer } from "../actors/servers.ts";
import { LANGUAGE_SERVERS } from "./language_servers.ts";
import { MCP_SERVERS } from "./mcp_servers.ts";
import type { TrialServer } from "./server.ts";
import { serversTable, withServersTable } from "./table.ts";
import { stopInWords, type TrialOptions, type TrialRow, tryServer } from "./trial.ts";

const ALL = [...LANGUAGE_SERVERS, ...MCP_SERVERS];
const named = (name: string) => ALL.find((server) => server.name === name)!;

async function tried(server: TrialServer, program: TrialOptions["program"]): Promise<TrialRow> {
  const folder = await Deno.makeTempDir();
  try {
    return await tryServer(server, { folder, program });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("tryServer makes a row of a language server and of an MCP server when both run", async () => {
  const servers = [named("vscode-json-language-server"), named("server-everything")];
  const rows = await Promise.all([tried(servers[0]!, jsonServer), tried(servers[1]!, everything)]);
  const told = rows.map(({ startedMs, stop, ...row }) => {
    assert(startedMs > 0);
    // The MCP server ends by the signal itself, or with 0 where its handler was there first.
    return { ...row, stop: stop.replace(/^SIGTERM: (SIGTERM|code 0)$/, "SIGTERM") };
  });
  assertEquals(told, [{
    name: "vscode-json-language-server",
    kind: "lsp",
    version: "4.10.0",
    call: "textDocument/documentSymbol",
    answer: "level",
    isAnsweredAgain: true,
    stop: "`shutdown`, `exit`: code 0",
  }, {
    name: "server-everything",
    kind: "mcp",
    version: "2026.8.31",
    call: "get-sum",
    answer: "The sum of 2 and 3 is 5.",
    isAnsweredAgain: true,
    stop: "SIGTERM",
  }]);
  assertEquals(rows.map(({ answer }) => answer), servers.map(({ expected }) => expected));

  const table = withServersTable(
    "# Page\n\n<!-- servers -->\n\nold\n\n<!-- end -->\n",
    serversTable(rows, servers),
  );
  const [, , , , head, line, json, sum, , remark] = table.split("\n");
  assertEquals(head, "| server | started | call | answer | after SIGKILL | stop |");
  assertEquals(line, "| --- | --- | --- | --- | --- | --- |");
  assertMatch(
    json!,
    /^\| vscode-json-language-server 4\.10\.0 \| \d+ ms \| `documentSymbol` \| `level` \| answered again \|/,
  );
  assertMatch(
    sum!,
    /^\| server-everything 2026\.8\.31 \| \d+ ms \| `get-sum` \| `The sum of 2 and 3 is 5\.` \|/,
  );
  assertMatch(remark!, /^- \*\*vscode-json-language-server\*\* .+\.$/);
});

Deno.test("serversTable says so when a server does not answer again", () => {
  const row: TrialRow = {
    name: "a",
    kind: "mcp",
    version: "1",
    startedMs: 1.6,
    call: "x|y",
    answer: "a `b`",
    isAnsweredAgain: false,
    stop: stopInWords(["drain", "close_stdin", "SIGTERM"], { code: 143, signal: "SIGTERM" }, true),
  };
  assertEquals(
    serversTable([row], []).split("\n").at(-1),
    "| a 1 | 2 ms | `x\\|y` | `` a `b` `` | **not answered** | SIGTERM: SIGTERM, its children killed |",
  );
});

Deno.test("withServersTable throws when the page has no place for the table", () => {
  assertThrows(() => withServersTable("# Page\n", "table"), Error, "<!-- servers -->");
});

Deno.test("each server of the table is pinned, and the page has them all when it is read", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/lsp-and-mcp.md", import.meta.url));
  const names = [...page.split("<!-- servers -->")[1]!.matchAll(/^\| (\S+) \d/gm)].map(([, name]) => name);
  assertEquals(names, ALL.map(({ name }) => name));
  assertEquals(ALL.flatMap(({ packages }) => packages).filter((name) => !/.@\d+\.\d+\.\d+$/.test(name)), []);
});
