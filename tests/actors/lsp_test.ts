/** Language servers that misbehave, and what every one of them is told. */
import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { JsonRpcError, SidecarNotReadyError } from "@outrider/outrider";
import { LSP_CAPABILITIES, type LspOptions } from "@outrider/outrider/actors/lsp";
import type { JsonRpcPeer } from "@outrider/outrider/protocol";
import { lspAnswers } from "../../actors/lsp/requests.ts";
import { failureOf } from "../support/probes.ts";
import { AT_ONCE, Probe } from "../sidecar/health/probe.ts";
import { server, WELCOME } from "./lsp/shell_server.ts";

async function failureOfStart(script: string, more: Partial<LspOptions> = {}): Promise<Error> {
  await using probe = new Probe(server(script, { restart: "temporary", ...more }));
  await failureOf(probe.system.start());
  return (await probe.event("start_failed")).cause;
}

Deno.test("the handshake sends the client's name, its folder and its capabilities", async () => {
  const said =
    `${WELCOME}; say '{"jsonrpc":"2.0","method":"was","params":'"$initialized"'}'; exec cat >/dev/null`;
  await using probe = new Probe(server(said, { rootUri: "file:///home/ada/engine" }));
  const output = probe.ref.subscribe();
  await probe.system.start();
  const { got } = await probe.ref.ask({ method: "initialize" });
  assertEquals(got, {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      processId: Deno.pid,
      clientInfo: { name: "outrider" },
      rootUri: "file:///home/ada/engine",
      workspaceFolders: [{ uri: "file:///home/ada/engine", name: "engine" }],
      capabilities: LSP_CAPABILITIES,
    },
  });
  const { params } = (await output.next()).value!;
  assertEquals(params, { jsonrpc: "2.0", method: "initialized", params: {} });
});

Deno.test("each option has its place in the handshake", async () => {
  const options: Partial<LspOptions> = {
    workspaceFolders: [{ uri: "file:///a", name: "A" }, { uri: "file:///b", name: "B" }],
    initializationOptions: { provideFormatter: true },
    clientInfo: { name: "me", version: "7" },
  };
  await using probe = await Probe.start(server(`${WELCOME}; exec cat >/dev/null`, options));
  const { got: { params } } = await probe.ref.ask({ method: "initialize" });
  assertEquals(params, { processId: Deno.pid, rootUri: null, capabilities: LSP_CAPABILITIES, ...options });
});

Deno.test("output before the first header is reported, without further effect", async () => {
  await using probe = await Probe.start(
    server(`echo 'Welcome to the server'; echo '{'; ${WELCOME}; exec cat >/dev/null`),
  );
  assertEquals((await probe.ref.ask({ method: "initialize" })).capabilities, { hoverProvider: true });
  const { kind, sample } = await probe.event("malformed");
  assertEquals([kind, sample], ["stray", "Welcome to the server"]);
});

Deno.test("a server that refuses the handshake failed to start, in its own words", async () => {
  const failure = await failureOfStart(
    `take; say '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no such folder","data":{"retry":false}}}'; exec cat`,
  );
  assertInstanceOf(failure, SidecarNotReadyError);
  assertEquals(failure.message, "Cannot use 's': its handshake failed: no such folder");
  assertInstanceOf(failure.cause, JsonRpcError);
  assertEquals(failure.cause.data, { retry: false });
});

for (const [what, result] of [["nothing", "null"], ["no capabilities", '{"capabilities":1}']] as const) {
  Deno.test(`a server that answers the handshake with ${what} failed to start`, async () => {
    const { message } = await failureOfStart(`take; answer 1 '${result}'; exec cat >/dev/null`);
    assertMatch(
      message,
      /its handshake failed: Cannot work with a server that does not tell its capabilities: /,
    );
  });
}

Deno.test("a server that never answers the handshake failed to start in time", async () => {
  await using probe = new Probe(server("exec cat >/dev/null", { restart: "temporary", startWithin: 50 }));
  assertMatch((await failureOf(probe.system.start())).message, /within 50 ms/);
});

Deno.test("an error while documents are reopened is a failed start", async () => {
  const opened = () => Promise.reject(new Error("no such document"));
  const { message } = await failureOfStart(`${WELCOME}; exec cat >/dev/null`, { opened });
  assertEquals(message, "Cannot use 's': its handshake failed: no such document");
});

Deno.test("documents are opened before anything that waits in the mailbox", async () => {
  const opened = (server: JsonRpcPeer) => server.notify("textDocument/didOpen", { at: "first" });
  const script = `${WELCOME}; take; first=$got; take
    say '{"jsonrpc":"2.0","method":"order","params":['"$first"','"$got"']}'; exec cat >/dev/null`;
  await using probe = new Probe(server(script, { opened }));
  const output = probe.ref.subscribe();
  void probe.ref.tell({ method: "textDocument/didChange" });
  await probe.system.start();
  const { params } = (await output.next()).value! as { params: { method: string }[] };
  assertEquals(params.map(({ method }) => method), ["textDocument/didOpen", "textDocument/didChange"]);
});

Deno.test("the goodbye is shutdown and exit", async () => {
  const script = `${WELCOME}; take; answer 2 null; take; case $got in *'"exit"'*) echo orderly >&2;; esac`;
  await using probe = await Probe.start(server(script, { stop: AT_ONCE }));
  await probe.system.stop();
  await probe.output("orderly");
  assertEquals(probe.steps(), ["drain", "goodbye"]);
  assertEquals((await probe.event("stopped")).exit.reason, "shutdown");
});

Deno.test("a server that was shut down by an ask still receives exit", async () => {
  const script = `${WELCOME}; take; answer 2 null; take
    say '{"jsonrpc":"2.0","id":3,"error":{"code":-32600,"message":"shut down already"}}'; take; echo orderly >&2`;
  await using probe = await Probe.start(server(script, { stop: AT_ONCE }));
  assertEquals(await probe.ref.ask({ method: "shutdown" }), null);
  await probe.system.stop();
  await probe.output("orderly");
  assertEquals(probe.steps(), ["drain", "goodbye"]);
});

Deno.test("a server that does not answer shutdown gets the rest of the stop sequence", async () => {
  const script = `trap '' TERM; ${WELCOME}; exec sleep 1000`;
  await using probe = await Probe.start(
    server(script, { stop: { drain: 0, goodbye: 10, stdin: 10, term: 10 } }),
  );
  await probe.system.stop();
  assertEquals(probe.steps(), ["drain", "goodbye", "close_stdin", "SIGTERM", "SIGKILL"]);
});

Deno.test("a server that dies of the goodbye is a server that has ended", async () => {
  await using probe = await Probe.start(server(`${WELCOME}; take; exit 1`, { stop: AT_ONCE }));
  await probe.system.stop();
  assertEquals(probe.steps(), ["drain", "goodbye"]);
});

Deno.test("requests of servers are answered, by own handlers first", async () => {
  const asks = (method: string, params: string) =>
    `say '{"jsonrpc":"2.0","id":"q","method":"${method}","params":${params}}'
    take; answers="$answers$got,"`;
  const script = `${WELCOME}
    ${asks("workspace/configuration", '{"items":[{"section":"json"},{}]}')}
    ${asks("client/registerCapability", '{"registrations":[]}')}
    ${asks("workspace/applyEdit", '{"edit":{}}')}
    ${asks("window/showMessageRequest", '{"type":1,"message":"?"}')}
    ${asks("vscode/content", '"file:///schema.json"')}
    ${asks("no/such", "{}")}
    say '{"jsonrpc":"2.0","method":"answers","params":['"$answers"'0]}'; exec cat >/dev/null`;
  await using probe = new Probe(server(script, {
    handlers: {
      "window/showMessageRequest": () => ({ title: "Yes" }),
      "vscode/content": ({ params }) => `content of ${params}`,
    },
  }));
  const output = probe.ref.subscribe();
  await probe.system.start();
  const { params } = (await output.next()).value! as {
    params: { result: unknown; error?: { code: number } }[];
  };
  assertEquals(params.slice(0, -1).map(({ result, error }) => error?.code ?? result), [
    [{}, { "js/ts": { implicitProjectConfig: {} } }],
    null,
    { applied: false, failureReason: "nobody applies edits here" },
    { title: "Yes" },
    "content of file:///schema.json",
    -32_601,
  ]);
});

Deno.test("a malformed request is answered with an error", async () => {
  const answers = lspAnswers([{ uri: "file:///a", name: "a" }], (items) => items);
  const ask = (method: string, params: undefined | null | number) =>
    answers[method]!({ method, params, signal: new AbortController().signal, peer: {} as JsonRpcPeer });
  for (const wrong of [undefined, null, 7]) assertEquals(await ask("workspace/configuration", wrong), []);
  assertEquals(await ask("workspace/workspaceFolders", undefined), [{ uri: "file:///a", name: "a" }]);
});

Deno.test("capabilities that JSON cannot hold are a failed start", async () => {
  const failure = await failureOfStart("exec cat >/dev/null", { initializationOptions: 1n });
  assertMatch(failure.message, /its handshake failed: Cannot encode/);
  assertInstanceOf(failure, SidecarNotReadyError);
});
