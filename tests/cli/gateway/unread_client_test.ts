import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkout, command } from "../outrider.ts";
import { ManifestFolder, rawServer } from "./gateway_process.ts";

const ignore = Deno.build.os === "windows";

function pouringServer() {
  const flags = ["run", "--quiet", "--no-config", "--no-lock"];
  return rawServer("one", { args: [...flags, `${checkout}tests/gateway/pouring_server.ts`] });
}

const initialize = {
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  },
};

const call = (name: string, args = {}) => ({
  id: 1,
  method: "tools/call",
  params: { name: `one__${name}`, arguments: args },
});

/** The gateway over HTTP, and raw requests to it. */
class HttpGateway implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #folder: ManifestFolder;
  #url = "";
  stderr = "";
  readonly #waiting = new Set<() => void>();

  private constructor(folder: ManifestFolder, process: Deno.ChildProcess) {
    this.#folder = folder;
    this.#process = process;
    void this.#read();
  }

  static async open(): Promise<HttpGateway> {
    const folder = new ManifestFolder([pouringServer()]);
    const args = ["mcp", folder.file, "--http", "127.0.0.1:0", "--token-file", `${folder.path}/token`];
    const process = command(args).spawn();
    void process.stdout.cancel();
    const gateway = new HttpGateway(folder, process);
    await gateway.said(/Serving MCP at (\S+)\n/);
    gateway.#url = /Serving MCP at (\S+)\n/.exec(gateway.stderr)![1]!;
    return gateway;
  }

  /** Fulfilled once standard error has it. */
  async said(text: RegExp): Promise<void> {
    while (!text.test(this.stderr)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  async #read(): Promise<void> {
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      this.stderr += text;
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
  }

  async ask(message: object | undefined, session?: string, method = "POST"): Promise<Response> {
    const token = (await Deno.readTextFile(`${this.#folder.path}/token`)).trim();
    return await fetch(this.#url, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: "application/json, text/event-stream",
        ...message !== undefined && { "Content-Type": "application/json" },
        ...session !== undefined && { "mcp-session-id": session },
      },
      ...message !== undefined && { body: JSON.stringify({ jsonrpc: "2.0", ...message }) },
    });
  }

  /** Begins a session; its id. */
  async begin(): Promise<string> {
    const response = await this.ask(initialize);
    await response.text();
    assertEquals(response.status, 200);
    return response.headers.get("mcp-session-id")!;
  }

  /** Ends it by SIGTERM; its exit code. */
  async end(): Promise<number> {
    this.#process.kill("SIGTERM");
    return (await this.#process.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#process.status;
    await this.#folder[Symbol.asyncDispose]();
  }
}

Deno.test({
  name:
    "outrider mcp cuts off a client over HTTP that does not read, serves others, and stops beside its streams",
  ignore,
  async fn() {
    await using gateway = await HttpGateway.open();
    const [slow, other, idle] = [await gateway.begin(), await gateway.begin(), await gateway.begin()];
    const unread = [await gateway.ask(undefined, slow, "GET"), await gateway.ask(undefined, idle, "GET")];
    // The other client does not listen: nothing waits for it.
    for (let times = 0; times < 2; times++) {
      const done = await gateway.ask(call("pour", { megabytes: 75 }), other);
      assertStringIncludes(await done.text(), "done");
    }
    await gateway.said(/A client does not read what it is sent: it is cut off, as more than 134217728 bytes/);
    const late = await gateway.ask(call("echo"), slow);
    assertEquals(late.status, 404);
    await late.text();
    assertStringIncludes(await (await gateway.ask(call("echo"), other)).text(), "done");
    const still = await gateway.begin();
    unread.push(await gateway.ask(undefined, still, "GET"));
    assertEquals(await gateway.end(), 0);
    for (const { body } of unread) await body!.cancel().catch(() => {});
  },
});

Deno.test({
  name:
    "outrider mcp refuses a session when all are in use, replaces an unused one, and answers the call of one that ends",
  ignore,
  async fn() {
    await using gateway = await HttpGateway.open();
    const busy = await gateway.begin();
    const waiting = await gateway.ask(call("wait"), busy);
    const unused = await gateway.begin();
    const listening: Response[] = [];
    while (listening.length < 62) listening.push(await gateway.ask(undefined, await gateway.begin(), "GET"));
    const last = await gateway.begin();
    const gone = await gateway.ask(call("echo"), unused);
    assertEquals(gone.status, 404);
    await gone.text();
    listening.push(await gateway.ask(undefined, last, "GET"));
    const refused = await gateway.ask(initialize);
    assertEquals([refused.status, (await refused.json()).error.message], [
      503,
      "All 64 sessions are in use; end one, and try again",
    ]);
    const ended = await gateway.ask(undefined, busy, "DELETE");
    assertEquals(ended.status, 200);
    await ended.text();
    assertStringIncludes(
      await waiting.text(),
      '"error":{"code":-32000,"message":"Connection closed: its client has ended the session"}',
    );
    await gateway.begin();
    for (const { body } of listening) await body!.cancel();
    assertEquals(await gateway.end(), 0);
  },
});

Deno.test({
  name: "outrider mcp stops when its client on standard output has ceased to read",
  ignore,
  async fn() {
    await using folder = new ManifestFolder([pouringServer()]);
    const process = command(["mcp", folder.file], {}, { stdin: "piped" }).spawn();
    const input = process.stdin.getWriter();
    const output = process.stdout.getReader();
    void process.stderr.cancel();
    const say = (message: object) =>
      input.write(new TextEncoder().encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
    await say(initialize);
    await say(call("pour", { megabytes: 40 }));
    for (let read = 0; read < 1_000_000;) read += (await output.read()).value!.length;
    process.kill("SIGTERM");
    assertEquals((await process.status).code, 0);
    await output.cancel();
    await input.close().catch(() => {});
  },
});
