/**
 * MCP servers from npm: those of the protocol's makers.
 *
 * @module
 */
import type { TrialServer } from "./server.ts";

const RELEASE = "2026.8.31";

/** Those that the table has. */
export const MCP_SERVERS: readonly TrialServer[] = [
  {
    ...reference("filesystem"),
    args: (folder) => [folder],
    files: { "notes.txt": "hello\n" },
    ...tool("list_directory", ({ folder }) => ({ path: folder }), "[FILE] notes.txt"),
    remark: "takes its folders from `roots/list` instead, if that has a handler",
  },
  {
    ...reference("memory"),
    files: { "memory.jsonl": '{"type":"entity","name":"Ada","entityType":"person","observations":[]}\n' },
    options: (folder) => ({ env: { MEMORY_FILE_PATH: `${folder}/memory.jsonl` } }),
    ...tool("read_graph", () => ({}), "Ada"),
    shown: ({ structuredContent: { entities } }) =>
      entities.map(({ name }: { name: string }) => name).join(", "),
    remark:
      "keeps its graph in a file of its own package, unless `MEMORY_FILE_PATH` names another; what it " +
      "has written there survives it",
  },
  {
    ...reference("everything"),
    ...tool("get-sum", () => ({ a: 2, b: 3 }), "The sum of 2 and 3 is 5."),
    remark: "does not end when its stdin is closed if Deno runs it: see [the stop](#the-stop)",
  },
  {
    ...reference("sequential-thinking"),
    ...tool(
      "sequentialthinking",
      () => ({ thought: "begin", thoughtNumber: 1, totalThoughts: 1, nextThoughtNeeded: false }),
      "1 thought",
    ),
    // What it has kept of earlier calls is gone with its process, so the number is not part of the answer.
    shown: ({ structuredContent: { thoughtNumber } }) => `${thoughtNumber} thought`,
    remark: "keeps the thoughts in memory: after a restart it has none",
  },
];

function reference(
  name: string,
): Pick<TrialServer, "name" | "kind" | "packages" | "command" | "args"> {
  return {
    name: `server-${name}`,
    kind: "mcp",
    packages: [`@modelcontextprotocol/server-${name}@${RELEASE}`],
    command: `mcp-server-${name}`,
    args: () => [],
  };
}

/** A call of a tool whose answer is text. */
function tool(
  name: string,
  args: (at: { readonly folder: string }) => object,
  expected: string,
): Pick<TrialServer, "call" | "shown" | "expected"> {
  return {
    call: (at) => ({ method: "tools/call", params: { name, arguments: args(at) } }),
    shown: ({ content }) => content[0].text,
    expected,
  };
}
