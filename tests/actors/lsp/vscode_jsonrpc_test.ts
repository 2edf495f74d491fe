/** A client on `vscode-jsonrpc`, with VS Code's server for JSON: edits, and kills in between. */
import {
  createMessageConnection,
  type MessageConnection,
  NotificationType,
  RequestType,
  ResponseError,
} from "npm:vscode-jsonrpc@10.0.0/node";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { NO_BACKOFF } from "@outrider/outrider";
import { lspSession } from "@outrider/outrider/actors/lsp";
import { Planted } from "../planted.ts";
import { jsonServer } from "../servers.ts";

const uri = "file:///a.json";
const symbols = new RequestType<object, { readonly name: string }[], void>("textDocument/documentSymbol");
const diagnosed = new NotificationType<{ readonly diagnostics: readonly unknown[] }>(
  "textDocument/publishDiagnostics",
);

/** An object in JSON, with what a position in UTF-8 or by code points would get wrong, and a new line in two units. */
class Text {
  #lines = ['{ "😀": "ß😀𐐀", ', '"last": 0 }'];
  #version = 1;

  get all(): string {
    return this.#lines.join("\r\n");
  }

  get names(): readonly string[] {
    return Object.keys(JSON.parse(this.all));
  }

  open() {
    return { textDocument: { uri, languageId: "json", version: this.#version, text: this.all } };
  }

  /** Adds a member at the end of a line, by the params of `didChange`. */
  add(name: string) {
    const text = `"${name}": "🦊", `;
    const at = { line: 0, character: this.#lines[0]!.length };
    this.#lines[0] += text;
    const textDocument = { uri, version: ++this.#version };
    return { textDocument, contentChanges: [{ range: { start: at, end: at }, text }] };
  }
}

/** The symbols of the document; a request that ends with its process is made again, as an editor does. */
async function namesAt(connection: MessageConnection): Promise<readonly string[]> {
  for (;;) {
    try {
      const found = await connection.sendRequest(symbols, { textDocument: { uri } });
      return found.map(({ name }) => name);
    } catch (error) {
      assertInstanceOf(error, ResponseError);
      assertEquals([error.code, typeof (error.data as { reason: unknown }).reason], [-32_801, "string"]);
    }
  }
}

Deno.test("a client on vscode-jsonrpc has the symbols of its own text when the server is killed between edits", async () => {
  const spec = lspSession("s", { ...jsonServer, backoff: NO_BACKOFF });
  await using planted = await Planted.start(spec);
  const { reader, writer } = spec.transports(planted.system.ref(spec));
  const connection = createMessageConnection(reader, writer);
  const errors: unknown[] = [];
  connection.onError((error) => errors.push(error));
  const faults: number[] = [];
  connection.onNotification(diagnosed, ({ diagnostics }) => void faults.push(diagnostics.length));
  const isClosed = new Promise<void>((resolve) => connection.onClose(resolve));
  connection.listen();
  const params = { processId: Deno.pid, rootUri: null, capabilities: {} };
  const { capabilities } = await connection.sendRequest<{ capabilities: object }>("initialize", params);
  assertEquals("documentSymbolProvider" in capabilities, true);
  await connection.sendNotification("initialized", {});
  const text = new Text();
  await connection.sendNotification("textDocument/didOpen", text.open());
  assertEquals(await namesAt(connection), text.names);

  for (const generation of [1, 2, 3]) {
    await connection.sendNotification("textDocument/didChange", text.add(`before ${generation}`));
    const { pid } = planted.all("spawned").at(-1)!;
    Deno.kill(pid, "SIGKILL");
    // The process is there, about to end, or gone.
    for (const when of ["at", "after"]) {
      await connection.sendNotification("textDocument/didChange", text.add(`${when} ${generation}`));
      if (when === "at") await planted.event("exited", (event) => event.generation === generation);
    }
    assertEquals(await namesAt(connection), text.names);
  }
  assertEquals([errors, text.names.length], [[], 11]);
  assertEquals(faults.every((count) => count === 0), true);

  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  await planted.event("ready", ({ path, generation }) => path === "s" && generation === 5);
  connection.end();
  await isClosed;
  connection.dispose();
});
