/**
 * An MCP server by hand, for `deno run`: it keeps what it has heard, and does what the name of a called tool says. Its
 * argument is JSON: `starts` names a file that counts its starts, and `by` has, for each start, what differs.
 */
interface Behaviour {
  readonly version?: string;
  readonly capabilities?: Record<string, unknown>;
  /** Asks for the client's roots before it answers `initialize`. */
  readonly rootsFirst?: boolean;
  /** Ends as soon as it hears this method. */
  readonly diesOf?: string;
  /** Answers to numbers with texts. */
  readonly textIds?: boolean;
  /** Speaks these revisions, all without `initialize`, and refuses that. */
  readonly modern?: readonly string[];
}

const { starts, by = [{}] } = JSON.parse(Deno.args[0] ?? "{}") as {
  starts?: string;
  by?: readonly Behaviour[];
};
let count = 0;
if (starts !== undefined) {
  count = Deno.readTextFileSync(starts).length;
  Deno.writeTextFileSync(starts, "x", { append: true });
}
const { version, capabilities = { tools: {} }, rootsFirst, diesOf, textIds, modern } =
  by[Math.min(count, by.length - 1)]!;

// deno-lint-ignore no-explicit-any -- messages as they come
type Message = any;

const heard: string[] = [];
const refused: string[] = [];
const waiting = new Map<unknown, (answer: Message) => void>();
const encoder = new TextEncoder();

/** Writes messages in one piece. */
function say(...messages: readonly object[]): void {
  const lines = messages.map((message) => JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n");
  Deno.stdout.writeSync(encoder.encode(lines.join("")));
}

function ask(id: number, method: string, params = {}): Promise<Message> {
  say({ id, method, params });
  return new Promise((resolve) => waiting.set(id, resolve));
}

function answer(id: unknown, result: unknown): void {
  say({ id: textIds ? String(id) : id, result });
}

async function called(
  { id, params: { name, arguments: given, inputResponses, requestState, _meta } }: Message,
) {
  if (name === "greet" && inputResponses === undefined) {
    const name = { method: "elicitation/create", params: { message: "Who?" } };
    answer(id, { resultType: "input_required", inputRequests: { name }, requestState: "s1" });
  } else if (name === "greet") answer(id, { greeted: inputResponses.name, requestState, _meta });
  else if (name === "big") {
    // The SDK of servers writes the id last, too.
    say({ result: { content: [], big: "x".repeat(given.bytes) }, id });
  } else if (name === "heard") answer(id, { heard, pid: Deno.pid });
  else if (name === "die") Deno.exit(3);
  else if (name === "ask on") {
    const name = { method: "elicitation/create", params: { message: "And?" } };
    answer(id, { resultType: "input_required", inputRequests: { name } });
  } else if (name === "ask for nothing") answer(id, { resultType: "input_required" });
  else if (name === "end listen") {
    say({ method: "notifications/cancelled", params: { requestId: given.id } });
    answer(id, {});
  } else if (name === "end") Deno.exit(0);
  else if (name === "refused") answer(id, refused);
  else if (name === "raw") {
    for (const line of given.lines) {
      const bytes = encoder.encode(line.replaceAll("$id", JSON.stringify(id)) + "\n");
      for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
    }
  } else if (name === "sample") answer(id, { sampled: await ask(1, "sampling/createMessage", given) });
  else if (name === "ask and die") {
    say({ id: 1, method: "sampling/createMessage", params: { _meta: { progressToken: 7 } } });
    setTimeout(() => Deno.exit(3), 50);
  } else if (name === "progress") {
    const params = { progressToken: given.token ?? _meta.progressToken, progress: 1 };
    const result = { content: [] };
    say({ method: "notifications/progress", params }, { id: textIds ? String(id) : id, result });
  } else if (name !== "never") answer(id, given ?? {});
}

async function take(message: Message): Promise<void> {
  const { id, method, params } = message;
  if (method === undefined) {
    if (message.error !== undefined) refused.push(message.error.message);
    return waiting.get(id)?.(message.result);
  }
  heard.push(params?.level ?? params?.uri ?? params?.requestId ?? params?.name ?? method);
  if (method === diesOf) Deno.exit(3);
  const meta = params?._meta?.["io.modelcontextprotocol/protocolVersion"];
  if (modern !== undefined && id !== undefined && !modern.includes(meta)) {
    const data = { supported: modern, requested: params?.protocolVersion ?? meta };
    return say({ id, error: { code: -32_022, message: "Unsupported protocol version", data } });
  }
  if (method === "server/discover" && modern !== undefined) {
    const _meta = { "io.modelcontextprotocol/serverInfo": { name: "fake", version: "1" } };
    return answer(id, { supportedVersions: modern, capabilities, resultType: "complete", _meta });
  }
  if (method === "initialize") {
    if (rootsFirst) await ask(9, "roots/list");
    return answer(id, {
      protocolVersion: version ?? params.protocolVersion,
      capabilities,
      serverInfo: { name: "fake", version: "1" },
    });
  }
  if (method === "tools/call") return await called(message);
  if (method === "subscriptions/listen") {
    const { notifications } = params;
    const _meta = { "io.modelcontextprotocol/subscriptionId": id };
    return say({ method: "notifications/subscriptions/acknowledged", params: { _meta, notifications } });
  }
  if (id !== undefined) answer(id, {});
}

const decoder = new TextDecoder();
let text = "";
for await (const chunk of Deno.stdin.readable) {
  text += decoder.decode(chunk, { stream: true });
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n")) {
    const line = text.slice(0, at);
    text = text.slice(at + 1);
    void take(JSON.parse(line));
  }
}
Deno.exit(0);
