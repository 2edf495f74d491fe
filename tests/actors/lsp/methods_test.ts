/** Which requests a language server can be sent, by what it declared and registered. */
import { assertEquals } from "@std/assert";
import { missingCapability, register, unregister } from "../../../actors/lsp/methods.ts";
import { seesPid } from "../../../actors/lsp/process_id.ts";

const NOTHING = { capabilities: {}, registrations: [], client: {} };

Deno.test("a request needs its capability, and a further one where that has options", () => {
  const cases:
    readonly (readonly [method: string, capabilities: Record<string, unknown>, missing?: string])[] = [
      ["textDocument/hover", {}, "hoverProvider"],
      ["textDocument/hover", { hoverProvider: false }, "hoverProvider"],
      ["textDocument/hover", { hoverProvider: null }, "hoverProvider"],
      ["textDocument/hover", { hoverProvider: {} }],
      ["completionItem/resolve", { completionProvider: {} }, "completionProvider.resolveProvider"],
      ["completionItem/resolve", { completionProvider: { resolveProvider: true } }],
      ["textDocument/prepareRename", { renameProvider: true }, "renameProvider.prepareProvider"],
      ["textDocument/semanticTokens/full", { semanticTokensProvider: { full: { delta: false } } }],
      [
        "textDocument/semanticTokens/full/delta",
        { semanticTokensProvider: { full: { delta: false } } },
        "semanticTokensProvider.full.delta",
      ],
      ["workspace/willRenameFiles", { workspace: { fileOperations: { willRename: { filters: [] } } } }],
      ["workspace/willRenameFiles", { workspace: {} }, "workspace.fileOperations.willRename"],
      ["shutdown", {}],
      ["rust-analyzer/expandMacro", {}],
      ["toString", {}],
    ];
  for (const [method, capabilities, missing] of cases) {
    assertEquals(missingCapability(method, { ...NOTHING, capabilities }), missing, method);
  }
});

Deno.test("a registered method may be sent until it is taken back", () => {
  const registrations = register([], {
    registrations: [
      { id: "1", method: "textDocument/completion", registerOptions: { resolveProvider: true } },
      { id: "2", method: "textDocument/semanticTokens", registerOptions: { full: true } },
      { method: "no id" },
      null,
    ],
  });
  const missing = (method: string, having = registrations) =>
    missingCapability(method, { ...NOTHING, registrations: having });
  assertEquals(missing("completionItem/resolve"), undefined);
  assertEquals(missing("textDocument/semanticTokens/full"), undefined);
  assertEquals(missing("textDocument/semanticTokens/range"), "semanticTokensProvider.range");
  const left = unregister(registrations, {
    unregisterations: [{ id: "1", method: "textDocument/completion" }],
  });
  assertEquals(missing("textDocument/completion", left), "completionProvider");
  assertEquals(register(left, { registrations: [{ id: "2", method: "x" }] }), [{ id: "2", method: "x" }]);
  for (const wrong of [undefined, null, 7, { registrations: 7 }]) assertEquals(register(left, wrong), left);
});

Deno.test("a method that may be registered at any time is sent", () => {
  const client = {
    textDocument: { formatting: { dynamicRegistration: true }, callHierarchy: { dynamicRegistration: true } },
  };
  for (const method of ["textDocument/formatting", "callHierarchy/incomingCalls"]) {
    assertEquals(missingCapability(method, { ...NOTHING, client }), undefined);
  }
  assertEquals(missingCapability("textDocument/rename", { ...NOTHING, client }), "renameProvider");
});

Deno.test("a server is told a pid only where nothing is known to hide it", () => {
  assertEquals(seesPid({ command: "/usr/bin/gopls" }), true);
  for (const command of ["docker", "/usr/bin/bwrap", "C:\\bin\\WSL.exe", "ssh"]) {
    assertEquals(seesPid({ command }), false, command);
  }
  assertEquals(seesPid({ command: "docker", processId: "own" }), true);
  assertEquals(seesPid({ command: "gopls", launcher: ["nice"] }), false);
});
