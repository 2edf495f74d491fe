/** Servers that break where a setting is missing, without any; and settings that a server is sent. */
import { assertEquals } from "@std/assert";
import { launch, type Subscription } from "@outrider/outrider";
import { lsp, type LspOptions } from "@outrider/outrider/actors/lsp";
import type { JsonRpcNotification } from "@outrider/outrider/protocol";
import { languageServer } from "../servers.ts";

const open = (uri: string, languageId: string, text: string) => ({
  method: "textDocument/didOpen",
  params: { textDocument: { uri, languageId, version: 1, text } },
});

/** The messages of the next diagnostics that the server pushes. */
async function diagnosed(output: Subscription<JsonRpcNotification>): Promise<string[]> {
  for (;;) {
    const { value, done } = await output.next();
    if (done) throw new Error("Cannot wait for diagnostics: the server has ended for good");
    if (value.method !== "textDocument/publishDiagnostics") continue;
    const { diagnostics } = value.params as unknown as { diagnostics: readonly { message: string }[] };
    return diagnostics.map(({ message }) => message);
  }
}

async function diagnosticsOf(
  server: "css" | "html" | "json",
  text: string,
  options: Partial<LspOptions> = {},
): Promise<string[]> {
  const spec = lsp("s", { ...languageServer(server), ...options });
  await using app = await launch(spec);
  const ref = app.ref(spec);
  const output = ref.subscribe();
  await ref.tell(open(`file:///a.${server}`, server, text));
  return await diagnosed(output);
}

const HTML = `<html><style>a { colr: red }</style><script>let x = ;</script></html>`;

Deno.test("css and html servers diagnose a document when there are no settings", async () => {
  const [css, html] = await Promise.all([
    diagnosticsOf("css", "a { colr: red }"),
    diagnosticsOf("html", HTML),
  ]);
  assertEquals(css, ["Unknown property: 'colr'"]);
  assertEquals(html, ["Unknown property: 'colr'", "Expression expected."]);
});

Deno.test("json server diagnoses by the schemas of its settings when it is restarted, too", async () => {
  const schema = { properties: { level: { enum: ["low", "high"] } } };
  const spec = lsp("s", {
    ...languageServer("json"),
    backoff: { initial: 0 },
    settings: { "json.validate.enable": true, json: { schemas: [{ fileMatch: ["*"], schema }] } },
  });
  await using app = await launch(spec);
  const ref = app.ref(spec);
  const output = ref.subscribe();
  const diagnose = async () => {
    await ref.tell(open("file:///a.json", "json", '{ "level": "loud" }'));
    return await diagnosed(output);
  };
  const fault = ['Value is not accepted. Valid values: "low", "high".'];
  assertEquals(await diagnose(), fault);
  const [{ pid } = {}] = app.status();
  Deno.kill(pid!, "SIGKILL");
  const asked = { detailed: true, timeout: 30_000 } as const;
  while ((await ref.ask({ method: "initialize" }, asked)).generation === 1);
  assertEquals(await diagnose(), fault);
});

/** Finds one fault in each text, as ESLint's own class would say it. */
const ESLINT = `exports.ESLint = class { static version = "9.0.0"; async lintText(text, { filePath }) {
  const message = { line: 1, column: 1, endLine: 1, endColumn: 2, severity: 2, ruleId: "found", message: text };
  return [{ filePath, messages: [message] }]; } async isPathIgnored() { return false; }
  async calculateConfigForFile() { return {}; } getRulesMetaForResults() { return {}; } };`;

Deno.test("eslint server diagnoses a document when there are no settings", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/node_modules/eslint`, { recursive: true });
    await Deno.writeTextFile(
      `${folder}/node_modules/eslint/package.json`,
      '{"name":"eslint","main":"x.cjs"}',
    );
    await Deno.writeTextFile(`${folder}/node_modules/eslint/x.cjs`, ESLINT);
    const spec = lsp("s", { ...languageServer("eslint"), rootUri: folder });
    await using app = await launch(spec);
    const ref = app.ref(spec);
    const uri = `file://${folder}/a.js`;
    await ref.tell(open(uri, "javascript", "debugger"));
    const params = { textDocument: { uri } };
    const { items } = await ref.ask({ method: "textDocument/diagnostic", params }, { timeout: 30_000 });
    assertEquals(items.map(({ message }: { message: string }) => message), ["debugger"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
