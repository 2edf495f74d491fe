/** MCP servers that misbehave, and what every one of them is told. */
import { JsonRpcError, NO_BACKOFF, OptionError, SidecarNotReadyError } from "@outrider/outrider";
import { assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { mcp, MCP_VERSIONS, type McpOptions, McpVersionError } from "@outrider/outrider/actors/mcp";
import deno from "../../../deno.json" with { type: "json" };
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, Probe, sh } from "../../sidecar/health/probe.ts";

const LATEST = MCP_VERSIONS[0]!;

/** `take` reads a message into `$got`. */
const WORDS = `
take() { read -r got; }
answer() { echo '{"jsonrpc":"2.0","id":'"$1"',"result":'"$2"'}'; }
`;
const WELCOME = welcome(LATEST);

/** Tells what it was asked, and takes the notification that follows. */
function welcome(version: string): string {
  return `take; answer 1 '{"protocolVersion":"${version}","capabilities":{},"got":'"$got"'}'; take`;
}

/** An MCP server in a few lines of shell. */
function server(script: string, more: Partial<McpOptions> = {}) {
  return (id: string) => mcp(id, { ...sh(WORDS + script), backoff: NO_BACKOFF, stop: AT_ONCE, ...more });
}

async function failureOfStart(script: string, more: Partial<McpOptions> = {}): Promise<Error> {
  await using probe = new Probe(server(script, { restart: "temporary", ...more }));
  await failureOf(probe.system.start());
  return (await probe.event("start_failed")).cause;
}

/** The params of `initialize`. */
async function told(more: Partial<McpOptions> = {}): Promise<Record<string, unknown>> {
  await using probe = await Probe.start(server(`${WELCOME}; exec cat >/dev/null`, more));
  return (await probe.ref.ask({ method: "initialize" })).got.params;
}

Deno.test("the handshake sends the revision, the client's name and its capabilities", async () => {
  assertEquals(await told(), {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "outrider", version: deno.version },
  });
  const clientInfo = { name: "me", version: "7", title: "Me" };
  assertEquals((await told({ clientInfo })).clientInfo, clientInfo);
});

Deno.test("the client's capabilities are those of its handlers, and the extra ones", async () => {
  const handlers = {
    "sampling/createMessage": () => null,
    "elicitation/create": () => null,
    other: () => null,
  };
  assertEquals((await told({ handlers })).capabilities, { sampling: {}, elicitation: {} });
  const roots = { handlers: { "roots/list": () => ({ roots: [] }) } };
  assertEquals((await told(roots)).capabilities, { roots: {} });
  const capabilities = { roots: { listChanged: true }, experimental: { mine: {} } };
  assertEquals((await told({ ...roots, capabilities })).capabilities, capabilities);
});

Deno.test("notifications/initialized follows the handshake, and then the messages of opened", async () => {
  const script = `${WELCOME}; first=$got; take
    echo '{"jsonrpc":"2.0","method":"order","params":['"$first"','"$got"']}'; exec cat >/dev/null`;
  await using probe = new Probe(server(script, {
    opened: async (server, { protocolVersion }) => {
      await Promise.resolve();
      server.notify("opened", { protocolVersion });
    },
  }));
  const output = probe.ref.subscribe();
  void probe.ref.tell({ method: "notifications/roots/list_changed" });
  await probe.system.start();
  assertEquals((await output.next()).value!.params, [
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", method: "opened", params: { protocolVersion: LATEST } },
  ]);
});

for (const version of MCP_VERSIONS) {
  Deno.test(`a server that speaks ${version} is spoken with`, async () => {
    await using probe = await Probe.start(server(`${welcome(version)}; exec cat >/dev/null`));
    assertEquals((await probe.ref.ask({ method: "initialize" })).protocolVersion, version);
  });
}

Deno.test("a server that speaks no version of ours failed to start, and the error has both", async () => {
  const failure = await failureOfStart(`${welcome("2031-01-01")}; exec cat >/dev/null`);
  assertInstanceOf(failure, SidecarNotReadyError);
  const { cause } = failure;
  assertInstanceOf(cause, McpVersionError);
  assertEquals([cause.code, cause.offered, cause.versions], ["mcp_version", "2031-01-01", MCP_VERSIONS]);
  assertEquals(
    failure.message,
    "Cannot use 's': its handshake failed: Cannot speak with a server that offers 2031-01-01: it takes one of " +
      MCP_VERSIONS.join(", "),
  );
});

for (const answer of ["null", "[]", '"2025-06-18"', '{"protocolVersion":20250618}']) {
  Deno.test(`a server that answers the handshake with ${answer} failed to start`, async () => {
    const { message } = await failureOfStart(`take; answer 1 '${answer}'; exec cat >/dev/null`);
    assertMatch(message, /that offers no version at all/);
  });
}

Deno.test("the versions to speak are an option", async () => {
  const versions = ["2025-11-25", "2025-06-18"];
  assertEquals((await told({ versions })).protocolVersion, "2025-11-25");
  const failure = await failureOfStart(`${welcome("2025-03-26")}; exec cat >/dev/null`, { versions });
  assertMatch(failure.message, /it takes one of 2025-11-25, 2025-06-18$/);
  assertThrows(() => mcp("m", { command: "cat", versions: [] }), OptionError);
});

Deno.test("a server that refuses the handshake failed to start, in its own words", async () => {
  const failure = await failureOfStart(
    `take; echo '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Unsupported protocol version"}}'; exec cat`,
  );
  assertEquals(failure.message, "Cannot use 's': its handshake failed: Unsupported protocol version");
  assertInstanceOf(failure.cause, JsonRpcError);
});

Deno.test("a server that never answers the handshake failed to start in time", async () => {
  await using probe = new Probe(server("exec cat >/dev/null", { restart: "temporary", startWithin: 50 }));
  assertMatch((await failureOf(probe.system.start())).message, /within 50 ms/);
});

Deno.test("a server's log lines on stdout are reported, without further effect", async () => {
  const script =
    `echo 'Server listening'; ${WELCOME}; take; echo '[debug] call'; answer 2 '{"tools":[]}'; exec cat`;
  await using probe = await Probe.start(server(script));
  assertEquals(await probe.ref.ask({ method: "tools/list" }), { tools: [] });
  assertEquals(probe.all("malformed").map(({ kind, sample }) => [kind, sample]), [
    ["not_json", "Server listening"],
    ["not_json", "[debug] call"],
  ]);
});

Deno.test("a ping is answered, and an unhandled request is refused", async () => {
  const asks = (method: string) =>
    `echo '{"jsonrpc":"2.0","id":"q","method":"${method}"}'; take; answers="$answers$got,"`;
  const script = `${WELCOME}; ${asks("ping")}; ${asks("sampling/createMessage")}; ${asks("roots/list")}
    echo '{"jsonrpc":"2.0","method":"answers","params":['"$answers"'0]}'; exec cat >/dev/null`;
  await using probe = new Probe(server(script, { handlers: { "roots/list": () => ({ roots: [] }) } }));
  const output = probe.ref.subscribe();
  await probe.system.start();
  const [ping, sampling, roots] = (await output.next()).value!.params;
  assertEquals([ping.result, sampling.error.code, roots.result], [{}, -32_601, { roots: [] }]);
});

Deno.test("the goodbye is that stdin is closed, then SIGTERM, then SIGKILL", async () => {
  const steps = async (script: string, stop: McpOptions["stop"], before = "") => {
    await using probe = await Probe.start(server(`${before}${WELCOME}; ${script}`, { stop }));
    await probe.system.stop();
    return probe.steps();
  };
  assertEquals(await steps("exec cat >/dev/null", undefined), ["drain", "close_stdin"]);
  assertEquals(await steps("exec sleep 1000", { drain: 0, stdin: 10, term: 60_000 }), [
    "drain",
    "close_stdin",
    "SIGTERM",
  ]);
  assertEquals(await steps("exec sleep 1000", { drain: 0, stdin: 10, term: 10 }, "trap '' TERM; "), [
    "drain",
    "close_stdin",
    "SIGTERM",
    "SIGKILL",
  ]);
});
