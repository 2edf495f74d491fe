/** Inputs of MCP clients' files, and what becomes of secrets in a manifest that is written and in one that is not. */
import { assert, assertEquals } from "@std/assert";
import { faultsOf, firstChild, type Given, notesOf, resolved, server } from "./client.ts";

const file = "/work/shop/.vscode/mcp.json";
const inputs = [
  { type: "promptString", id: "api-key", description: "The key", password: true },
  { type: "pickString", id: "region", options: ["eu", { label: "States", value: "us" }], default: "eu" },
  { type: "promptString", id: "unused" },
];
const asks = {
  servers: { web: { command: "serve", args: ["${input:region}"], env: { KEY: "${input:api-key}" } } },
  inputs,
};

Deno.test("an input has what is given for it, else what its variable has, else its default", () => {
  const args = (given: Given) =>
    firstChild(asks, { file, inputs: { "api-key": "k", ...given.inputs }, env: given.env ?? {} }).args;
  const env = { OUTRIDER_INPUT_REGION: "us" };
  assertEquals([args({}), args({ env }), args({ env, inputs: { region: "eu" } })], [["eu"], ["us"], ["eu"]]);
});

Deno.test("an input without a value is a fault that says how to give it, and of a password not with --input", () => {
  assertEquals(faultsOf(asks, { file }), [
    '9 servers.web.env.KEY: the server "web" needs the input "api-key" (The key) for env.KEY, and it has no ' +
    "value; give it in OUTRIDER_INPUT_API_KEY, or in a file with --inputs-file",
  ]);
  const other = { servers: { web: { command: "${input:unused}" } }, inputs };
  assertEquals(faultsOf(other, { file }), [
    '4 servers.web.command: the server "web" needs the input "unused" for command, and it has no value; give it ' +
    "with --input unused=VALUE, or in OUTRIDER_INPUT_UNUSED",
  ]);
});

Deno.test("a value that is not among an input's options is a fault, and so is one for an unknown input", () => {
  assertEquals(faultsOf(asks, { file, inputs: { "api-key": "k", region: "mars", regoin: "us" } }), [
    '1 : there is no input "regoin" in it; it has "api-key", "region" or "unused"',
    '6 servers.web.args[0]: the server "web" needs another value of the input "region" in args[0]; it is one of ' +
    '"eu" or "us"',
  ]);
});

Deno.test("an input that a file uses and does not define is taken all the same", () => {
  const undefinedInput = { servers: { web: { command: "serve", args: ["${input:region}"] } } };
  assertEquals(firstChild(undefinedInput, { file, inputs: { region: "eu" } }).args, ["eu"]);
});

Deno.test("a password is in no written manifest, and marked as a secret in another", () => {
  const given = { file, inputs: { "api-key": "hunter2-of-the-test" } };
  const written = resolved(asks, { ...given, isWritten: true });
  assert(!JSON.stringify([written.manifest, written.notes]).includes("hunter2"));
  assertEquals(written.manifest.children[0], {
    id: "web",
    command: "serve",
    args: ["eu"],
    env: { KEY: { from: "OUTRIDER_INPUT_API_KEY", secret: true } },
    protocol: "mcp",
  });
  assertEquals(notesOf(written), [
    "6 web: args[0] is what it is now; a manifest replaces nothing in arguments",
    "9 web: env.KEY comes from OUTRIDER_INPUT_API_KEY at each start",
  ]);
  assertEquals(firstChild(asks, given).env, { KEY: { join: ["hunter2-of-the-test"], secret: true } });
});

Deno.test("an input without a password is one where the name of its variable says so", () => {
  const open = { servers: { web: { command: "serve", env: { API_KEY: "k-${input:unused}" } } }, inputs };
  const { manifest } = resolved(open, { file, inputs: { unused: "hunter2-of-the-test" }, isWritten: true });
  assertEquals((manifest.children[0] as { env: unknown }).env, {
    API_KEY: { join: ["k-", { from: "OUTRIDER_INPUT_UNUSED" }], secret: true },
  });
});

Deno.test("a variable in env stays one, and is a secret where its name or that of what it comes from says so", () => {
  const fields = {
    env: {
      MODE: "${MODE:-safe}",
      URL: "https://${GH_TOKEN}@host",
      API_KEY: "${ANY}",
      PLAIN: "x",
      DB_PASSWORD: "y",
    },
  };
  const env = { GH_TOKEN: "hunter2-of-the-test", ANY: "1" };
  const varying = {
    MODE: { from: "MODE", default: "safe" },
    URL: { join: ["https://", { from: "GH_TOKEN" }, "@host"], secret: true },
    API_KEY: { from: "ANY", secret: true },
    PLAIN: "x",
  };
  const written = resolved(server(fields), { env, isWritten: true });
  assertEquals((written.manifest.children[0] as { env: unknown }).env, { ...varying, DB_PASSWORD: "y" });
  assertEquals(notesOf(written), [
    '10 web: env.DB_PASSWORD is in clear, as it is in the file; { "from": "DB_PASSWORD" } keeps it out',
  ]);
  assertEquals(firstChild(server(fields), { env }).env, {
    ...varying,
    DB_PASSWORD: { join: ["y"], secret: true },
  });
});

Deno.test("a secret in an argument comes from a variable through sh in a written manifest", () => {
  const fields = {
    args: ["--key", "a b", "k=${GH_TOKEN}", "${MODE:-safe}", ""],
    env: { GH_TOKEN: "another" },
  };
  const env = { GH_TOKEN: "hunter2-of-the-test" };
  const written = resolved(server(fields), { env, isWritten: true });
  assertEquals(written.manifest.children[0], {
    id: "web",
    command: "sh",
    args: ["-c", `exec serve --key 'a b' k="$GH_TOKEN_2" safe ''`],
    env: { GH_TOKEN: "another", GH_TOKEN_2: { from: "GH_TOKEN", secret: true } },
    protocol: "mcp",
  });
  const direct = resolved(server(fields), { env });
  assertEquals((direct.manifest.children[0] as { args: unknown }).args, [
    "--key",
    "a b",
    "k=hunter2-of-the-test",
    "safe",
    "",
  ]);
  assertEquals(notesOf(direct), [
    "5 web: an argument has a secret in it, and any user of this machine can see arguments",
  ]);
});

Deno.test("a secret is refused in a written manifest where it can't be a variable, and PATH is a text", () => {
  const env = { GH_TOKEN: "hunter2-of-the-test", PATH: "/bin" };
  assertEquals(faultsOf(server({ cwd: "/srv/${GH_TOKEN}" }), { env, isWritten: true }), [
    '5 mcpServers.web.cwd: the server "web" has a secret in cwd; use it in "env"',
  ]);
  assertEquals(faultsOf(server({ env: { PATH: "/${GH_TOKEN}" } }), { env, isWritten: true }), [
    '6 mcpServers.web.env.PATH: the server "web" has a secret in env.PATH; use it in "env"',
  ]);
  const odd = { env: { "a-token": "hunter2-of-the-test" }, isWritten: true };
  assertEquals(faultsOf(server({ env: { KEY: "${env:a-token}" } }), odd), [
    '6 mcpServers.web.env.KEY: the server "web" needs ${env:a-token} in env.KEY, a secret with a name that a ' +
    "manifest cannot refer to; have it in another variable",
  ]);
  assertEquals(firstChild(server({ env: { PATH: "/opt:${PATH}" } }), { env }).env, { PATH: "/opt:/bin" });
});
