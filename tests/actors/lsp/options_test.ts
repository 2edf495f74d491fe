/** What the options of a language server change in what it is sent. */
import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { buildTree, parse } from "@outrider/outrider/manifest";
import { start } from "@outrider/outrider";
import { factories } from "@outrider/outrider/actors/factories";
import { LSP_CAPABILITIES, LspMethodError, type LspOptions } from "@outrider/outrider/actors/lsp";
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, Probe, take } from "../../sidecar/health/probe.ts";
import { server, WELCOME, WORDS } from "./shell_server.ts";

const QUIET = `${WELCOME}; exec cat >/dev/null`;

/** The params of `initialize`. */
// deno-lint-ignore no-explicit-any -- as the server got them
async function initialized(options: Partial<LspOptions>): Promise<any> {
  await using probe = await Probe.start(server(QUIET, options));
  return (await probe.ref.ask({ method: "initialize" })).got.params;
}

Deno.test("capabilities are merged into the default ones, and positions stay UTF-16", async () => {
  const { capabilities } = await initialized({
    rootUri: "/usr",
    capabilities: { general: { positionEncodings: ["utf-8"] }, textDocument: { hover: null, codeLens: {} } },
  });
  const { hover: _, ...textDocument } = LSP_CAPABILITIES.textDocument;
  assertEquals(capabilities, { ...LSP_CAPABILITIES, textDocument: { ...textDocument, codeLens: {} } });
});

Deno.test("a server is told no pid behind a launcher, unless the option says so", async () => {
  const launcher = ["env"];
  assertEquals((await initialized({ launcher })).processId, null);
  assertEquals((await initialized({ launcher, processId: "own" })).processId, Deno.pid);
  assertEquals((await initialized({ processId: "none" })).processId, null);
});

Deno.test("rootUri as a path is relative to cwd", async () => {
  const { rootUri, workspaceFolders } = await initialized({ cwd: "/usr", rootUri: "lib", processId: "own" });
  assertEquals([rootUri, workspaceFolders], ["file:///usr/lib", [{ uri: "file:///usr/lib", name: "lib" }]]);
});

Deno.test("a manifest's server has its folders beside the manifest, and its settings", async () => {
  const protocol = {
    type: "lsp",
    rootUri: ".",
    workspaceFolders: ["./a b", { uri: "../lib", name: "Library" }],
    settings: { "css.lint": { important: "error" } },
    clientInfo: { name: "me" },
  };
  const script = `${WORDS}${WELCOME}; take
    say '{"jsonrpc":"2.0","method":"was","params":'"$got"'}'; exec cat >/dev/null`;
  const child = { id: "a", command: "sh", args: ["-c", script], cwd: "/", protocol, stop: AT_ONCE };
  const text = JSON.stringify({ name: "t", children: [child] });
  const tree = buildTree(parse(text, { file: "/srv/app/outrider.json" }), factories);
  await using system = await start(tree);
  const ref = system.ref("a");
  const output = ref.subscribe();
  const { params } = (await ref.ask({ method: "initialize" })).got;
  assertEquals([params.rootUri, params.clientInfo], ["file:///srv/app", { name: "me" }]);
  assertEquals(params.workspaceFolders, [
    { uri: "file:///srv/app/a%20b", name: "a b" },
    { uri: "file:///srv/lib", name: "Library" },
  ]);
  const { value } = await output.next();
  const { method, params: { settings } } = value.params;
  assertEquals([method, settings.css], ["workspace/didChangeConfiguration", {
    lint: { important: "error" },
  }]);
});

Deno.test("settings of a function are asked for each time the server asks, and when it starts again", async () => {
  const params = '{"items":[{"section":"a"}]}';
  const script = `${WELCOME}; take; say '{"jsonrpc":"2.0","method":"told","params":'"$got"'}'
    say '{"jsonrpc":"2.0","id":"q","method":"workspace/configuration","params":${params}}'
    take; say '{"jsonrpc":"2.0","method":"answered","params":'"$got"'}'; take`;
  let asked = 0;
  await using probe = new Probe(
    server(script, { settings: () => ({ "a.b": ++asked }), restart: "permanent" }),
  );
  const output = probe.ref.subscribe();
  await probe.system.start();
  // deno-lint-ignore no-explicit-any -- as the server got them
  const got = async () => (await take<any>(output, 2)).map(({ params }) => params.result ?? params.params);
  assertEquals(await got(), [
    { settings: { "js/ts": { implicitProjectConfig: {} }, a: { b: 1 } } },
    [{ b: 2 }],
  ]);
  void probe.ref.tell({ method: "the/end" }); // it takes no more than this
  const [{ settings }, answer] = await got();
  assertEquals([settings.a, answer], [{ b: 3 }, [{ b: 4 }]]);
});

Deno.test("a request that the server lacks is refused before it is sent, until it is registered", async () => {
  const registered = `{"id":"f","method":"textDocument/formatting"}`;
  const script = `${WELCOME}
    say '{"jsonrpc":"2.0","id":"r","method":"client/registerCapability","params":{"registrations":[${registered}]}}'
    take; say '{"jsonrpc":"2.0","method":"registered"}'; take; answer 2 '"formatted"'
    say '{"jsonrpc":"2.0","id":"u","method":"client/unregisterCapability","params":{"unregisterations":[${registered}]}}'
    take; say '{"jsonrpc":"2.0","method":"unregistered"}'; take; answer 3 "$got"; exec cat >/dev/null`;
  await using probe = new Probe(server(script));
  const output = probe.ref.subscribe();
  await probe.system.start();
  const formatting = { method: "textDocument/formatting" };
  await take(output, 1);
  assertEquals(await probe.ref.ask(formatting), "formatted");
  await take(output, 1);
  const error = await failureOf(probe.ref.ask(formatting));
  assertInstanceOf(error, LspMethodError);
  assertEquals([error.code, error.capability], ["lsp_method", "documentFormattingProvider"]);
  // The next that it gets is a method of its own.
  assertEquals((await probe.ref.ask({ method: "own/method" })).method, "own/method");
});

Deno.test("exit is sent before stdin is closed when shutdown goes unanswered", async () => {
  const script = `${WELCOME}; take; take; case $got in *'"exit"'*) read -r more || echo orderly >&2;; esac`;
  const stop = { drain: 0, goodbye: 10, stdin: 30_000, term: 0 };
  await using probe = await Probe.start(server(script, { stop }));
  await probe.system.stop();
  await probe.output("orderly");
  assertEquals(probe.steps(), ["drain", "goodbye", "close_stdin"]);
});

Deno.test("log messages and messages for people are lines of the log, with their level", async () => {
  const say = (method: string, params: string) =>
    `say '{"jsonrpc":"2.0","method":"window/${method}","params":${params}}'`;
  const script = `${WELCOME}
    ${say("logMessage", '{"type":1,"message":"one\\ntwo\\n"}')}
    ${say("showMessage", '{"type":2,"message":"careful"}')}
    ${say("logMessage", '{"type":3,"message":"done"}')}
    say '{"jsonrpc":"2.0","id":7,"method":"window/showMessageRequest","params":{"type":5,"message":"well?"}}'
    exec cat >/dev/null`;
  await using probe = await Probe.start(server(script));
  await probe.output("well?");
  const lines = probe.all("output").map(({ line, level = "info" }) => `${level}: ${line}`);
  assertEquals(lines, ["error: one", "error: two", "warn: careful", "info: done", "debug: well?"]);
  assertEquals(probe.ref.deadLetters, 0);
});

Deno.test("watched files are told as the server registered them, until it has ended", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const registration = JSON.stringify({
      registrations: [{
        id: "w",
        method: "workspace/didChangeWatchedFiles",
        registerOptions: {
          watchers: [
            { globPattern: "**/*.{css,less}" },
            { globPattern: { baseUri: `file://${folder}/made`, pattern: "*" }, kind: 4 },
            { globPattern: { baseUri: `file://${folder}`, pattern: "not/yet/*.x" } },
          ],
        },
      }],
    });
    await Deno.mkdir(`${folder}/made`);
    await Deno.writeTextFile(`${folder}/made/old`, "");
    const script = `${WELCOME}
      say '{"jsonrpc":"2.0","id":"r","method":"client/registerCapability","params":'"$1"'}'; take
      say '{"jsonrpc":"2.0","method":"registered"}'
      while take; do say '{"jsonrpc":"2.0","method":"told","params":'"$got"'}'; done`;
    const { args, ...spec } = { args: ["-c", WORDS + script, "sh", registration], command: "sh" };
    await using probe = new Probe(server("", { ...spec, args, rootUri: folder }));
    const output = probe.ref.subscribe();
    await probe.system.start();
    await take(output, 1);
    await Deno.writeTextFile(`${folder}/x.css`, "a {}");
    await Deno.writeTextFile(`${folder}/x.txt`, "not wanted");
    await Deno.writeTextFile(`${folder}/made/new`, "not wanted");
    await Deno.remove(`${folder}/made/old`);
    await Deno.mkdir(`${folder}/not/yet`, { recursive: true });
    await Deno.writeTextFile(`${folder}/not/yet/a.x`, "");
    const wanted = ["1 /not/yet/a.x", "1 /x.css", "3 /made/old"];
    const told = new Set<string>();
    while (!new Set(wanted).isSubsetOf(told)) {
      const [{ params }] = await take(output, 1) as [{ params: { method: string; params: Changes } }];
      assertEquals(params.method, "workspace/didChangeWatchedFiles");
      for (const { uri, type } of params.params.changes) {
        told.add(`${type} ${uri.slice(`file://${folder}`.length)}`);
      }
    }
    // A file may be told of twice: when it is made, and when it has a text.
    for (const again of ["2 /not/yet/a.x", "2 /x.css"]) told.delete(again);
    assertEquals([...told].sort(), wanted);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

interface Changes {
  readonly changes: readonly { readonly uri: string; readonly type: number }[];
}

Deno.test("a folder that may not be read is not watched, and a line says what to allow", async () => {
  const program = `
    import { supervisor, System } from "@outrider/outrider";
    import { lsp } from "@outrider/outrider/actors/lsp";
    const [root, script] = Deno.args;
    const spec = lsp("s", { command: "sh", args: ["-c", script], rootUri: root, stop: { drain: 0, goodbye: 0, stdin: 0, term: 0 } });
    const system = new System(supervisor("t", [spec]));
    const events = system.events({ types: ["output"] });
    await system.start();
    const { value: { level, line } } = await events.next();
    const { got } = await system.ref(spec).ask({ method: "initialize" });
    console.log(JSON.stringify([level, line, got.params.capabilities.workspace]));
    await system.stop();`;
  const map = new URL("../../support/npm/import_map.json", import.meta.url).pathname;
  const file = await Deno.makeTempFile({ dir: new URL("./", import.meta.url).pathname, suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      stderr: "inherit",
      args: [
        "run",
        "--no-check",
        "--no-prompt",
        `--import-map=${map}`,
        "--allow-run",
        "--allow-env",
        file,
        "/usr",
        WORDS + QUIET,
      ],
    }).output();
    const [level, line, workspace] = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals([level, workspace], ["warn", { configuration: true, workspaceFolders: true }]);
    assertMatch(line, /^Cannot watch \/usr for this language server: .*add --allow-read=\/usr$/);
  } finally {
    await Deno.remove(file);
  }
});
