/** What a hostile manifest, sidecar, server or argument can do to the terminal of whoever looks: nothing. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rawIn, TEXT, UNPRINTABLE } from "../support/unprintable.ts";
import { type Flags, Folder, outrider, words } from "./outrider.ts";
import { Session } from "./session.ts";
import { fed } from "./talk/talking.ts";
import { hasTerminal, onTerminal } from "./terminal.ts";

const session = new Session();

/** Ends in what looks like a line of ours. */
const EVIL = `x\x1b]0;PWNED\x07\x1b[2J\x1b[31m${TEXT}\nFAKE: ok, no fault found`;
const NO_EQUALS = EVIL.replaceAll("=", "");
/** The same, short enough for the name of a file. */
const NAME = "x\x1b]0;PWNED\x07\x1b[2J\u202e\x9b\u2066\u{e0041}\x7f\nFAKE: ok";

/** Everything that may be text, is; it can be read, and nothing in it is there. */
const readable = {
  id: "a",
  command: `./${EVIL}`,
  args: [EVIL],
  cwd: `/tmp/${EVIL}`,
  env: { [`V${NO_EQUALS}`]: EVIL, S: { file: `/tmp/no${EVIL}` } },
  launcher: [`l${EVIL}`, EVIL],
  ready: { stderr: `\x1b\u202e?` },
  probes: {
    liveness: { command: [`/p${EVIL}`, EVIL] },
    readiness: { http: { url: "http://127.0.0.1:1/x" } },
  },
};

/** All of it is wrong. */
const wrong = {
  name: EVIL,
  strategy: EVIL,
  onLimit: EVIL,
  [EVIL]: EVIL,
  children: [
    { id: EVIL, command: EVIL, [EVIL]: 1 },
    { id: "b", command: "\0\ud800", protocol: EVIL, restart: EVIL, pairing: EVIL, ready: EVIL },
    { id: "c", command: EVIL, stop: { [EVIL]: EVIL, term: EVIL }, ready: { stdout: `(${EVIL}` } },
    { id: "d", command: EVIL, ready: { stdout: `(?=${EVIL})` }, backoff: { initial: EVIL, factor: EVIL } },
    {
      id: "e",
      command: EVIL,
      after: [EVIL],
      platforms: [EVIL],
      on: { [EVIL]: {} },
      limits: { memory: EVIL },
    },
    { id: "f", command: EVIL, probes: { [EVIL]: {}, liveness: { http: { url: EVIL } } }, env: { [EVIL]: 1 } },
    { id: "g", command: EVIL, probes: { startup: { [EVIL]: 1 } }, mailbox: { overflow: EVIL }, sha256: EVIL },
    { id: "h", children: EVIL, [EVIL]: EVIL },
  ],
  templates: [{ id: EVIL, command: EVIL, args: [{ [EVIL]: EVIL }, { validator: `(${EVIL}` }] }],
};

/** Both outputs of a command line; nothing raw is in them, and no line that is not ours. */
async function harmless(args: readonly string[], more?: Flags): Promise<string> {
  const { stdout, stderr } = await (more === undefined ? session.run(args) : outrider(args, more));
  const text = `${stdout}\n${stderr}`;
  assertEquals(rawIn(text), undefined, args[0]);
  assert(!/^\s*FAKE/m.test(text), text);
  return text;
}

Deno.test("check prints nothing raw when all text of a manifest is hostile", async () => {
  await using folder = new Folder();
  // What is too long for the name of a file is as well no file.
  const short = { ...readable, command: `./${NAME}`, cwd: `/tmp/${NAME}`, launcher: [`l${NAME}`] };
  for (const child of [readable, short]) {
    const seen = await harmless(["check", folder.manifest([child])]);
    assertStringIncludes(seen, "there is no program");
    assertStringIncludes(seen, "\\x1b");
    assertStringIncludes(seen, "\\u202e");
  }
});

Deno.test("check prints nothing raw when a hostile manifest is wrong in all its fields", async () => {
  await using folder = new Folder();
  const seen = await harmless(["check", folder.write("outrider.json", wrong)]);
  assertStringIncludes(seen, "faults");
  await harmless(["check", folder.write("other.json", `{"name": ${EVIL}}`)]);
  await harmless(["check", `${folder.path}/${EVIL}`]);
  await harmless(["up", folder.write("outrider.json", wrong), "--log-format", "json"]);
});

Deno.test("check prints nothing raw when the name of the manifest's folder is hostile", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/${NAME}`;
  Deno.mkdirSync(path);
  Deno.writeTextFileSync(
    `${path}/outrider.json`,
    JSON.stringify({ name: "t", children: [{ id: "a", command: "cat" }] }),
  );
  await harmless(["check", `${path}/outrider.json`]);
  await harmless(["permissions", "--explain", `${path}/outrider.json`]);
  await harmless(["up", `${path}/outrider.json`, "--for", "10ms"], { flags: ["--allow-read"] });
});

Deno.test("check prints nothing raw when the tasks of a deno.json are hostile", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "cat" }]);
  const up = `deno run --allow-net jsr:@outrider/outrider/cli up ./outrider.json`;
  folder.write("deno.json", {
    tasks: { [EVIL]: up, other: up.replace("--allow-net", `--allow-read='${EVIL}'`) },
  });
  assertStringIncludes(await harmless(["check", file]), "Would be refused:");
});

Deno.test("permissions prints nothing raw, and the same value, when a manifest is hostile", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{
    ...readable,
    command: `/x\x1b[2J\u202ey`,
    env: {},
    launcher: undefined,
    probes: {},
  }]);
  assertStringIncludes(await harmless(["permissions", "--explain", file]), "\\x1b[2J");
  await harmless(["permissions", file, "--format", "deno.json", "--name", EVIL]);
  const { stdout } = await outrider(["permissions", file, "--format", "deno.json"]);
  assertEquals(rawIn(stdout), undefined);
  assertStringIncludes(JSON.stringify(JSON.parse(stdout)), JSON.stringify("/x\x1b[2J\u202ey"));
  const flags = await harmless(["permissions", file, "--format", "shell"]);
  const shell = new Deno.Command("sh", { args: ["-c", `printf '%s\\n' ${flags.trim()}`] });
  assertStringIncludes(new TextDecoder().decode((await shell.output()).stdout), `/x\x1b[2J\u202ey`);
});

Deno.test("up prints nothing raw when a sidecar prints all that there is", async () => {
  await using folder = new Folder();
  folder.write("evil", new TextEncoder().encode(`${TEXT}\n"${TEXT.replaceAll("\n", "")}`));
  const child = {
    id: "a",
    command: "sh",
    args: ["-c", "cat ./evil; cat ./evil >&2; exit 3"],
    restart: "temporary",
    env: { [`V${NO_EQUALS}`]: EVIL },
  };
  const file = folder.manifest([child, { ...child, id: "b", protocol: "ndjson" }, {
    ...child,
    id: "c",
    protocol: "lines",
  }]);
  for (const format of ["text", "json"]) {
    const { stdout, stderr } = await outrider(["up", file, "--log-format", format, "--log-level", "debug"]);
    // A tab of a sidecar's own line stays.
    assertEquals(
      rawIn(format === "text" ? `${stdout}${stderr}`.replaceAll("\t", "") : stdout + stderr),
      undefined,
    );
    if (format === "text") continue;
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const printed = lines.filter(({ type, path }) => type === "output" && path === "a").map(({ line }) =>
      line
    );
    assert(printed.some((line) => line.includes("\x1b") && line.includes("\u202e")), JSON.stringify(printed));
  }
  const missing = folder.manifest([{ ...child, command: `./no${EVIL}` }]);
  for (const format of ["text", "json"]) await harmless(["up", missing, "--log-format", format]);
});

Deno.test("ask and call print nothing raw when the sidecar fails hostilely", async () => {
  await using folder = new Folder();
  folder.write("evil", TEXT);
  folder.write(
    "answer",
    JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: 5, message: EVIL, data: [EVIL] } }) + "\n",
  );
  const dies = {
    id: "a",
    command: "sh",
    args: ["-c", "read -r line; cat ./evil >&2; exit 3"],
    protocol: "lines",
  };
  const answers = {
    id: "b",
    command: "sh",
    args: ["-c", "read -r line; cat ./answer; exec cat"],
    protocol: "jsonrpc",
  };
  const file = folder.manifest([dies, answers]);
  const { stderr } = await outrider(["ask", file, "a", "x"]);
  assertStringIncludes(stderr, "exit code 3");
  // A tab in a sidecar's own words stays.
  assertEquals(rawIn(stderr.replaceAll("\t", "")), undefined);
  assertStringIncludes(await harmless(["call", file, "b", "x"]), "answered with error 5");
  await harmless(["ask", file, EVIL, "x"]);
  await harmless(["ask", file, "a", EVIL.replaceAll("\n", "\n\n")]);
  await harmless(["call", file, "b", "x", `{"${EVIL}`]);
});

Deno.test("status prints nothing raw when the runtime at the socket is hostile", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/s`;
  const child = {
    path: EVIL,
    type: "worker",
    state: "quarantined",
    generation: 1,
    lastExit: { generation: 1, at: 1, how: "exited", death: { kind: "signal", signal: EVIL }, message: EVIL },
  };
  const other = { ...child, lastExit: { ...child.lastExit, death: { kind: "exception" } } };
  const tree = { name: EVIL, now: 2, startedAt: 1, active: true, children: [child, other] };
  const listener = Deno.listen({ transport: "unix", path });
  const serving = (async () => {
    for await (const connection of listener) {
      const { value } = await connection.readable.getReader().read();
      const { method } = JSON.parse(new TextDecoder().decode(value));
      const answer = method === "status" ? { result: tree } : { error: { code: "busy", message: EVIL } };
      await connection.write(new TextEncoder().encode(`${JSON.stringify({ id: 1, ...answer })}\n`));
      connection.close();
    }
  })();
  await harmless(["status", path]);
  const { stdout } = await outrider(["status", path, "--json"]);
  assertEquals([rawIn(stdout), JSON.parse(stdout).name], [undefined, EVIL]);
  await harmless(["restart", path, "a"]);
  await harmless(["terminate", path, EVIL]);
  listener.close();
  await serving;
});

Deno.test("the other verbs print nothing raw when their arguments are hostile", async () => {
  await using folder = new Folder();
  const file = folder.manifest([readable]);
  await harmless(["explain", file, "a"]);
  await harmless(["explain", file, EVIL]);
  await harmless(["explain", file, "a", EVIL]);
  await harmless(["errors", EVIL]);
  await harmless([EVIL]);
  await harmless(["up", file, `--${EVIL}`]);
  await harmless(["up", file, "--log-level", EVIL]);
  await harmless(["status", `${folder.path}/${EVIL.slice(0, 9)}`]);
  await harmless(["compile", file, "-o", `${folder.path}/no${EVIL}/app`]);
  await harmless(["compile", file, "-o", `${folder.path}/app`, "--embed", "--unpack-to", folder.path]);
  const tauri = folder.write("tauri.conf.json", {
    productName: EVIL,
    identifier: EVIL,
    bundle: { externalBin: [`bin/${EVIL}`, EVIL], [EVIL]: EVIL },
    plugins: { shell: { [EVIL]: EVIL } },
  });
  await harmless(["import", tauri]);
  await harmless(["check", tauri]);
});

Deno.test("pipe and ask pass every byte on when their output is not a terminal", async () => {
  await using folder = new Folder();
  const cat = { id: "l", command: "cat", protocol: "lines" };
  const file = folder.manifest([cat, { ...cat, id: "j", protocol: "ndjson" }, {
    ...cat,
    id: "b",
    protocol: "bytes",
  }]);
  const line = TEXT.replaceAll("\n", "").replaceAll("\r", "");
  assertEquals((await fed(["pipe", file, "l"], `${line}\n`)).stdout, `${line}\n`);
  assertEquals((await fed(["pipe", file, "b"], TEXT)).stdout, TEXT);
  assertEquals((await outrider(["ask", file, "l", line])).stdout, `${line}\n`);
  const { stdout } = await fed(["pipe", file, "j"], `${JSON.stringify({ v: UNPRINTABLE })}\n`);
  assertEquals(JSON.parse(stdout).v, UNPRINTABLE);
});

Deno.test({
  name: "pipe and ask print nothing raw when their output is a terminal",
  ignore: !hasTerminal,
  fn: async () => {
    await using folder = new Folder();
    const line = TEXT.replaceAll("\n", "").replaceAll("\r", "");
    folder.write("line", `${line}\n`);
    folder.write("json", `${JSON.stringify({ v: TEXT })}\n`);
    folder.write("call", `${JSON.stringify({ jsonrpc: "2.0", id: 1, result: TEXT })}\n`);
    const says = (id: string, protocol: string, name: string) => ({
      id,
      command: "sh",
      args: ["-c", `read -r line; cat ./${name}; exec cat`],
      protocol,
    });
    const cat = { id: "cat", command: "cat", protocol: "bytes" };
    const file = folder.manifest([
      says("l", "lines", "line"),
      says("j", "ndjson", "json"),
      says("c", "jsonrpc", "call"),
      cat,
      { ...cat, id: "n", protocol: "netstring" },
    ]);
    const cases: readonly (readonly string[])[] = [
      ["ask", file, "l", "x"],
      ["call", file, "c", "x"],
      ["ask", file, "n", line],
    ];
    for (const args of cases) {
      const { code, text } = await onTerminal(words(args));
      assertEquals([code, rawIn(text.replaceAll("\r\n", "\n").replaceAll("\t", ""))], [0, undefined], text);
      assertStringIncludes(text, "202e");
    }
    const quoted = (args: readonly string[]) => args.map((word) => `'${word}'`).join(" ");
    for (const [id, name] of [["l", "line"], ["cat", "line"], ["cat", "json"]] as const) {
      const command = `${quoted(words(["pipe", file, id]))} < '${folder.path}/${name}'`;
      const { text } = await onTerminal(["sh", "-c", command]);
      assertEquals(rawIn(text.replaceAll("\r\n", "\n").replaceAll("\t", "")), undefined, text);
    }
  },
});
