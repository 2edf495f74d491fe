/**
 * The official client on a gateway in front of two servers, one of which dies: it keeps its session.
 */
import { Client } from "npm:@modelcontextprotocol/client@2.4.0";
import { StdioClientTransport } from "npm:@modelcontextprotocol/client@2.4.0/stdio";

// Installed, this is the command "outrider", with the arguments "mcp" and "examples/gateway/outrider.json".
const outrider = [
  "run",
  "--quiet",
  "--import-map=tests/support/npm/import_map.json",
  "--allow-all",
  "src/cli/main.ts",
];
const transport = new StdioClientTransport({
  command: Deno.execPath(),
  args: [...outrider, "mcp", "examples/gateway/outrider.json"],
  env: Deno.env.toObject(),
  stderr: "ignore",
});

const client = new Client({ name: "example", version: "1.0.0" });
await client.connect(transport);

const { tools } = await client.listTools();
console.log(tools.map(({ name }) => name).join(" "));

/** Adds a note, and prints what became of it. */
async function add(notebook: string, text: string): Promise<void> {
  try {
    const { content } = await client.callTool({ name: `${notebook}__add`, arguments: { text } });
    console.log(notebook, (content as { text: string }[])[0]!.text);
  } catch (error) {
    const { message, data } = error as { message: string; data: { stderr: readonly string[] } };
    console.log(notebook, message, data.stderr);
  }
}

await add("work", "write to Ada");
await add("home", "buy tea");
await add("work", ""); // the server dies of it
await add("work", "call Bob"); // goes to the next one, which knows of no earlier note
await add("home", "water the fern"); // the other one has noticed nothing
await client.close();
