/** `ask`, `call` and `pipe` of a tree that runs: it is used, and nothing is started a second time. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command, Diary, Folder, Running } from "../outrider.ts";
import { Session } from "../session.ts";

const { outrider } = new Session();

const cat = { id: "cat", command: "cat", protocol: "lines" };
const USED = /^Using the running tree 'tree', process \d+; --own starts a part of its own\n/;

/** Standard input through `pipe`. */
async function piped(args: string[], input: string, cwd: string) {
  const child = command(["pipe", ...args], { cwd }, { stdin: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("ask and pipe use the tree that runs and say so, and --own starts a part of its own", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const pids = {
    id: "pids",
    command: "sh",
    args: ["-c", `echo $$ > '${diary.path}'; exec cat`],
    protocol: "lines",
  };
  folder.manifest([pids]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const first = await diary.next();
  const asked = await outrider(["ask", "pids", "hello"], { cwd: folder.path });
  assertEquals([asked.code, asked.stdout], [0, "hello\n"]);
  assertMatch(asked.stderr, USED);
  const lines = Array.from({ length: 3_000 }, (_, i) => `line ${i}\n`).join("");
  const through = await piped(["pids"], lines, folder.path);
  assertEquals([through.code, through.stdout === lines], [0, true], through.stderr);
  assertMatch(through.stderr, USED);
  const own = await outrider(["ask", "pids", "hello", "--own"], { cwd: folder.path });
  assertEquals(own, { code: 0, stdout: "hello\n", stderr: "" });
  // The first process answered all but the last of these.
  assertEquals(first === await diary.next(), false);
});

Deno.test("an error, a timeout and a child that dies come out of a running tree as from one of its own", async () => {
  await using folder = new Folder();
  const silent = { id: "silent", command: "sleep", args: ["60"], protocol: "lines" };
  const frail = {
    id: "frail",
    command: "sh",
    args: ["-c", "read line; echo so >&2; exit 7"],
    protocol: "lines",
    backoff: { initial: 0 },
  };
  const rpc = {
    id: "rpc",
    command: Deno.execPath(),
    args: ["run", "--quiet", "rpc.ts"],
    protocol: "jsonrpc",
  };
  folder.write(
    "rpc.ts",
    `
    for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
      for (const line of text.trim().split("\\n")) {
        const { id, method } = JSON.parse(line);
        const error = { code: -32601, message: "no such method", data: { method } };
        console.log(JSON.stringify({ jsonrpc: "2.0", id, ...method === "sum" ? { result: [1, 2] } : { error } }));
      }
    }`,
  );
  folder.manifest([silent, frail, rpc, { id: "team", children: [cat] }]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const told = async (...args: string[]) => {
    const { code, stdout, stderr } = await outrider(args, { cwd: folder.path });
    return { code, stdout, stderr: stderr.replace(USED, "") };
  };
  const late = await told("ask", "silent", "x", "--timeout", "100ms");
  assertEquals(late.code, 5);
  assertStringIncludes(late.stderr, "'silent'");
  const died = await told("ask", "frail", "x");
  assertEquals(died.code, 1);
  assertStringIncludes(
    died.stderr,
    "Cannot answer: 'frail' (generation 1) ended before it replied: exit code 7, last words: so\n",
  );
  assertEquals(await told("call", "rpc", "sum"), { code: 0, stdout: "[1,2]\n", stderr: "" });
  assertEquals(await told("call", "rpc", "product"), {
    code: 4,
    stdout: "",
    stderr: '\'rpc\' answered with error -32601: no such method\n  data: {"method":"product"}\n',
  });
  assertEquals((await told("ask", "team", "x")).code, 2);
  const wrong = await told("ask", "cta", "x");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "Cannot find the child 'cta': ");
  assertEquals((await told("call", "team/cat", "x")).code, 2);
});

Deno.test("a reply of many frames comes from a running tree frame by frame, and bytes as they are", async () => {
  await using folder = new Folder();
  const many = {
    id: "many",
    command: "sh",
    args: ["-c", 'while read n; do i=0; while [ $i -lt "$n" ]; do i=$((i+1)); echo $i; done; echo end; done'],
    protocol: "lines",
    until: { end: "end" },
  };
  const bytes = { id: "bytes", command: "cat", protocol: "netstring" };
  folder.manifest([many, bytes]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const counted = await outrider(["ask", "many", "700"], { cwd: folder.path });
  assertEquals(
    counted.stdout.trim().split("\n").slice(0, 700).map(Number),
    Array.from({ length: 700 }, (_, i) => i + 1),
    counted.stderr,
  );
  const { stdout } = await outrider(["ask", "bytes", "a\tb"], { cwd: folder.path });
  assertEquals(stdout, "a\tb");
});

Deno.test("a socket that nobody serves is an error, and nothing is started a second time", async () => {
  await using folder = new Folder();
  folder.manifest([cat]);
  const env = { XDG_STATE_HOME: folder.path };
  await using up = new Running(["up"], { cwd: folder.path, env });
  await up.line(/tree +ready/);
  up.signal("SIGKILL");
  await up.ended();
  const { code, stdout, stderr } = await outrider(["ask", "cat", "x"], { cwd: folder.path, env });
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "--own");
  assertEquals((await outrider(["ask", "cat", "x", "--own"], { cwd: folder.path, env })).stdout, "x\n");
});

Deno.test("a bytes sidecar of a running tree is piped through as a process beside it: its stdin is one stream", async () => {
  await using folder = new Folder();
  folder.manifest([{ id: "sort", command: "sort", protocol: "bytes" }, cat]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/cat#1 +ready/);
  const { code, stdout } = await piped(["sort"], "b\na\n", folder.path);
  assertEquals([code, stdout], [0, "a\nb\n"]);
});
