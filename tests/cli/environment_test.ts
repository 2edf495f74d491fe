/** Where the variables of sidecars come from, with real processes and no more permission than is printed. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

const SHOWS = [
  "-c",
  'echo "port $PORT, level $LEVEL, zone $TZ, password $DB_PASSWORD, key $KEY"; sleep 60 & wait',
];

Deno.test("the printed permissions suffice for a tree's environment, its files and the runtime's variables", async () => {
  await using folder = new Folder();
  folder.write("shared.env", "LEVEL=info\nDB_PASSWORD='hunter2-of-the-test'\n");
  folder.write("web.env", "LEVEL=debug\nTZ=CET\n");
  const file = folder.manifest([{
    id: "web",
    command: "sh",
    args: SHOWS,
    inheritEnv: ["PATH"],
    envFile: ["web.env", { path: "none.env", required: false }],
    env: {
      PORT: { from: "PORT", default: "8080" },
      KEY: { join: ["no ", { from: "KEY", default: "hunter3-of-the-test" }], secret: true },
    },
  }], { env: { TZ: "UTC" }, envFile: "shared.env" });
  const { stdout } = await outrider(["permissions", file]);
  const flags = stdout.trim().split(" ");
  const files = [file, ...["shared.env", "web.env", "none.env"].map((name) => `${folder.path}/${name}`)];
  assertEquals(flags.slice(1), ["--allow-env=PATH,PORT,KEY", `--allow-read=${files.join(",")}`]);
  for (const [env, port] of [[{}, "8080"], [{ PORT: "9090" }, "9090"]] as const) {
    await using up = new Running(["up", file, "--log-level", "debug"], { flags, env });
    await up.line(new RegExp(`port ${port}, level debug, zone CET, password \\*\\*\\*, key \\*\\*\\*`));
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
  }
});

Deno.test("check names a missing envFile, one with secrets that all may read, an unset variable, and ${X}", async () => {
  await using folder = new Folder();
  Deno.chmodSync(folder.write("open.env", "API_TOKEN=hunter2-of-the-test\nwhat is this\n"), 0o644);
  Deno.chmodSync(folder.write("plain.env", "LEVEL=debug\n"), 0o644);
  const file = folder.manifest([
    { id: "missing", command: "cat", envFile: "none.env" },
    { id: "unset", command: "cat", env: { PORT: { from: "OUTRIDER_TEST_UNSET" } } },
    { id: "open", command: "cat", envFile: ["open.env", "plain.env"] },
    {
      id: "magic",
      command: "cat",
      env: { PORT: "${PORT:-8080}", URL: "http://${HOST}/" },
      args: ["${FILE}"],
    },
    { id: "shell", command: "sh", args: ["-c", 'exec cat "${FILE}"'] },
    { id: "node", command: "cat", args: ["-e", "`${x}`"] },
  ]);
  const { code, stderr } = await outrider(["check", file]);
  assertEquals(code, 1);
  for (
    const line of [
      `  missing: its envFile ${folder.path}/none.env can't be used: there is no such file`,
      '  unset: its variable PORT comes from OUTRIDER_TEST_UNSET, which is not set, and has no "default"',
      `  open: line 2 of ${folder.path}/open.env is not a variable, and is ignored`,
      `  open: anybody may read ${folder.path}/open.env, its envFile with secrets; chmod o-r forbids it`,
      '  magic: its variable PORT is "${PORT:-8080}" to the letter: write "PORT": { "from": "PORT", "default": "8080" }',
      '  magic: its variable URL is "http://${HOST}/" to the letter: in an "envFile" with URL=http://${HOST}/ it is replaced',
      '  magic: "${FILE}" is taken to the letter, as there is no shell: have the program read the variable, or write ' +
      '"command": "sh", "args": ["-c", "exec …"]',
    ]
  ) assertStringIncludes(stderr, `${line}\n`);
  assertEquals(/plain\.env|^ {2}(shell|node): .*letter|hunter2/m.test(stderr), false);
});

Deno.test("an envFile is read anew when its sidecar is restarted, and one that is gone ends it with the reason", async () => {
  await using folder = new Folder();
  folder.write("web.env", "LEVEL=first\n");
  const file = folder.manifest([{
    id: "web",
    command: "sh",
    args: ["-c", 'echo "level $LEVEL"; read -r go; exit 1'],
    protocol: "lines",
    envFile: "web.env",
    backoff: { initial: 0, max: 0 },
  }]);
  const socket = `${folder.path}/s`;
  await using up = new Running(["up", file, "--control", socket, "--log-level", "debug"]);
  await up.line(/ready/);
  folder.write("web.env", "LEVEL=second\n");
  assertEquals((await outrider(["restart", socket, "web"])).code, 0);
  const { stdout } = await outrider(["status", socket]);
  assertMatch(stdout, /web.*2/);
  Deno.removeSync(`${folder.path}/web.env`);
  const { stderr } = await outrider(["restart", socket, "web"]);
  assertStringIncludes(stderr, "web.env can't be used: there is no such file");
  up.signal("SIGTERM");
  await up.ended();
});
