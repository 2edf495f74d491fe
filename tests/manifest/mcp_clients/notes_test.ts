/** What of MCP clients' files has no counterpart: all of it is noted, and what is honoured is not. */
import { assertEquals } from "@std/assert";
import { faultsOf, firstChild, notesOf, resolved, server } from "./client.ts";

Deno.test("servers that are remote, disabled or an extension are noted with their line and not started", () => {
  const made = resolved(
    `{
  "context_servers": {
    "web": { "source": "custom", "command": "serve", "enabled": true },
    "off": { "command": "serve", "enabled": false },
    "far": { "url": "https://user:hunter2@host.example/mcp?key=hunter2", "headers": { "A": "\${NOWHERE}" } },
    "git": { "source": "extension", "settings": { "token": "hunter2" } },
    "old": { "command": { "path": "serve", "args": ["--old"] } }
  },
  "theme": "One", "vim_mode": true
}`,
    { file: "/a/settings.json" },
  );
  assertEquals(made.manifest.children, [
    { id: "web", command: "serve", protocol: "mcp" },
    { id: "old", command: "serve", args: ["--old"], protocol: "mcp" },
  ]);
  assertEquals(notesOf(made), [
    "4 off: it is disabled",
    '5 far: a remote server at https://host.example/mcp, and only programs are started: "npx mcp-remote URL" is a ' +
    "program for it",
    "6 git: an extension of Zed starts it, and knows its program",
    '9 "theme", "vim_mode": not about MCP servers that are programs',
  ]);
});

Deno.test("keys without a counterpart are noted where they ask for something, with the one that was meant", () => {
  const fields = {
    type: "stdio",
    url: "https://host.example",
    disabled: false,
    alwaysAllow: ["read"],
    autoApprove: [],
    sandboxEnabled: true,
    argz: ["x"],
    flavour: "mild",
  };
  assertEquals(notesOf(resolved(server(fields))), [
    '6 web: "url": for remote servers',
    '8 web: "alwaysAllow": nothing here asks before a tool is called',
    '12 web: "sandboxEnabled": the server is not sandboxed here',
    '13 web: "argz": unknown; did you mean "args"?',
    '16 web: "flavour": unknown, so it has no effect',
  ]);
  assertEquals(
    notesOf(resolved({ ...server({}, "servers"), sandbox: {} }, { file: "/a/.vscode/mcp.json" })),
    [
      '7 "sandbox": not about MCP servers that are programs',
    ],
  );
});

Deno.test("disabled tools and time limits are kept by child, and noted where a manifest is written", () => {
  const fields = { disabledTools: ["rm", "mv"], timeout: 120_000 };
  const { servers, notes } = resolved(server(fields));
  assertEquals([...servers], [["web", {
    name: "web",
    line: 3,
    disabledTools: ["rm", "mv"],
    timeout: 120_000,
  }]]);
  assertEquals(notes, []);
  assertEquals(notesOf(resolved(server(fields), { isWritten: true })), [
    '5 web: "disabledTools": a manifest has no list of tools ("rm", "mv")',
    `9 web: "timeout": a manifest has no time limit for tools; "--timeout" of 'outrider call' is one`,
  ]);
  const limit = (file: object) => resolved(file).servers.get("web")?.timeout;
  assertEquals(limit(server({ timeout: 60 })), 60_000);
  assertEquals(limit({ ...server({}, "context_servers"), context_server_timeout: 90 }), 90_000);
  assertEquals(limit({ ...server({ timeout: 5 }, "context_servers"), context_server_timeout: 90 }), 5_000);
});

Deno.test("a name that is no id is another one in the manifest, and no two are the same", () => {
  const made = resolved({
    mcpServers: { "My Server": { command: "a" }, "My-Server": { command: "b" }, "名": { command: "c" } },
  });
  assertEquals(made.manifest.children.map((child) => "id" in child && child.id), [
    "My-Server",
    "My-Server-2",
    "server",
  ]);
  assertEquals([...made.servers.values()].map(({ name }) => name), ["My Server", "My-Server", "名"]);
  assertEquals(notesOf(made), [
    '3 "My Server" is the child My-Server',
    '6 "My-Server" is the child My-Server-2',
    '9 "名" is the child server',
  ]);
});

Deno.test("all that is of the wrong type is told at once, and a file without a program to start is a fault", () => {
  const mcpServers = {
    a: "serve",
    b: {},
    c: { command: "serve", args: "-x", env: { A: true }, cwd: 1, timeout: "1s", disabledTools: "rm" },
    d: { command: "serve", env: [] },
    e: { command: "${NONE:-}", env: { "A=B": "x" } },
  };
  assertEquals(faultsOf({ mcpServers }), [
    '3 mcpServers.a: expected an object, got "serve"',
    '4 mcpServers.b: needs "command", a program, or "url"',
    '7 mcpServers.c.args: expected an array of texts, got "-x"',
    "9 mcpServers.c.env.A: expected a text, got true",
    "11 mcpServers.c.cwd: expected a text, got 1",
    '12 mcpServers.c.timeout: expected a number, got "1s"',
    '13 mcpServers.c.disabledTools: expected an array of texts, got "rm"',
    "17 mcpServers.d.env: expected an object, got an array",
    "20 mcpServers.e.command: nothing is left of it",
    `22 mcpServers.e.env["A=B"]: "A=B" cannot be a variable's name`,
  ]);
  assertEquals(faultsOf(server({ disabled: true })), [
    "2 mcpServers: there is no server in it that can be started; line 3: web: it is disabled",
  ]);
});

Deno.test("a file of an MCP client is read within seconds when it is made to take for ever", () => {
  const before = performance.now();
  const names = Array.from({ length: 10_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
  const made = resolved({
    mcpServers: Object.fromEntries(names.map((name) => [name, { command: "serve" }])),
  });
  assertEquals(made.servers.has("server-10000"), true);
  const open = "${a".repeat(100_000);
  assertEquals(firstChild(server({ env: { OPEN: open } })).env, { OPEN: open });
  assertEquals(performance.now() - before < 10_000, true);
});
