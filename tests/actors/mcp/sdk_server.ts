/**
 * An MCP server made with the official SDK, for `deno run`: it speaks both eras of the protocol, or, with the argument
 * `reject`, only the one without a handshake.
 */
import process from "node:process";
import {
  acceptedContent,
  inputRequired,
  inputResponse,
  McpServer,
} from "npm:@modelcontextprotocol/server@2.4.0";
import { serveStdio } from "npm:@modelcontextprotocol/server@2.4.0/stdio";
import * as z from "npm:zod@4/v4";

const NEWS = "news:today";
const Name = z.object({ name: z.string() });
const said = (text: string) => ({ content: [{ type: "text" as const, text }] });

function make(): McpServer {
  const mcp = new McpServer({ name: "sdk", version: "1.0.0" }, {
    capabilities: { logging: {}, resources: { subscribe: true, listChanged: true } },
  });
  const { server } = mcp;
  const subscribed = new Set<string>();
  server.setRequestHandler("resources/subscribe", ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  server.setRequestHandler("resources/unsubscribe", ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
  mcp.registerResource("news", NEWS, {}, () => ({ contents: [{ uri: NEWS, text: "none" }] }));

  mcp.registerTool(
    "add",
    { inputSchema: z.object({ a: z.number(), b: z.number() }) },
    ({ a, b }) => said(String(a + b)),
  );
  mcp.registerTool("pid", {}, () => said(String(process.pid)));
  // Never answers.
  mcp.registerTool("hang", {}, async ({ mcpReq }) => {
    const { progressToken } = mcpReq._meta ?? {};
    await mcpReq.notify({
      method: "notifications/progress",
      params: { progressToken: progressToken!, progress: 1 },
    });
    return await new Promise<never>(() => {});
  });
  // In the older era the SDK asks the client by requests of its own.
  mcp.registerTool("greet", {}, ({ mcpReq }) => {
    const name = acceptedContent(mcpReq.inputResponses, "name", Name);
    const poem = inputResponse(mcpReq.inputResponses, "poem");
    if (name !== undefined) {
      return said(`${name.name}: ${JSON.stringify(poem.kind === "sampling" && poem.result.content)}`);
    }
    return inputRequired({
      inputRequests: {
        name: inputRequired.elicit({ message: "Who?", requestedSchema: Name }),
        poem: inputRequired.createMessage({
          messages: [{ role: "user", content: { type: "text", text: "a poem" } }],
          maxTokens: 10,
        }),
      },
    });
  });
  mcp.registerTool("report", {}, async () => {
    await mcp.sendLoggingMessage({ level: "debug", data: "a detail" });
    await server.sendResourceUpdated({ uri: NEWS });
    return said([...subscribed].join());
  });
  return mcp;
}

serveStdio(make, { legacy: Deno.args[0] === "reject" ? "reject" : "serve" });
