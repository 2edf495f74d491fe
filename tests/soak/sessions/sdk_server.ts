/**
 * An MCP server made with the official SDK, for `deno run`: it speaks both eras, and its tools are some of those of the
 * server with everything. In the era without a handshake, what it asks its client is in a result.
 */
import { inputRequired, inputResponse, McpServer } from "npm:@modelcontextprotocol/server@2.4.0";
import { serveStdio } from "npm:@modelcontextprotocol/server@2.4.0/stdio";
import * as z from "npm:zod@4/v4";

/** Milliseconds that a call takes at most. */
const SLOWEST_MS = 15;

const said = (text: string) => ({ content: [{ type: "text" as const, text }] });
const pause = () => new Promise<void>((go) => setTimeout(go, Math.random() * SLOWEST_MS));

function make(): McpServer {
  const mcp = new McpServer({ name: "sdk", version: "1.0.0" });
  mcp.registerTool("echo", { inputSchema: z.object({ message: z.string() }) }, async ({ message }) => {
    await pause();
    return said(`Echo: ${message}`);
  });
  const sum = z.object({ a: z.number(), b: z.number() });
  mcp.registerTool("get-sum", { inputSchema: sum }, async ({ a, b }) => {
    await pause();
    return said(`The sum of ${a} and ${b} is ${a + b}.`);
  });
  const long = z.object({ duration: z.number(), steps: z.number() });
  mcp.registerTool("trigger-long-running-operation", { inputSchema: long }, async ({ steps }, { mcpReq }) => {
    const progressToken = mcpReq._meta!.progressToken!;
    for (let progress = 1; progress <= steps; progress++) {
      await pause();
      await mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken, progress, total: steps },
      });
    }
    return said(`Long running operation completed. Steps: ${steps}.`);
  });
  const asked = z.object({ prompt: z.string(), maxTokens: z.number() });
  mcp.registerTool(
    "trigger-sampling-request",
    { inputSchema: asked },
    ({ prompt, maxTokens }, { mcpReq }) => {
      const reply = inputResponse(mcpReq.inputResponses, "reply");
      if (reply.kind === "sampling") {
        return said(
          `LLM sampling result: ${JSON.stringify(reply.result.content)}`,
        );
      }
      const content = { type: "text" as const, text: prompt };
      return inputRequired({
        inputRequests: {
          reply: inputRequired.createMessage({ messages: [{ role: "user", content }], maxTokens }),
        },
      });
    },
  );
  return mcp;
}

serveStdio(make, { legacy: "serve" });
