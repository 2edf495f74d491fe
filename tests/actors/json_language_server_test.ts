/** A language server that people use: the one for JSON of VS Code. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { type ExitStatus, spawn } from "@outrider/outrider/process";
import {
  IncarnationEndedError,
  JsonRpcError,
  NO_BACKOFF,
  SidecarExitedError,
  type Subscription,
} from "@outrider/outrider";
import { lsp, LSP_CAPABILITIES, type LspOptions } from "@outrider/outrider/actors/lsp";
import type { JsonRpcNotification } from "@outrider/outrider/protocol";
import { failureOf } from "../support/probes.ts";
import { Probe } from "../sidecar/health/probe.ts";
import { jsonServer } from "./servers.ts";

const uri = "file:///settings.json";
const schema = {
  properties: { level: { description: "How loud", enum: ["low", "high"] }, name: { description: "Whose" } },
};
/** Which schema is for which documents; the one parameter is a list. */
const schemas = {
  method: "json/schemaAssociations",
  params: [[{ uri: "test:schema", fileMatch: ["*"], schema }]],
};

const open = (text: string) => ({
  method: "textDocument/didOpen",
  params: { textDocument: { uri, languageId: "json", version: 1, text } },
});
const at = (method: string, line: number, character: number) => ({
  method: `textDocument/${method}`,
  params: { textDocument: { uri }, position: { line, character } },
});

function start(more: Partial<LspOptions> = {}): Promise<Probe> {
  return Probe.start((id) => lsp(id, { ...jsonServer, backoff: NO_BACKOFF, ...more }));
}

/** One turn of the event loop. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

interface Diagnostics {
  readonly uri: string;
  readonly diagnostics: readonly { readonly message: string; readonly range: unknown }[];
}

/** The next diagnostics that the server pushes. */
async function diagnosed(output: Subscription<JsonRpcNotification>): Promise<Diagnostics> {
  for (;;) {
    const { value, done } = await output.next();
    if (done) throw new Error("Cannot wait for diagnostics: the server has ended for good");
    if (value.method === "textDocument/publishDiagnostics") return value.params as unknown as Diagnostics;
  }
}

Deno.test("a document is opened, diagnosed, completed, explained and corrected; the server exits with 0", async () => {
  let status: Promise<ExitStatus> | undefined;
  await using probe = await start({
    spawn: (command, options) => {
      const child = spawn(command, options);
      status = child.exited;
      return child;
    },
  });
  const { ref } = probe;
  const output = ref.subscribe();
  const { capabilities } = await ref.ask({ method: "initialize" });
  assertEquals([capabilities.hoverProvider, capabilities.completionProvider.resolveProvider], [true, false]);

  await ref.tell(schemas);
  await ref.tell(open('{\n  "level": "loud",\n  \n}'));
  const { diagnostics, uri: diagnosedUri } = await diagnosed(output);
  assertEquals(diagnosedUri, uri);
  const fault = diagnostics.find(({ message }) => message.startsWith("Value is not accepted"));
  assertEquals(fault!.range, { start: { line: 1, character: 11 }, end: { line: 1, character: 17 } });

  const { contents } = await ref.ask(at("hover", 1, 4));
  assertEquals(contents, ["How loud"]);
  const { items } = await ref.ask(at("completion", 2, 2));
  assertEquals(items.map(({ label }: { label: string }) => label), ["name"]);

  await ref.tell({
    method: "textDocument/didChange",
    params: {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: '{ "level": "low" }' }],
    },
  });
  assertEquals((await diagnosed(output)).diagnostics, []);

  const error = await failureOf(ref.ask({ method: "no/such" }));
  assertInstanceOf(error, JsonRpcError);
  assertEquals(error.code, -32_601);

  await probe.system.stop();
  assertEquals([await status, probe.steps()], [{ code: 0, signal: undefined }, ["drain", "goodbye"]]);
  assertEquals([probe.all("malformed"), ref.deadLetters], [[], 0]);
});

Deno.test("a server that is killed is asked again, and knows the documents that opened reopens", async () => {
  const documents = [open('{ "level": "low" }')];
  await using probe = await start({
    opened: (server) => {
      for (const { method, params } of [schemas, ...documents]) server.notify(method, params);
    },
  });
  const { ref } = probe;
  const pid = await probe.pid();
  Deno.kill(pid, "SIGSTOP"); // it takes the requests, and answers none
  const lost = failureOf(ref.ask(at("hover", 0, 4)));
  const replayed = ref.ask(at("hover", 0, 4), { onDeath: "replay", detailed: true });
  while (ref.queued > 0) await turn();
  Deno.kill(pid, "SIGKILL");

  const error = await lost;
  assertInstanceOf(error, IncarnationEndedError);
  assertInstanceOf(error.cause, SidecarExitedError);
  assertEquals([error.generation, error.cause.signal], [1, "SIGKILL"]);
  const { value, generation } = await replayed;
  assertEquals([value.contents, generation], [["How loud"], 2]);
});

Deno.test("a server that registers capabilities while it runs is answered", async () => {
  const capabilities = {
    ...LSP_CAPABILITIES,
    workspace: { ...LSP_CAPABILITIES.workspace, didChangeConfiguration: { dynamicRegistration: true } },
    textDocument: { ...LSP_CAPABILITIES.textDocument, rangeFormatting: { dynamicRegistration: true } },
  };
  const registered = Promise.withResolvers<unknown>();
  await using probe = await start({
    capabilities,
    handlers: { "client/registerCapability": ({ params }) => registered.resolve(params) },
  });
  await probe.ref.tell({
    method: "workspace/didChangeConfiguration",
    params: { settings: { json: { format: { enable: true } } } },
  });
  const { registrations } = await registered.promise as { registrations: { method: string }[] };
  assertEquals(registrations.map(({ method }) => method), ["textDocument/rangeFormatting"]);
});
