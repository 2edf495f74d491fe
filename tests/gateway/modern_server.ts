/** A server by the official SDK that speaks 2026-07-28 alone: its tool `greet` asks the client for a name, and uses it. */
import {
  acceptedContent,
  fromJsonSchema,
  inputRequired,
  McpServer,
} from "npm:@modelcontextprotocol/server@2.4.0";
import { serveStdio } from "npm:@modelcontextprotocol/server@2.4.0/stdio";

serveStdio(() => {
  const server = new McpServer({ name: "modern", version: "1.0.0" });
  const inputSchema = fromJsonSchema({ type: "object", properties: {} });
  server.registerTool("greet", { description: "Greets", inputSchema }, (_, { mcpReq }) => {
    const answer = acceptedContent(mcpReq.inputResponses, "name") as { name: string } | undefined;
    if (answer !== undefined) return { content: [{ type: "text", text: `Hello ${answer.name}` }] };
    const requestedSchema = { type: "object", properties: { name: { type: "string" } } } as const;
    return inputRequired({
      inputRequests: { name: inputRequired.elicit({ message: "Your name?", requestedSchema }) },
    });
  });
  return server;
}, { legacy: "reject" });
