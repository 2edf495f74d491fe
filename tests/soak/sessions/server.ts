/**
 * A small MCP server, for `deno run`: its tools are some of those of the server with everything, and it takes a moment
 * over each, so that calls are open when it is killed.
 */
const VERSION = "2025-06-18";
/** Milliseconds that a call takes at most. */
const SLOWEST_MS = 15;

// deno-lint-ignore no-explicit-any -- messages as they come
type Message = any;

const encoder = new TextEncoder();
/** The requests to the client without an answer. */
const asked = new Map<number, (result: Message) => void>();
let questions = 0;

function say(message: object): void {
  const line = encoder.encode(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n");
  for (let at = 0; at < line.length;) at += Deno.stdout.writeSync(line.subarray(at));
}

function ask(method: string, params: object): Promise<Message> {
  const id = ++questions;
  say({ id, method, params });
  return new Promise((resolve) => asked.set(id, resolve));
}

const pause = () => new Promise<void>((go) => setTimeout(go, Math.random() * SLOWEST_MS));

/** The text of a tool's result. */
async function toolText(name: string, given: Message, token: unknown): Promise<string> {
  await pause();
  switch (name) {
    case "echo":
      return `Echo: ${given.message}`;
    case "get-sum":
      return `The sum of ${given.a} and ${given.b} is ${given.a + given.b}.`;
    case "trigger-long-running-operation":
      for (let progress = 1; progress <= given.steps; progress++) {
        await pause();
        say({
          method: "notifications/progress",
          params: { progressToken: token, progress, total: given.steps },
        });
      }
      // The SDK's client takes a result before progress that comes in the same chunk.
      await pause();
      return `Long running operation completed. Steps: ${given.steps}.`;
    case "trigger-sampling-request": {
      const content = { type: "text", text: given.prompt };
      const messages = [{ role: "user", content }];
      const result = await ask("sampling/createMessage", { messages, maxTokens: 10 });
      return `LLM sampling result: ${JSON.stringify(result.content)}`;
    }
  }
  throw new Error(`there is no tool ${name}`);
}

async function take({ id, method, params, result }: Message): Promise<void> {
  if (method === undefined) {
    asked.get(id)?.(result);
    asked.delete(id);
  } else if (method === "initialize") {
    const serverInfo = { name: "small", version: "1.0.0" };
    say({
      id,
      result: { protocolVersion: VERSION, capabilities: { tools: { listChanged: true } }, serverInfo },
    });
  } else if (method === "tools/call") {
    const text = await toolText(params.name, params.arguments, params._meta?.progressToken);
    say({ id, result: { content: [{ type: "text", text }] } });
  } else if (method === "tools/list") {
    const tools = ["echo", "get-sum"].map((name) => ({ name, inputSchema: { type: "object" } }));
    say({ id, result: { tools } });
  } else if (id !== undefined) say({ id, result: {} });
}

const decoder = new TextDecoder();
let text = "";
for await (const chunk of Deno.stdin.readable) {
  text += decoder.decode(chunk, { stream: true });
  const lines = text.split("\n");
  text = lines.pop()!;
  for (const line of lines) void take(JSON.parse(line));
}
Deno.exit(0);
