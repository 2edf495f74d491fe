/** What each MCP client's file has replaced in it, and which folder it is about. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";
import { readMcpClientFile } from "../../../src/manifest/mcp_clients/client_file.ts";
import { faultsOf, firstChild, notesOf, resolved, server } from "./client.ts";

const VSCODE = { file: "/work/shop/.vscode/mcp.json" };
const CURSOR = { file: "/work/shop/.cursor/mcp.json" };

Deno.test("a client's file has the dialect of its root key and its name", () => {
  const dialects = [
    ["mcpServers", "/a/.mcp.json"],
    ["mcpServers", "/a/claude_desktop_config.json"],
    ["mcpServers", "/a/.cursor/mcp.json"],
    ["servers", "/a/.vscode/mcp.json"],
    ["context_servers", "/a/.zed/settings.json"],
  ].map(([key, file]) => {
    const { dialect, folder } = resolved(server({}, key), { file: file! });
    return `${dialect} ${folder}`;
  });
  assertEquals(dialects, ["claude /a", "claude-desktop /a", "cursor /a", "vscode /a", "zed /a"]);
});

Deno.test("what is not a client's file is left to others, be it a manifest, an array or no JSON", () => {
  const texts = ['{ "name": "a", "children": [] }', "[]", '"mcpServers"', "name: a", '{ "mcpServers": [] }'];
  assertEquals(texts.map((text) => readMcpClientFile(text, "/a/outrider.json")), texts.map(() => undefined));
});

Deno.test("a client's file may have comments and trailing commas, and says on which line it is not JSON", () => {
  const text = '\ufeff{\n  // the servers\n  "mcpServers": { "web": { "command": "serve", }, },\n}';
  assertEquals(resolved(text).manifest.children.length, 1);
  assertEquals(faultsOf(text.replace("{ ", "{\n\n oops ")), [
    `5 : "oops" is not valid JSON; keys and text go in double quotes`,
  ]);
});

Deno.test("Claude's variables are replaced in command, args and cwd, with their defaults, and an empty cwd is left out", () => {
  const child = firstChild(
    server({
      command: "${BIN}/serve",
      args: ["--mode=${MODE:-safe}", "${EMPTY:-full}", "$HOME", "${CLAUDE_PROJECT_DIR:-.}", "${env:MODE2}"],
      cwd: "${SUB:-}",
    }),
    { env: { BIN: "/opt", EMPTY: "", MODE2: "2" } },
  );
  assertEquals(child, {
    id: "web",
    command: "/opt/serve",
    args: ["--mode=safe", "", "$HOME", "/work/shop", "2"],
    protocol: "mcp",
  });
});

Deno.test("VS Code's and Cursor's variables are replaced, with the folder above theirs as the workspace", () => {
  const fields = {
    command: "${workspaceFolder}${/}bin${pathSeparator}serve",
    args: ["${workspaceFolderBasename}", "${env:MODE}"],
    env: { HERE: "${userHome}/${env:MODE}" },
    envFile: "${workspaceFolder}/.env",
  };
  const env = { HOME: "/home/ada", MODE: "full" };
  const expected = {
    id: "web",
    command: "/work/shop/bin/serve",
    args: ["shop", "full"],
    env: { HERE: { join: ["/home/ada/", { from: "MODE" }] } },
    envFile: "/work/shop/.env",
    protocol: "mcp",
  };
  assertEquals(firstChild(server(fields, "servers"), { ...VSCODE, env }), expected as never);
  assertEquals(firstChild(server(fields), { ...CURSOR, env }), expected as never);
});

Deno.test("a variable that is not set is a fault that names the server, the field and the line", () => {
  const fields = { args: ["-x", "${A_B}"], env: { KEY: "Bearer ${C_D}" } };
  assertEquals(faultsOf(server(fields)), [
    '7 mcpServers.web.args[1]: the server "web" needs ${A_B} in args[1], and A_B is not set; set it, or write ' +
    "${A_B:-…} for a default",
    '10 mcpServers.web.env.KEY: the server "web" needs ${C_D} in env.KEY, and C_D is not set; set it, or write ' +
    "${C_D:-…} for a default",
  ]);
  assertEquals(faultsOf(server({ args: ["${env:A_B}"] }, "servers"), VSCODE), [
    '6 servers.web.args[0]: the server "web" needs ${env:A_B} in args[0], and A_B is not set; set it',
  ]);
  assertEquals(faultsOf(server({ args: ["${config:a.b}", "${file}"] }, "servers"), VSCODE), [
    '6 servers.web.args[0]: the server "web" needs ${config:a.b} in args[0], which only VS Code knows; write its ' +
    "value",
    '7 servers.web.args[1]: the server "web" needs ${file} in args[1], which only VS Code knows; write its value',
  ]);
});

Deno.test("what a client does not replace stays as it is, and is noted", () => {
  const args = ["${A_B}"];
  for (
    const [key, file, title] of [
      ["mcpServers", "/a/claude_desktop_config.json", "Claude Desktop"],
      ["mcpServers", "/a/.cursor/mcp.json", "Cursor"],
      ["servers", "/a/.vscode/mcp.json", "VS Code"],
      ["context_servers", "/a/settings.json", "Zed"],
    ] as const
  ) {
    const made = resolved(server({ args }, key), { file });
    assertEquals(made.manifest.children, [{ id: "web", command: "serve", args, protocol: "mcp" }]);
    assertEquals(notesOf(made), [
      `6 web: \${A_B} in args[0] stays as it is, as ${title} does not replace it`,
    ]);
  }
});

Deno.test("a relative command is relative to its cwd, and without one to the workspace", () => {
  const commands = [{}, { cwd: "sub" }, { cwd: "/srv" }, { cwd: "." }].map((fields) =>
    firstChild(server({ command: "./serve", ...fields }, "servers"), VSCODE).command
  );
  assertEquals(commands, ["./serve", "sub/serve", "/srv/serve", "./serve"]);
});

Deno.test("a number in env is a text, and null takes an inherited variable away", () => {
  const child = firstChild(server({ env: { PORT: 80, LANG: null, NEVER: null } }, "servers"), VSCODE);
  assertEquals(child.env, { PORT: "80" });
  assertEquals(child.inheritEnv?.includes("LANG"), false);
  assertEquals(child.inheritEnv?.includes("PATH"), true);
});

Deno.test("a misspelt command is named when a server has neither program nor URL", () => {
  assertEquals(faultsOf({ servers: { web: { comand: "serve" } } }, VSCODE), [
    `3 servers.web: needs "command", a program, or "url"; "comand": did you mean "command"?`,
  ]);
});

Deno.test("the error of a client's file says that it is not a manifest", () => {
  const error = assertThrows(() => resolved({ servers: { web: {} } }, VSCODE), ManifestError);
  assertStringIncludes(
    error.message,
    "Cannot use MCP client configuration /work/shop/.vscode/mcp.json: 1 fault\n",
  );
});
