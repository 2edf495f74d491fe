/** `outrider ask` and `call`: one question to one child, with real programs. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { UNBUFFERED } from "../../../src/sidecar/health/awaited_line.ts";
import { alive, Diary, Folder, outrider, pidsIn } from "../outrider.ts";
import { Session } from "../session.ts";
import { fed, inShell, open } from "./talking.ts";

const session = new Session();

const sh = (id: string, script: string, more = {}) => ({ id, command: "sh", args: ["-c", script], ...more });
const cat = (protocol: unknown, more = {}) => ({ id: "a", command: "cat", protocol, ...more });
const ok = (stdout: string) => ({ code: 0, stdout, stderr: "" });

const asked: readonly [protocol: unknown, message: string, reply: string][] = [
  ["lines", "hello there", "hello there\n"],
  ["lines", "", "\n"],
  ["ndjson", `{ "a": [1, null] }`, `{"a":[1,null],"id":1}\n`],
  [{ type: "ndjson", pairing: "in-order" }, `"text"`, `"text"\n`],
  ["content-length", `{"id":"mine"}`, `{"id":"mine"}\n`],
  ["netstring", "bytes", "bytes"],
];

for (const [protocol, message, reply] of asked) {
  Deno.test(`ask over ${JSON.stringify(protocol)} prints the reply to ${JSON.stringify(message)}, and nothing else`, async () => {
    await using folder = new Folder();
    const file = folder.manifest([cat(protocol)]);
    assertEquals(await session.run(["ask", file, "a", message]), ok(reply));
  });
}

Deno.test("a child that is for other platforms is not talked to, and that is said", async () => {
  await using folder = new Folder();
  const other = Deno.build.os === "linux" ? "darwin" : "linux";
  const file = folder.manifest([cat("lines"), { ...cat("lines"), id: "b", platforms: [other] }]);
  const { code, stderr } = await session.run(["ask", file, "b", "x"]);
  const here = `${Deno.build.os}-${Deno.build.arch}`;
  assertEquals([code, stderr.split("\n")[0]], [
    2,
    `Cannot talk to 'b': it is for ${other}, and this is ${here}`,
  ]);
});

Deno.test("ask reads the message from standard input", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat("lines"), { ...cat("ndjson"), id: "b", after: [] }]);
  assertEquals(await fed(["ask", file, "a", "-"], "from a pipe\n"), ok("from a pipe\n"));
  assertEquals(await fed(["ask", file, "b", "-"], `{\n "n": 1\n}\n`), ok(`{"n":1,"id":1}\n`));
  const { code, stderr } = await fed(["ask", file, "a", "-"], new Uint8Array([0xff, 0xfe]));
  assertEquals([code, stderr.split("\n")[0]], [2, "Cannot use MESSAGE: it is not UTF-8"]);
});

Deno.test("a reply of many frames is printed as it comes", async () => {
  await using folder = new Folder();
  // It writes the second line when the first was read, as the pipe that it waits for tells.
  new Deno.Command("mkfifo", { args: [`${folder.path}/go`] }).outputSync();
  const script = `read n; echo one; read go < go; echo two; echo .; cat > /dev/null`;
  const process = open([
    "ask",
    folder.manifest([sh("a", script, { protocol: "lines", until: { end: "." } })]),
    "a",
    "x",
  ]);
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, "one\n");
  await Deno.writeTextFile(`${folder.path}/go`, "go\n");
  assertEquals((await reader.read()).value, "two\n");
  assertEquals((await reader.read()).done, true);
  assertEquals((await process.status).code, 0);
  await Promise.all([process.stdin.close(), process.stderr.cancel()]);
});

Deno.test("ask starts only the child and its dependencies, and stops them in order", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const log = (id: string, more = {}) =>
    sh(
      id,
      `trap 'echo ${id} down > "${diary.path}"; exit 0' TERM; echo ${id} up > "${diary.path}"; echo ready; while :; do sleep 0.05; done`,
      {
        ready: { stdout: "ready" },
        ...more,
      },
    );
  const file = folder.manifest([
    log("db"),
    log("other", { after: [] }),
    { id: "team", after: ["db"], children: [{ ...cat("lines"), id: "w" }, log("late")] },
  ]);
  assertEquals(await session.run(["ask", file, "team/w", "hi"]), ok("hi\n"));
  assertEquals([await diary.next(), await diary.next()], ["db up", "db down"]);
  const { stderr } = await session.run(["ask", file, "team/w", "hi", "--verbose"]);
  assertMatch(stderr, /team\/w#1 +ready/);
  assertMatch(stderr, /tree +stopped/);
  assert(!/other|late/.test(stderr));
  assertEquals(await alive(pidsIn(stderr)), []);
});

Deno.test("a child that ends before it answers: 1, its exit code, and its last lines on standard error", async () => {
  await using folder = new Folder();
  const script = `read ask; echo first >&2; printf 'out of\\tluck\\033[2J\\n' >&2; exit 7`;
  const { code, stdout, stderr } = await session.run([
    "ask",
    folder.manifest([sh("a", script, { protocol: "lines" })]),
    "a",
    "x",
  ]);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(stderr.split("\n"), [
    "Cannot answer: 'a' (generation 1) ended before it replied: exit code 7, last words: out of\tluck",
    "What 'a' wrote to standard error last:",
    "  first",
    "  out of\tluck\\x1b[2J",
    "",
  ]);
});

Deno.test("ask says the only line on standard error once when a child ends before it answers", async () => {
  await using folder = new Folder();
  const file = folder.manifest([sh("a", "read ask; echo no licence >&2; exit 7", { protocol: "lines" })]);
  assertEquals(await session.run(["ask", file, "a", "x"]), {
    code: 1,
    stdout: "",
    stderr:
      "Cannot answer: 'a' (generation 1) ended before it replied: exit code 7, last words: no licence\n",
  });
});

Deno.test("a message that is to be replayed goes to the next incarnation", async () => {
  await using folder = new Folder();
  const script = `read ask; if [ -e was ]; then echo "$ask"; exec cat; fi; echo > was; exit 1`;
  const file = folder.manifest([
    sh("a", script, { protocol: "lines", onDeath: "replay", backoff: { initial: 0 } }),
  ]);
  assertEquals(await session.run(["ask", file, "a", "again"]), ok("again\n"));
});

Deno.test("ask ends with 5 and the child's stderr when no answer comes in time", async () => {
  await using folder = new Folder();
  const script = `echo thinking >&2; exec sleep 60`;
  const file = folder.manifest([
    sh("a", script, { protocol: "lines", ready: { stderr: "thinking" }, stop: { drain: 0, stdin: 0 } }),
  ]);
  assertEquals(await session.run(["ask", file, "a", "x", "--timeout", "200ms"]), {
    code: 5,
    stdout: "",
    stderr:
      `Cannot wait longer for 'a': no reply within 200 ms; nothing came on stdout since its start; ${UNBUFFERED}\n` +
      "What 'a' wrote to standard error last:\n  thinking\n",
  });
});

Deno.test("ask reports a failed start as up does, with 1", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    sh("db", "echo no disk >&2; exit 9", { ready: { stdout: "x" } }),
    cat("lines"),
  ]);
  assertEquals(await session.run(["ask", file, "a", "x"]), {
    code: 1,
    stdout: "",
    stderr: "Cannot start 'db': exit code 9, last words: no disk\nSee outrider errors sidecar_exited\n",
  });
});

Deno.test("ask reports the missing permissions of its part before anything starts", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const file = folder.manifest([diary.writer("db"), cat("lines"), { id: "not", command: "needed" }]);
  const { code, stdout, stderr } = await outrider(["ask", file, "a", "x"], {
    flags: [`--allow-read=${file}`],
  });
  assertEquals([code, stdout], [3, ""]);
  assertStringIncludes(stderr, "Cannot start 'tree': 8 permissions missing\n");
  assertStringIncludes(
    stderr,
    "Add to deno run: --allow-run=sh,cat --allow-env=PATH,HOME,LANG,TERM,TMPDIR,USER\n",
  );
  const flags = /Add to deno run: (.*)/.exec(stderr)![1]!.split(" ");
  assertEquals(
    await outrider(["ask", file, "a", "x"], { flags: [...flags, `--allow-read=${file}`] }),
    ok("x\n"),
  );
});

const refused: readonly [args: readonly string[], says: string][] = [
  [["ask", "jsn", "x"], "Cannot find the child 'jsn': did you mean 'json'?"],
  [["ask", "w1", "x"], "Cannot find the child 'w1': did you mean 'team/w1'?"],
  [["ask", "team", "x"], "Cannot talk to 'team': it is a supervisor; 'team/w1' is a child of it"],
  [["ask", "db", "x"], `Cannot ask 'db': it has no "protocol" in the manifest, so it takes no messages`],
  [["ask", "raw", "x"], "Cannot ask 'raw': its protocol has no replies; see outrider pipe --help"],
  [
    ["ask", "team/w1", "a\nb"],
    `Cannot send MESSAGE: it must be a text of one line, as "protocol" is "lines"`,
  ],
  [["ask", "json", "{a}"], "Cannot use MESSAGE: it is not valid JSON: "],
  [
    ["ask", "json", "[]"],
    `Cannot send MESSAGE: it must be an object, which carries the id of a request, as "protocol" is "ndjson"`,
  ],
  [["ask", "rpc", "{}"], `Cannot send MESSAGE: it must have a "method", as "protocol" is "jsonrpc"`],
  [
    ["call", "json", "m"],
    "Cannot call 'json': its protocol is 'ndjson', not 'jsonrpc', 'mcp' or 'lsp'; see outrider ask --help",
  ],
  [
    ["call", "db", "m"],
    "Cannot call 'db': it has no protocol, not 'jsonrpc', 'mcp' or 'lsp'; see outrider ask --help",
  ],
  [["call", "rpc", "m", "7"], "Cannot use PARAMS: it is a JSON object or array"],
  [["call", "rpc", "m", "{"], "Cannot use PARAMS: it is not valid JSON: "],
];

for (const [[verb, ...args], says] of refused) {
  Deno.test(`${verb} ${args.join(" ")} is 2, and starts nothing`, async () => {
    await using folder = new Folder();
    const program = { command: "no-such-program" };
    const file = folder.manifest([
      { id: "db", ...program },
      { id: "raw", ...program, protocol: "bytes" },
      { id: "json", ...program, protocol: "ndjson" },
      { id: "rpc", ...program, protocol: "jsonrpc" },
      { id: "team", children: [{ id: "w1", ...program, protocol: "lines" }] },
    ]);
    const { code, stdout, stderr } = await session.run([verb!, file, ...args]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, says);
    assertStringIncludes(stderr, `See outrider ${verb} --help\n`);
  });
}

/** Answers like a JSON-RPC server, with what `answer` is. */
const server = (answer: string) => `while read ask; do echo '{"jsonrpc":"2.0","id":1,${answer}}'; done`;

Deno.test("call prints the result; params come as they are, or from standard input", async () => {
  await using folder = new Folder();
  const echo =
    `read ask; printf '%s\\n' "$ask" >&2; echo '{"jsonrpc":"2.0","id":1,"result":{"sum":[3]}}'; cat > /dev/null`;
  const file = folder.manifest([sh("a", echo, { protocol: "jsonrpc" })]);
  assertEquals(await session.run(["call", file, "a", "add", "[1, 2]"]), ok(`{"sum":[3]}\n`));
  const { code, stderr } = await fed(["call", file, "a", "add", "-", "--verbose"], `{"a": 1}`);
  assertEquals(code, 0);
  assertStringIncludes(stderr, `{"jsonrpc":"2.0","id":1,"method":"add","params":{"a":1}}`);
});

Deno.test("call without params sends none, and a result of nothing is null", async () => {
  await using folder = new Folder();
  const script =
    `read ask; printf '%s\\n' "$ask" >&2; echo '{"jsonrpc":"2.0","id":1,"result":null}'; cat > /dev/null`;
  const { stdout, stderr } = await session.run([
    ...["call", folder.manifest([sh("a", script, { protocol: "jsonrpc" })]), "a", "ping", "--verbose"],
  ]);
  assertEquals(stdout, "null\n");
  assertStringIncludes(stderr, `{"jsonrpc":"2.0","id":1,"method":"ping"}`);
});

Deno.test("call speaks to an MCP server behind its handshake, and to a pool of them", async () => {
  await using folder = new Folder();
  const script =
    `read -r a; echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"s","version":"1"}}}'
    read -r a; read -r a; echo '{"jsonrpc":"2.0","id":2,"result":{"tools":[]}}'; cat > /dev/null`;
  const server = { command: "sh", args: ["-c", script], protocol: "mcp" };
  const file = folder.manifest([{ id: "a", ...server }, { id: "p", after: [], size: 2, sidecar: server }]);
  for (const child of ["a", "p"]) {
    assertEquals(await session.run(["call", file, child, "tools/list"]), ok(`{"tools":[]}\n`));
  }
});

Deno.test("an answer that is an error is 4, with its code, message and data", async () => {
  await using folder = new Folder();
  const plain = sh("a", server(`"error":{"code":-32601,"message":"no such\\u001bmethod"}`), {
    protocol: "jsonrpc",
  });
  const data = sh("b", server(`"error":{"code":1,"message":"m","data":{"x":1}}`), {
    protocol: "jsonrpc",
    after: [],
  });
  const file = folder.manifest([plain, data]);
  assertEquals(await session.run(["call", file, "a", "x"]), {
    code: 4,
    stdout: "",
    stderr: "'a' answered with error -32601: no such\\x1bmethod\n",
  });
  assertEquals(
    (await session.run(["ask", file, "b", `{"method":"x"}`])).stderr,
    `'b' answered with error 1: m\n  data: {"x":1}\n`,
  );
});

for (const code of ["", `"code":1e999,`, `"code":"1",`, `"code":1.5,`]) {
  Deno.test(`an answer that is an error is shown without a code when it has ${code || "none"}`, async () => {
    await using folder = new Folder();
    const file = folder.manifest([
      sh("a", server(`"error":{${code}"message":"no"}`), { protocol: "jsonrpc" }),
    ]);
    assertEquals(await session.run(["call", file, "a", "x"]), {
      code: 4,
      stdout: "",
      stderr: "'a' answered with an error without a code: no\n",
    });
  });
}

Deno.test("Ctrl-C while it waits: 130, everything stopped, nothing printed", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const script = `read ask; echo $$ > '${diary.path}'; exec sleep 60`;
  const process = open([
    "ask",
    folder.manifest([sh("a", script, { protocol: "lines", stop: { drain: 0, stdin: 0 } })]),
    "a",
    "x",
    "--timeout",
    "1h",
  ]);
  const pid = Number(await diary.next());
  process.kill("SIGINT");
  assertEquals((await process.status).code, 130);
  assertEquals(await new Response(process.stdout).text(), "");
  assertEquals(await new Response(process.stderr).text(), "");
  await process.stdin.close();
  assertEquals(await alive([pid]), []);
});

Deno.test("ask ends with 0 when its reader is gone, and with 1 when the disk is full", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat("lines")]);
  const gone = await inShell(`{ "$@"; echo code $? >&2; } | true`, ["ask", file, "a", "x"]);
  assertEquals(gone.stderr, "code 0\n");
  if (Deno.build.os !== "linux") return;
  const full = await inShell(`"$@" > /dev/full`, ["ask", file, "a", "x"]);
  assertEquals(full.code, 1);
  assertStringIncludes(full.stderr, "Cannot write to standard output: No space left on device");
});

Deno.test(
  "on a terminal JSON is laid out, and text can't command it",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    await using folder = new Folder();
    const file = folder.manifest([cat("ndjson"), { ...cat("lines"), id: "b", after: [] }]);
    const onTerminal = (...args: string[]) =>
      inShell(`script -qec "$(printf "'%s' " "$@")" /dev/null`, ["ask", file, ...args]);
    assertEquals(
      (await onTerminal("a", `{"x":"\\u202e"}`)).stdout,
      `{\r\n  "x": "\\u202e",\r\n  "id": 1\r\n}\r\n`,
    );
    assertEquals((await onTerminal("b", "\x1b[2J!")).stdout, "\\x1b[2J!\r\n");
  },
);

/** Prints lines without end, one in 50 ms. */
const ENDLESS = sh("a", 'read -r x; while :; do echo "$x"; sleep 0.05; done', {
  protocol: "lines",
  until: { end: "." },
});

Deno.test("ask gives a reply of many frames up when --timeout is over, however they come", async () => {
  await using folder = new Folder();
  const { code, stdout, stderr } = await session.run([
    "ask",
    folder.manifest([ENDLESS]),
    "a",
    "x",
    "--timeout",
    "1s",
  ]);
  assertEquals(code, 5);
  assertMatch(stdout, /^x\nx\n/);
  assertMatch(stderr, /no end of the reply within 1000 ms/);
});

Deno.test("ask gives a reply of many frames up when the next one is not there within --idle", async () => {
  await using folder = new Folder();
  const stalls = sh("a", 'read -r x; echo "$x"; echo "$x"; exec sleep 60', {
    protocol: "lines",
    until: { end: "." },
  });
  const { code, stdout, stderr } = await session.run([
    "ask",
    folder.manifest([stalls]),
    "a",
    "x",
    "--idle",
    "1s",
  ]);
  assertEquals([code, stdout], [5, "x\nx\n"]);
  assertMatch(stderr, /no further frame within 1000 ms/);
});

Deno.test("ask prints all lines of a reply until the mark", async () => {
  await using folder = new Folder();
  const shell = sh("a", "exec sh", { protocol: "lines", until: { mark: "echo {mark}" } });
  const { code, stdout } = await session.run(["ask", folder.manifest([shell]), "a", "seq 3"]);
  assertEquals([code, stdout], [0, "1\n2\n3\n"]);
});
