/** Our own client of LSP keeps the documents of a restarted server in step, without being asked to. */
import { assertEquals, assertRejects } from "@std/assert";
import { IncarnationEndedError, NO_BACKOFF } from "@outrider/outrider";
import { lsp, type LspOptions } from "@outrider/outrider/actors/lsp";
import { Planted } from "../planted.ts";

const FAKE = new URL("./fake_server.ts", import.meta.url).pathname;

function open(uri: string, text: string, version = 1) {
  const params = { textDocument: { uri, languageId: "x", version, text } };
  return { method: "textDocument/didOpen", params };
}

/** Inserts a text at the end of one that has a single line. */
function append(uri: string, version: number, { before, text }: { before: string; text: string }) {
  const at = { line: 0, character: before.length };
  const contentChanges = [{ range: { start: at, end: at }, text }];
  return { method: "textDocument/didChange", params: { textDocument: { uri, version }, contentChanges } };
}

function server(more: Partial<LspOptions> = {}) {
  const args = ["run", "--no-config", FAKE];
  return lsp("s", { command: Deno.execPath(), args, backoff: NO_BACKOFF, ...more });
}

Deno.test("lsp opens the documents again, as they are by then, when its server has died", async () => {
  await using planted = await Planted.start(server());
  const { ref } = planted;
  await ref.tell(open("file:///a", "😀"));
  await ref.tell(open("file:///b", "closed again"));
  await ref.tell({ method: "textDocument/didClose", params: { textDocument: { uri: "file:///b" } } });
  await ref.tell(append("file:///a", 2, { before: "😀", text: " one" }));
  const died = ref.ask({ method: "test/die" });
  const changed = ref.tell(append("file:///a", 3, { before: "😀 one", text: " two" }));
  await assertRejects(() => died, IncarnationEndedError);
  await changed;
  assertEquals(await ref.ask({ method: "test/texts" }), { texts: { "file:///a": "😀 one two" }, faults: [] });
});

Deno.test("lsp leaves a document alone when opened has opened it itself", async () => {
  const opened: LspOptions["opened"] = (server) => {
    if (server.generation === 1) return;
    const { method, params } = open("file:///a", "by hand", 9);
    server.notify(method, params);
  };
  await using planted = await Planted.start(server({ opened }));
  const { ref } = planted;
  await ref.tell(open("file:///a", "one"));
  await ref.tell(open("file:///b", "two"));
  await assertRejects(() => ref.ask({ method: "test/die" }), IncarnationEndedError);
  const texts = { "file:///a": "by hand", "file:///b": "two" };
  assertEquals(await ref.ask({ method: "test/texts" }), { texts, faults: [] });
});

Deno.test("lsp keeps no document that its server could not be told of", async () => {
  await using planted = await Planted.start(server());
  const { ref } = planted;
  await ref.tell(open("file:///a", "one", 1n as unknown as number));
  await ref.tell(open("file:///b", "two"));
  await ref.tell(append("file:///b", 2n as unknown as number, { before: "two", text: " and more" }));
  await assertRejects(() => ref.ask({ method: "test/die" }), IncarnationEndedError);
  const { texts } = await ref.ask({ method: "test/texts" });
  assertEquals(Object.keys(texts), ["file:///b"]);
});
