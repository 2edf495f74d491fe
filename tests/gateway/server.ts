/**
 * A raw MCP server for tests with processes: `deno run server.ts`. Its tools: `echo`, `die` (exits with a code), `pid`,
 * and `slow` (answers when told to). A file named by its first argument, where it exists, makes it die at its start.
 */

const [poison] = Deno.args;
if (poison !== undefined) {
  let isPoisoned = true;
  try {
    Deno.statSync(poison);
  } catch {
    isPoisoned = false;
  }
  if (isPoisoned) Deno.exit(7);
}

interface Incoming {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: {
    readonly protocolVersion?: string;
    readonly name?: string;
    readonly arguments?: { readonly code?: number };
  };
}

const encoder = new TextEncoder();

function say(message: object): void {
  const bytes = encoder.encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

const TOOLS = ["echo", "die", "pid"].map((name) => ({ name, inputSchema: { type: "object" } }));

function take({ id, method, params }: Incoming): void {
  const text = (text: string) => say({ id, result: { content: [{ type: "text", text }] } });
  if (method === "initialize") {
    const { protocolVersion } = params!;
    say({
      id,
      result: { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "raw", version: "1" } },
    });
  } else if (method === "tools/list") say({ id, result: { tools: TOOLS } });
  else if (method === "tools/call") {
    if (params!.name === "die") Deno.exit(params!.arguments?.code ?? 3);
    text(params!.name === "pid" ? String(Deno.pid) : JSON.stringify(params!.arguments ?? {}));
  } else if (id !== undefined && method !== undefined) {
    say({ id, error: { code: -32601, message: "Method not found" } });
  }
}

let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) take(JSON.parse(line));
}
