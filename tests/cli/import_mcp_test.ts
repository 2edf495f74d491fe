/** `outrider import` with the configuration files of MCP clients, and a real server that is started from what it writes. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkout, Folder, outrider } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();
const SECRET = "hunter2-of-the-test";

Deno.test("a real server runs from the manifest that import makes of .mcp.json, with its variables and no secret in it", async () => {
  await using folder = new Folder();
  // What Deno needs to find its packages is passed on as the file says.
  const own = ["DENO_DIR", "DENO_TLS_CA_STORE", "NODE_EXTRA_CA_CERTS", "NPM_CONFIG_REGISTRY"]
    .filter((name) => Deno.env.get(name) !== undefined);
  folder.write(".mcp.json", {
    mcpServers: {
      every: {
        command: "${DENO}",
        args: [
          "run",
          "-A",
          "--quiet",
          "--no-config",
          `--lock=${checkout}examples/mcp/server.lock`,
          "${SERVER}",
        ],
        env: {
          ...Object.fromEntries(own.map((name) => [name, `\${${name}}`])),
          API_TOKEN: "Bearer ${GH_TOKEN}",
        },
      },
    },
  });
  const env = {
    ...Object.fromEntries(own.map((name) => [name, Deno.env.get(name)!])),
    DENO: Deno.execPath(),
    SERVER: "npm:@modelcontextprotocol/server-everything@2026.8.31",
    GH_TOKEN: SECRET,
  };
  const run = (...args: string[]) => outrider(args, { env, cwd: folder.path });
  const imported = await run("import", ".mcp.json", "-o", "outrider.json");
  assertEquals(imported.code, 0, imported.stderr);
  const written = Deno.readTextFileSync(`${folder.path}/outrider.json`);
  assert(!(written + imported.stderr).includes(SECRET));
  const check = await run("check", "outrider.json");
  assertEquals(check.code, 0, check.stderr);
  // One that is new knows no other defaults.
  assert(!(check.stdout + check.stderr).includes("changed since"), check.stdout);
  const params = JSON.stringify({ name: "get-env", arguments: {} });
  const call = await run("call", "outrider.json", "every", "tools/call", params);
  assertEquals(call.code, 0, call.stderr);
  assertStringIncludes(call.stdout, `Bearer ${SECRET}`);
});

Deno.test("import takes inputs from the command line and a file, and writes paths for the folder of OUT", async () => {
  await using folder = new Folder();
  Deno.mkdirSync(`${folder.path}/.vscode`);
  Deno.mkdirSync(`${folder.path}/made`);
  folder.write(".env", "A=1\n");
  folder.write("given.json", `{ "key": "${SECRET}", "region": "us", } // comments may be`);
  const file = folder.write(".vscode/mcp.json", {
    inputs: [{ type: "promptString", id: "key", password: true }, { type: "promptString", id: "region" }],
    servers: {
      web: {
        command: "cat",
        args: ["${input:region}"],
        env: { KEY: "${input:key}" },
        envFile: ".env",
        dev: { watch: "*.ts" },
      },
      tool: { command: "./tool.sh" },
    },
  });
  const output = `${folder.path}/made/outrider.json`;
  const more = ["--inputs-file", `${folder.path}/given.json`, "--input", "region=eu", "-o", output];
  const { code, stderr } = await session.run(["import", file, ...more]);
  assertEquals([code, stderr], [
    0,
    `Left out:
  mcp.json:23  web: "dev": it is for those who develop the server in VS Code
Changed:
  mcp.json:17  web: args[0] is what it is now; a manifest replaces nothing in arguments
  mcp.json:20  web: env.KEY comes from OUTRIDER_INPUT_KEY at each start
`,
  ]);
  const { children } = JSON.parse(Deno.readTextFileSync(output));
  assertEquals(children, [
    {
      id: "web",
      command: "cat",
      args: ["eu"],
      env: { KEY: { from: "OUTRIDER_INPUT_KEY", secret: true } },
      envFile: "../.env",
      protocol: "mcp",
      cwd: "..",
    },
    { id: "tool", command: "../tool.sh", protocol: "mcp", cwd: ".." },
  ]);
});

Deno.test("import names each variable that is not set, and each that Deno may not read", async () => {
  await using folder = new Folder();
  const file = folder.write("mcp.json", {
    mcpServers: { web: { command: "cat", args: ["${OUTRIDER_TEST_A}", "${OUTRIDER_TEST_B}"] } },
  });
  const unset = await session.run(["import", file]);
  assertEquals(unset.code, 2);
  assertMatch(
    unset.stderr,
    /mcp\.json:6:9 .*the server "web" needs \$\{OUTRIDER_TEST_A\} in args\[0\], and /,
  );
  const denied = await outrider(["import", file], { flags: ["--allow-read"] });
  assertEquals(denied.code, 3);
  assertStringIncludes(denied.stderr, "add --allow-env=OUTRIDER_TEST_A,OUTRIDER_TEST_B\n");
});

Deno.test("import refuses inputs that are not written as such, or are for another kind of file, and shows no value", async () => {
  await using folder = new Folder();
  const file = folder.write("mcp.json", { mcpServers: { web: { command: "cat" } } });
  const list = folder.write("list.json", `["${SECRET}"]`);
  const number = folder.write("number.json", { key: 1 });
  const broken = folder.write("broken.json", `{\n "key": ${SECRET} }`);
  const tauri = `${checkout}tests/fixtures/tauri/v1_objects/tauri.conf.json`;
  const cases: [string, string[], string][] = [
    [file, ["--input", "key"], "Cannot use --input: it takes an id and a value, such as region=eu"],
    [file, ["--input", "key=x"], 'there is no input "key" in it; Claude Code asks for nothing in this file'],
    [file, ["--inputs-file", list], 'expected an object, such as { "region": "eu" }, got an array'],
    [file, ["--inputs-file", number], 'the value of "key" is not a text'],
    [file, ["--inputs-file", broken], "line 2 is not JSON with comments"],
    [tauri, ["--input", "key=x"], "Cannot use --input: a configuration of Tauri asks for nothing"],
  ];
  for (const [from, more, message] of cases) {
    const { code, stderr } = await session.run(["import", from, ...more]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
    assert(!stderr.includes(SECRET));
  }
});
