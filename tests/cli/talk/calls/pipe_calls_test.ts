/** `outrider pipe` for JSON-RPC: alone, and through a running tree. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, type Outcome, Running } from "../../outrider.ts";
import { Session } from "../../session.ts";
import { fed, Lines, open } from "../talking.ts";
import { fake, note, reply } from "./fake.ts";

const session = new Session();

const says = {
  sum: note("before") + reply('{"sum":3}') + note("behind"),
  refuse: '{"jsonrpc":"2.0","id":$id,"error":{"code":-32601,"message":"no","data":[1]}}\n',
};
const children = [
  fake("rpc", {
    ...says,
    // What it is told is what it says next.
    tell: note("told"),
    // The second request is answered before the first.
    late: "",
    soon: reply('"soon"') + '{"jsonrpc":"2.0","id":1,"result":"late"}\n',
  }),
  fake("mcp", { wait: "", "notifications/cancelled": note("cancelled"), ping: reply("$got") }, {
    protocol: { type: "jsonrpc", dialect: "mcp" },
  }),
  fake("lsp", { wait: "" }, { protocol: { type: "jsonrpc", dialect: "lsp" } }),
  fake("frail", {}, { args: ["-c", "read -r got; read -r got; exit 7"], backoff: { initial: 0 } }),
];

/** Runs `pipe`, with these lines as its input. */
type Pipe = (args: readonly string[], lines: readonly string[]) => Promise<Outcome>;

const notified = (text: string) => `{"jsonrpc":"2.0","method":"note","params":["${text}"]}\n`;

async function printsInOrder(pipe: Pipe): Promise<void> {
  const outcome = await pipe(["rpc"], [
    '{"method":"tell","params":{}}',
    '{"jsonrpc":"2.0","id":"mine","method":"sum","params":[1,2]}',
    "",
    '{"id":null,"method":"refuse"}',
  ]);
  const stdout = notified("told") + notified("before") +
    '{"jsonrpc":"2.0","id":"mine","result":{"sum":3}}\n' + notified("behind") +
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"no","data":[1]}}\n';
  assertEquals(outcome, { code: 0, stdout, stderr: "" });
}

// The request that the server knows as 1 is the caller's 7.
const waiting = ['{"id":7,"method":"wait"}', '{"id":1,"method":"wait"}'];

async function cancelsOfMcp(pipe: Pipe): Promise<void> {
  const cancelled = (id: number) => `{"method":"notifications/cancelled","params":{"requestId":${id}}}`;
  const { code, stdout } = await pipe(["mcp"], [...waiting, ...[1, 7, 99].map(cancelled)]);
  assertEquals([code, stdout.replaceAll(notified("cancelled"), "")], [0, ""]);
}

async function cancelsOfLsp(pipe: Pipe): Promise<void> {
  const cancelled = (id: number) => `{"method":"$/cancelRequest","params":{"id":${id}}}`;
  const { code, stdout } = await pipe(["lsp"], [...waiting, cancelled(1), cancelled(7)]);
  const answer = (id: number) =>
    `{"jsonrpc":"2.0","id":${id},"error":{"code":-32800,"message":"Request cancelled"}}`;
  assertEquals([code, stdout.trim().split("\n").toSorted()], [0, [1, 7].map(answer)]);
}

async function leavesParams(pipe: Pipe): Promise<void> {
  const params = '{"_meta":{"progressToken":"mine"}}';
  const { stdout } = await pipe(["mcp"], [`{"id":7,"method":"ping","params":${params}}`]);
  const { result } = JSON.parse(stdout);
  assertEquals(result.params, JSON.parse(params));
}

async function answersForTheDead(pipe: Pipe): Promise<void> {
  const { code, stdout, stderr } = await pipe(["frail"], [
    '{"id":"a","method":"x"}',
    '{"id":"b","method":"x"}',
  ]);
  const answers = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(
    answers.map(({ id, error }) => [id, error.code, error.data]),
    ["a", "b"].map((id) => [id, -32_000, { code: "incarnation_ended" }]),
  );
  assertEquals(code, 1);
  assertStringIncludes(stderr, "lines 1 to 2: 'frail' (generation");
  assertStringIncludes(stderr, "ended before it replied: exit code 7");
}

async function answersForTheLate(pipe: Pipe): Promise<void> {
  const { code, stdout } = await pipe(["rpc", "--timeout", "100ms"], ['{"id":1,"method":"late"}']);
  assertEquals([code, JSON.parse(stdout).error.data], [1, { code: "ask_timeout" }]);
}

const inOrder = "prints replies under the caller's ids, and notifications, in the order in which they came";
const dead = "answers with -32000 and reports the lines when the child ends before it answers";

Deno.test("pipe of calls, with a part of its own", async (t) => {
  await using folder = new Folder();
  const file = folder.manifest(children);
  const pipe: Pipe = (args, lines) => fed(["pipe", file, ...args], `${lines.join("\n")}\n`);
  await t.step(inOrder, () => printsInOrder(pipe));
  await t.step("answers a request of LSP that its caller cancels", () => cancelsOfLsp(pipe));
  await t.step("leaves params as they are, with a progress token of the caller's", () => leavesParams(pipe));
  await t.step(dead, () => answersForTheDead(pipe));
  await t.step("answers with -32000 when --timeout is over", () => answersForTheLate(pipe));
});

Deno.test("pipe of calls, through a running tree", async (t) => {
  await using folder = new Folder();
  const file = folder.manifest(children);
  await using up = new Running(["up", file]);
  await up.line(/tree +ready/);
  const pipe: Pipe = async (args, lines) => {
    const outcome = await fed(["pipe", file, ...args], `${lines.join("\n")}\n`);
    return { ...outcome, stderr: outcome.stderr.replace(/^Using the running tree .*\n/, "") };
  };
  await t.step(inOrder, () => printsInOrder(pipe));
  await t.step("cancels the request of that id, whatever number it went out under", () => cancelsOfMcp(pipe));
  await t.step(dead, () => answersForTheDead(pipe));
});

const faults: readonly [line: string, why: string][] = [
  ["what", "it is not valid JSON: "],
  ["[]", "it is not a JSON object"],
  ['{"id":1,"result":2}', 'it has no "method": requests of the server are answered by Outrider'],
  ['{"id":1,"method":"x","params":7}', '"params" is neither an object nor an array'],
  ['{"id":[],"method":"x"}', '"id" is neither a text, a number nor null'],
];

Deno.test("pipe of calls reports a line that is not a call, and goes on, or ends with --fail-fast", async () => {
  await using folder = new Folder();
  const file = folder.manifest(children);
  const last = '{"id":1,"method":"sum"}';
  const { code, stdout, stderr } = await fed(
    ["pipe", file, "rpc"],
    [...faults.map(([line]) => line), last].join("\n"),
  );
  assertEquals([code, stdout.split("\n").length], [1, 4]);
  for (const [at, [, why]] of faults.entries()) assertStringIncludes(stderr, `line ${at + 1}: ${why}`);
  const fast = await fed(["pipe", file, "rpc", "--fail-fast"], ["what", last].join("\n"));
  assertEquals([fast.code, fast.stdout], [1, ""]);
});

Deno.test("pipe of calls says that lines without an id ask for no answer when nothing came back", async () => {
  await using folder = new Folder();
  const outcome = await fed(
    ["pipe", folder.manifest(children), "rpc"],
    '{"method":"sum"}\n'.replace("sum", "late"),
  );
  const stderr = 'Nothing came back: 1 line without an "id" asked for no answer\n';
  assertEquals(outcome, { code: 0, stdout: "", stderr });
});

Deno.test("pipe of calls prints a reply while its input is still open, and the later one first", async () => {
  await using folder = new Folder();
  const process = open(["pipe", folder.manifest(children), "rpc"]);
  const writer = process.stdin.getWriter();
  const lines = new Lines(process.stdout);
  const write = (text: string) => writer.write(new TextEncoder().encode(`${text}\n`));
  await write('{"id":"a","method":"late"}');
  await write('{"id":"b","method":"soon"}');
  assertEquals([await lines.next(), await lines.next()], [
    '{"jsonrpc":"2.0","id":"b","result":"soon"}',
    '{"jsonrpc":"2.0","id":"a","result":"late"}',
  ]);
  await writer.close();
  assertEquals(await lines.all(), []);
  assertEquals((await process.status).code, 0);
  await process.stderr.cancel();
});

Deno.test("pipe of calls ends with 130 when a signal comes, and says what was under way", async () => {
  await using folder = new Folder();
  const process = open(["pipe", folder.manifest(children), "rpc"]);
  const writer = process.stdin.getWriter();
  const lines = new Lines(process.stdout);
  await writer.write(new TextEncoder().encode('{"id":1,"method":"late"}\n{"id":2,"method":"sum"}\n'));
  for (let at = 0; at < 3; at++) await lines.next();
  process.kill("SIGTERM");
  assertEquals((await process.status).code, 130);
  const stderr = await new Response(process.stderr).text();
  assertStringIncludes(stderr, "Interrupted: 1 request answered, 1 under way were not");
  await lines.all();
  await writer.close().catch(() => {});
});

Deno.test("pipe of calls takes five thousand of them, each answered once", async () => {
  await using folder = new Folder();
  const cat = { id: "cat", command: "cat", protocol: "jsonrpc" };
  // It sends each request back, which is refused: the refusal is its reply.
  const count = 5_000;
  const input = Array.from({ length: count }, (_, id) => `{"id":${id},"method":"x"}\n`).join("");
  const { code, stdout } = await fed(["pipe", folder.manifest([cat]), "cat"], input);
  const ids = stdout.trim().split("\n").map((line) => JSON.parse(line).id);
  assertEquals([code, ids.length, new Set(ids).size], [0, count, count]);
});

Deno.test("ask exits with 4 when a tool of MCP says that it failed", async () => {
  await using folder = new Folder();
  const failed = '{"content":[{"type":"text","text":"first\\\\nno such city"}],"isError":true}';
  const file = folder.manifest([
    fake("mcp", { "tools/call": reply(failed), "tools/list": reply('{"isError":false}') }, {
      protocol: { type: "jsonrpc", dialect: "mcp" },
    }),
    fake("rpc", { "tools/call": reply('{"isError":true}') }),
  ]);
  const outcome = {
    code: 4,
    stdout: '{"content":[{"type":"text","text":"first\\nno such city"}],"isError":true}\n',
    stderr: "A tool of 'mcp' failed: first\n  no such city\n",
  };
  assertEquals(await session.run(["call", file, "mcp", "tools/call"]), outcome);
  assertEquals(await session.run(["ask", file, "mcp", '{"method":"tools/call"}']), outcome);
  assertEquals((await session.run(["call", file, "mcp", "tools/list"])).code, 0);
  assertEquals((await session.run(["call", file, "rpc", "tools/call"])).code, 0);
});
