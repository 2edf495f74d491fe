/** The handshake and the goodbye that a manifest gives for a server of JSON-RPC. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { JsonRpcError } from "@outrider/outrider";
import { HelloAnswerError } from "@outrider/outrider/actors/factories";
import { sidecarOf } from "../../actors/sidecar_entry.ts";
import { sidecar } from "../manifest/probe.ts";
import { Probe, sh } from "../sidecar/health/probe.ts";
import { failureOf } from "../support/probes.ts";
import { jsonServer } from "./servers.ts";

const INITIALIZE = { request: "initialize", params: { protocolVersion: 1 } };

/** Answers `initialize` and `steps`, the methods so far; leaves `shutdown` unanswered; says so and ends on `exit`. */
const SERVER = `
while read -r line; do
  method=\${line#*'"method":"'}; method=\${method%%'"'*}; id=\${line#*'"id":'}; id=\${id%%,*}
  steps="$steps,\\"$method\\""
  case $method in
    initialize) echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"protocolVersion":2,"agent":{"modes":["a","b"]}}}';;
    refuse) echo '{"jsonrpc":"2.0","id":'"$id"',"error":{"code":-32002,"message":"not you"}}';;
    steps) echo '{"jsonrpc":"2.0","id":'"$id"',"result":['"\${steps#,}"']}';;
    exit) echo bye >&2; exit;;
  esac
done`;

function server(protocol: object, more: object = {}) {
  const program = { ...sh(SERVER), protocol: { type: "jsonrpc", ...protocol } };
  return (id: string) => sidecarOf(id, sidecar({ ...program, ...more }));
}

async function failureOfStart(...hello: unknown[]): Promise<unknown> {
  await using probe = new Probe(server({ hello }, { restart: "temporary" }));
  await failureOf(probe.system.start());
  return (await probe.event("start_failed")).cause.cause;
}

Deno.test("hello goes out step by step before what waits in the mailbox", async () => {
  const expect = { protocolVersion: 2, agent: { modes: ["a", "b"] } };
  await using probe = new Probe(
    server({ hello: [{ ...INITIALIZE, expect }, { notify: "initialized", params: [] }] }),
  );
  const steps = probe.ref.ask({ method: "steps" });
  await probe.system.start();
  assertEquals(await steps, ["initialize", "initialized", "steps"]);
});

Deno.test("a start fails when an answer to hello is refused or not the expected one", async () => {
  const refused = await failureOfStart({ request: "refuse" }, { notify: "initialized" });
  assertInstanceOf(refused, JsonRpcError);
  assertEquals([refused.code, refused.message], [
    -32_002,
    '"refuse" was answered with the error -32002: not you',
  ]);
  const differences = [
    [{ protocolVersion: 1 }, "result.protocolVersion is 2, not 1"],
    [{ agent: { modes: ["a"] } }, `result.agent.modes is ["a","b"], not ["a"]`],
    [{ agent: { modes: ["a", "c"] } }, `result.agent.modes[1] is "b", not "c"`],
    [{ agent: { name: "x" } }, `result.agent.name is missing, not "x"`],
    [null, `result is {"protocolVersion":2,"agent":{"modes":["a","b"]}}, not null`],
  ] as const;
  const errors = await Promise.all(differences.map(([expect]) => failureOfStart({ ...INITIALIZE, expect })));
  for (const [index, error] of errors.entries()) {
    assertInstanceOf(error, HelloAnswerError);
    assertEquals(error.message.split(" expects: ")[1], differences[index]![1]);
  }
});

Deno.test("goodbye says its last notification when a request of it is refused or goes unanswered", async () => {
  const steps = { refuse: ["drain", "goodbye"], shutdown: ["drain", "goodbye", "close_stdin"] };
  for (const [request, expected] of Object.entries(steps)) {
    const goodbye = [{ request }, { notify: "exit" }];
    const stop = { goodbye: request === "refuse" ? "30s" : "100ms" };
    await using probe = await Probe.start(server({ goodbye }, { stop }));
    await probe.system.stop();
    assertEquals([request, probe.steps()], [request, expected]);
    assertEquals(probe.all("output").map(({ line }) => line), ["bye"]);
  }
});

Deno.test("hello and goodbye serve a real language server", async () => {
  const protocol = {
    type: "jsonrpc",
    framing: "headers",
    hello: [
      {
        request: "initialize",
        params: { processId: null, rootUri: null, capabilities: {} },
        expect: { capabilities: { hoverProvider: true } },
      },
      { notify: "initialized", params: {} },
    ],
    goodbye: [{ request: "shutdown" }, { notify: "exit" }],
  };
  const entry = sidecar({ ...jsonServer, protocol, stop: { goodbye: "20s" } });
  await using probe = await Probe.start((id) => sidecarOf(id, entry));
  const uri = "file:///a.json";
  await probe.ref.tell({
    method: "textDocument/didOpen",
    params: { textDocument: { uri, languageId: "json", version: 1, text: '{ "a": 1 }' } },
  });
  const symbols = await probe.ref.ask({
    method: "textDocument/documentSymbol",
    params: { textDocument: { uri } },
  }, { timeout: 30_000 });
  assertEquals(symbols.map(({ name }: { name: string }) => name), ["a"]);
  await probe.system.stop();
  assertEquals(probe.steps(), ["drain", "goodbye"]);
});

Deno.test("a stop has time for goodbye when there is no hello", () => {
  const timeOf = (protocol: object) => server(protocol, { stop: { goodbye: "7s" } })("a").timeToForce!;
  assertEquals(timeOf({ goodbye: [{ notify: "exit" }] }) - timeOf({}), 7_000);
});
