/** A session of LSP outlives the processes of its server, and the documents that are open in it stay in step. */
import { assertEquals, assertMatch } from "@std/assert";
import { lspSession } from "@outrider/outrider/actors/lsp";
import { Planted } from "../planted.ts";
import { Client, FAKE, PATH, Trial, URI } from "./session_trial.ts";

// deno-lint-ignore no-explicit-any -- answers as they come
type Any = any;

/** The range of an insertion. */
function at(line: number, character: number) {
  return { start: { line, character }, end: { line, character } };
}

Deno.test("a new process hears the handshake, the configuration, the folders and the documents, once and in that order", async () => {
  await using trial = await Trial.start();
  const client = trial.client();
  const { capabilities } = await client.connect({ general: { positionEncodings: ["utf-8", "utf-16"] } });
  assertEquals(capabilities.positionEncodings, ["utf-16"]);
  client.notify("workspace/didChangeConfiguration", { settings: { a: 1 } });
  client.notify("workspace/didChangeConfiguration", { settings: { a: 2 } });
  client.notify("workspace/didChangeWorkspaceFolders", {
    event: { added: [{ uri: "file:///w", name: "w" }], removed: [] },
  });
  client.open(URI, "one");
  client.open("file:///b", "gone");
  client.change(URI, 2, { range: at(0, 3), text: " two" });
  client.notify("textDocument/didClose", { textDocument: { uri: "file:///b" } });
  const { error } = await client.request("test/die");
  assertEquals([error.code, error.data.exitCode], [-32_801, 3]);
  client.change(URI, 3, { range: at(0, 7), text: " three" });
  assertEquals((await client.request("test/texts")).result, {
    texts: { [URI]: "one two three" },
    faults: [],
  });
  assertEquals((await client.request("test/heard")).result.slice(0, 5), [
    "initialize",
    "initialized",
    "workspace/didChangeConfiguration",
    "textDocument/didOpen",
    "textDocument/didChange",
  ]);
});

Deno.test("documents are those of the client after edits at random and kills in between", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  let seed = 7;
  const random = (n: number) => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) % n;
  const pieces = [
    "a",
    "ß",
    "😀",
    "\r\n",
    "\n",
    "",
    "long enough to shift what is behind it",
    "e\u0301",
    "𐐀",
    "\r",
  ];
  const expected: Record<string, string> = {};
  const versions: Record<string, number> = {};
  const positionOf = (text: string, offset: number) => {
    const before = text.slice(0, offset).split(/\r\n|\n|\r/);
    return { line: before.length - 1, character: before.at(-1)!.length };
  };
  let kills = 0;
  for (let step = 0; step < 600; step++) {
    const uri = `file:///${random(4)}`;
    const text = expected[uri];
    if (text === undefined) {
      expected[uri] = pieces[random(pieces.length)]!.repeat(random(4));
      versions[uri] = (versions[uri] ?? 0) + 1;
      client.open(uri, expected[uri], versions[uri]);
    } else if (random(30) === 0) {
      delete expected[uri];
      client.notify("textDocument/didClose", { textDocument: { uri } });
    } else {
      const changes: Any[] = [];
      let now = text;
      for (let count = 1 + random(3); count > 0; count--) {
        // No position lies between "\r" and "\n".
        const offsets = Array.from({ length: now.length + 1 }, (_, offset) => offset)
          .filter((offset) => !(now[offset - 1] === "\r" && now[offset] === "\n"));
        const [from, to] = [offsets[random(offsets.length)]!, offsets[random(offsets.length)]!].sort((a, b) =>
          a - b
        );
        const piece = pieces[random(pieces.length)]!;
        changes.push({ range: { start: positionOf(now, from!), end: positionOf(now, to!) }, text: piece });
        now = now.slice(0, from) + piece + now.slice(to);
      }
      expected[uri] = now;
      client.change(uri, ++versions[uri]!, ...changes);
    }
    if (random(40) === 0) {
      const pid = trial.planted.all("spawned").at(-1)!.pid;
      try {
        Deno.kill(pid, "SIGKILL");
        kills++;
      } catch {
        // It has ended, and the next one is about to start.
      }
    }
    if (random(25) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // The last process may have been killed and have taken this request with it.
  let answer = await client.request("test/texts");
  while (answer.error !== undefined) answer = await client.request("test/texts");
  assertEquals(answer.result, { texts: expected, faults: [] });
  assertEquals(kills > 5, true);
});

Deno.test("a request is answered by the next process when it met a closed stdin", async () => {
  // What reads stdin ends a while before the process does, as when a child of it holds its group.
  const script =
    'exec 3<&0; "$0" run --no-config "$1" <&3 3<&- & exec <&- 3<&-; wait; echo gone >&2; sleep 0.3; exit 3';
  const command = { command: "sh", args: ["-c", script, Deno.execPath(), FAKE] };
  await using trial = await Trial.start({ ...command, idempotent: ["test/texts"] });
  const client = await trial.connected();
  client.open(URI, "one");
  client.notify("test/die", undefined);
  await trial.planted.event("output", ({ line }) => line === "gone");
  client.change(URI, 2, { range: at(0, 3), text: " two" });
  // The pipe is known to be broken when that has been tried.
  await new Promise((go) => setTimeout(go, 50));
  assertEquals((await client.request("test/texts")).result, { texts: { [URI]: "one two" }, faults: [] });
});

Deno.test("what a process has registered, begun and diagnosed is taken back at the client when it has ended", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  await client.request("test/begin");
  client.told.length = 0;
  await client.request("test/die");
  assertEquals(
    client.told.map(({ method, params }) => [method, params]),
    [
      ["$/cancelRequest", { id: "1:1" }],
      ["client/unregisterCapability", { unregisterations: [{ id: "r", method: "m" }] }],
      ["$/progress", { token: "t", value: { kind: "end" } }],
      ["textDocument/publishDiagnostics", { uri: "file:///a", diagnostics: [] }],
    ],
  );
});

Deno.test("the client's exit ends the process, and another client begins with the next, which knows nothing", async () => {
  await using trial = await Trial.start();
  const first = await trial.connected();
  first.open(URI, "one");
  await first.request("shutdown");
  first.notify("exit", undefined);
  await trial.planted.event("ready", ({ path, generation }) => path === PATH && generation === 2);
  first.transports.writer.end();
  await first.closed.promise;
  const second = await trial.connected();
  assertEquals((await second.request("test/texts")).result, { texts: {}, faults: [] });
  assertEquals((await second.request("test/heard")).result, [
    "initialize",
    "initialized",
    "test/texts",
    "test/heard",
  ]);
});

Deno.test("the server hears shutdown and exit when its client goes, and when its tree stops", async () => {
  await using trial = await Trial.start();
  const first = await trial.connected();
  first.transports.reader.dispose();
  const { exit } = await trial.planted.event("exited", ({ path }) => path === PATH);
  assertEquals(exit, { reason: "normal", isAsked: true });
  const second = await trial.connected();
  assertMatch(JSON.stringify(await second.request("test/heard")), /initialized/);
  await trial.planted.system.stop();
  assertEquals(trial.planted.all("stop_step").filter(({ step }) => step === "SIGTERM"), []);
});

Deno.test("clients that come and go cost nothing of a server's budget of restarts", async () => {
  const session = lspSession("s", { command: Deno.execPath(), args: ["run", "--no-config", FAKE] });
  await using planted = await Planted.start(session);
  for (let count = 1; count <= 8; count++) {
    const client = new Client(session.transports(planted.ref), true);
    await client.connect();
    await client.request("shutdown");
    if (count % 2 === 0) client.notify("exit", undefined);
    client.transports.writer.end();
    await planted.event("ready", ({ path, generation }) => path === "s" && generation === count + 1);
  }
  assertEquals(planted.all("restarting"), []);
});

Deno.test("a server behind a launcher is told no pid, and its log messages are lines of the log and the client's", async () => {
  await using trial = await Trial.start({ launcher: ["env"] });
  const client = trial.client();
  await client.request("initialize", { processId: Deno.pid, capabilities: {} });
  client.notify("initialized", {});
  assertEquals((await client.request("test/watched")).result, null);
  await client.request("test/die");
  assertEquals((await client.request("test/watched")).result, null);
  assertEquals(client.told.map(({ params }) => params.message), ["watching null", "watching null"]);
  await trial.planted.event("output", (event) => event.generation === 2);
  const lines = trial.planted.all("output").map(({ level, line }) => [level, line]);
  assertEquals(lines, [["warn", "watching null"], ["warn", "watching null"]]);
});
