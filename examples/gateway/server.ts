/**
 * An MCP server that keeps notes in memory, by the official SDK. It dies of a note that it does not like.
 */
import { fromJsonSchema, McpServer } from "npm:@modelcontextprotocol/server@2.4.0";
import { StdioServerTransport } from "npm:@modelcontextprotocol/server@2.4.0/stdio";

const notes: string[] = [];
const server = new McpServer({ name: "notes", version: "1.0.0" });
const inputSchema = fromJsonSchema<{ text: string }>({
  type: "object",
  properties: { text: { type: "string" } },
  required: ["text"],
});

server.registerTool("add", { description: "Adds a note", inputSchema }, ({ text }) => {
  if (text === "") {
    console.error("a note without a word");
    Deno.exit(1);
  }
  notes.push(text);
  return { content: [{ type: "text", text: `${notes.length}: ${notes.join(", ")}` }] };
});

await server.connect(new StdioServerTransport());
