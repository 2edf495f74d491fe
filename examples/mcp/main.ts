/**
 * An MCP server as a library: lists its tools, calls two of them, and answers when the server itself asks for a model.
 */
import { start, supervisor } from "@outrider/outrider";
import { mcp } from "@outrider/outrider/actors/mcp";
import type { JsonRpcCall } from "@outrider/outrider/protocol";

/** As the protocol has it; `npm:@modelcontextprotocol/sdk/types.js` has all of its types. */
interface Result {
  readonly content: readonly { readonly text: string }[];
}

const tools = mcp("tools", {
  command: Deno.execPath(),
  args: [
    ...["run", "--quiet", "--allow-env", "--allow-read", "--allow-sys"],
    // The lock file keeps what the server is made of as it is.
    ...["--no-config", "--frozen", "--lock=examples/mcp/server.lock"],
    "npm:@modelcontextprotocol/server-everything@2026.8.31",
  ],
  // Where Deno keeps packages, and how it gets them.
  inheritEnv: ["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY"],
  // That there is a handler tells the server that it may ask.
  handlers: {
    "sampling/createMessage": () => ({
      role: "assistant",
      model: "an oracle",
      content: { type: "text", text: "It depends." },
    }),
  },
  stop: { drain: 1_000, stdin: 0, term: 5_000 }, // this server does not end when its stdin is closed
});

await using system = await start(supervisor("agent", [tools]));
const ref = system.ref(tools);

/** A tool's answer; a call that takes longer is cancelled. */
async function call(name: string, args: object, onProgress?: JsonRpcCall["onProgress"]): Promise<string> {
  const params = { name, arguments: args };
  const { content }: Result = await ref.ask({ method: "tools/call", params, onProgress }, {
    timeout: 10_000,
  });
  return content.map(({ text }) => text).join("\n");
}

const { serverInfo } = await ref.ask({ method: "initialize" });
console.log(`connected to ${serverInfo.title}`);
console.log(await call("get-sum", { a: 19, b: 23 }));
const told = await call("trigger-long-running-operation", { duration: 0.2, steps: 4 }, (progress) => {
  console.log("progress", progress);
});
console.log(told);
console.log(await call("trigger-sampling-request", { prompt: "What is the answer?" }));
