/**
 * A language server as a library: prints what VS Code's server for JSON finds in the files that are named.
 *
 * If the server dies meanwhile, the files are opened again at its next incarnation, which finds the same.
 */
import { start, supervisor } from "@outrider/outrider";
import { lsp } from "@outrider/outrider/actors/lsp";

/** As the protocol has it; `npm:vscode-languageserver-types` has all of its types. */
interface Diagnostics {
  readonly uri: string;
  readonly diagnostics: readonly {
    readonly message: string;
    readonly range: { readonly start: { readonly line: number; readonly character: number } };
  }[];
}

const files = Deno.args.length > 0 ? Deno.args : ["examples/language_server/settings.json"];
const texts = new Map(files.map((file) => [`file:///${encodeURI(file)}`, Deno.readTextFileSync(file)]));

const json = lsp("json", {
  command: Deno.execPath(),
  args: [
    ...["run", "--quiet", "--allow-env", "--allow-read", "--allow-sys"],
    // The lock file keeps what the server is made of as it is.
    ...["--no-config", "--frozen", "--lock=examples/language_server/server.lock"],
    ...["npm:vscode-langservers-extracted@4.10.0/vscode-json-language-server", "--stdio"],
  ],
  // Where Deno keeps packages, and how it gets them.
  inheritEnv: ["PATH", "HOME", "DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY"],
});

await using system = await start(supervisor("linter", [json]));
const ref = system.ref(json);
const published = ref.subscribe();
for (const [uri, text] of texts) {
  const params = { textDocument: { uri, languageId: "json", version: 1, text } };
  await ref.tell({ method: "textDocument/didOpen", params });
}

const left = new Set(texts.keys());
for await (const { method, params } of published) {
  if (method !== "textDocument/publishDiagnostics") continue;
  const { uri, diagnostics } = params as unknown as Diagnostics;
  if (!left.delete(uri)) continue; // told before the server died
  for (const { message, range: { start } } of diagnostics) {
    console.log(`${decodeURI(uri.slice(8))}:${start.line + 1}:${start.character + 1}: ${message}`);
  }
  if (left.size === 0) break;
}
