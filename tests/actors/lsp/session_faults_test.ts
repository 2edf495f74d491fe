/** What goes wrong between a language server and its client, and may not cost an answer or a document. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { PATH, Trial, URI } from "./session_trial.ts";

const SLOW = { initial: 300, factor: 1, max: 300, jitter: 0 } as const;

Deno.test("a request that the client cancels is answered when the server answers it, dies with it, or never had it", async () => {
  await using trial = await Trial.start({ backoff: SLOW });
  const client = await trial.connected();
  const cancelled = async (method: string) => {
    const answer = client.request(method);
    client.notify("$/cancelRequest", { id: client.last });
    return (await answer).error.code;
  };
  assertEquals(await cancelled("test/never"), -32_800);
  const dying = client.request("test/die");
  client.notify("$/cancelRequest", { id: client.last });
  assertEquals((await dying).error.code, -32_800);
  assertEquals(await cancelled("test/never"), -32_800);
  assertEquals((await client.request("test/heard")).result, ["initialize", "initialized", "test/heard"]);
});

Deno.test("a message that was framed and never written reaches the next process", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  const say = [
    () => client.request("test/texts"),
    () => client.notify("textDocument/didSave", { textDocument: { uri: URI } }),
    () =>
      client.notify("workspace/didChangeWorkspaceFolders", {
        event: { added: [{ uri: "file:///w", name: "w" }], removed: [] },
      }),
    () => client.open(URI, "one"),
  ];
  const answers: unknown[] = [];
  for (const once of say) {
    await client.request("test/begin");
    client.notify("test/deaf", {});
    await trial.idle();
    // An answer passes the mailbox, fills the pipe, and what comes behind it is framed and waits.
    const id = client.told.findLast(({ method }) => method === "client/registerCapability").id;
    void client.transports.writer.write({ jsonrpc: "2.0", id, result: "x".repeat(1_000_000) });
    answers.push(once());
    await trial.idle();
    await trial.killed();
    const { result } = await client.request("test/heard");
    answers.push(result.filter((method: string) => !/initialize|begin|heard/.test(method)));
  }
  assertEquals((await answers[0] as { result: unknown }).result, { texts: {}, faults: [] });
  assertEquals(answers.filter(Array.isArray), [
    ["test/texts"],
    ["textDocument/didSave"],
    [],
    ["textDocument/didOpen"],
  ]);
  assertEquals((await client.request("test/texts")).result, { texts: { [URI]: "one" }, faults: [] });
  assertEquals((await client.request("test/folders")).result, [{ uri: "file:///w", name: "w" }]);
});

Deno.test("a request fails at once when its answer is longer than maxFrame", async () => {
  await using trial = await Trial.start({ maxFrame: 65_536 });
  const client = await trial.connected();
  const bodies = [`{"jsonrpc":"2.0","id":$id,"result":"${"x".repeat(100_000)}"}`];
  const { error } = await client.request("test/raw", { bodies });
  assertMatch(error.message, /65,?536|64/);
  assertEquals((await client.request("test/texts")).result, { texts: {}, faults: [] });
});

Deno.test("a client's listener may return anything, and throw", async () => {
  await using trial = await Trial.start();
  const heard: unknown[] = [];
  const { reader, writer } = trial.client(false).transports;
  const errors: Error[] = [];
  const done = Promise.withResolvers<void>();
  reader.onError((error) => errors.push(error));
  reader.listen((message: { readonly id: number }) => {
    if (message.id === 3) done.resolve();
    if (message.id === 1) throw new Error("mine");
    return message.id === 2 ? Promise.reject(new Error("also mine")) : heard.push(message);
  });
  await writer.write({ id: 0, method: "initialize", params: { capabilities: {} } });
  for (const id of [1, 2, 3]) await writer.write({ id, method: "test/texts" });
  await done.promise;
  assertEquals(errors.map(({ message }) => message), ["mine", "also mine"]);
  assertEquals(trial.planted.all("exited"), []);
});

Deno.test("documents of more than 8 MiB are opened at the next process", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  const text = "x".repeat(3_000_000);
  const uris = ["a", "b", "c", "d"].map((name) => `file:///${name}`);
  for (const uri of uris) client.open(uri, text);
  client.open("file:///large", text.repeat(3));
  await client.request("test/heard");
  await trial.killed();
  const { result } = await client.request("test/heard");
  assertEquals(result.filter((method: string) => method.endsWith("didOpen")).length, 5);
  assertEquals(trial.planted.all("exited").length, 1);
});

Deno.test("another client begins with the next process when it comes before the one that is told goodbye has ended", async () => {
  await using trial = await Trial.start();
  const first = await trial.connected();
  first.transports.reader.dispose();
  const second = await trial.connected();
  assertEquals((await second.request("test/heard")).result, ["initialize", "initialized", "test/heard"]);
  assertEquals(trial.planted.system.ref(PATH).generation, 2);
});

Deno.test("what JSON has no text for is not kept for the next process", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  client.open(URI, "one", 1n as unknown as number);
  client.notify("workspace/didChangeConfiguration", { settings: 1n });
  const added = [{ uri: "file:///w", name: 1n }];
  client.notify("workspace/didChangeWorkspaceFolders", { event: { added, removed: [] } });
  await client.request("test/die");
  assertEquals((await client.request("test/heard")).result, ["initialize", "initialized", "test/heard"]);
});

Deno.test("each listener is told that the session is over when one of them throws", async () => {
  await using trial = await Trial.start({ restart: "temporary" });
  const { reader, writer } = trial.client(false).transports;
  const heard: string[] = [];
  const told = Promise.withResolvers<void>();
  reader.onClose(() => {
    heard.push("reader");
    throw new Error("mine");
  });
  writer.onClose(() => {
    heard.push("writer");
    told.resolve();
  });
  reader.listen(() => {});
  await writer.write({ id: 0, method: "initialize", params: { capabilities: {} } });
  await writer.write({ id: 1, method: "test/die" });
  await told.promise;
  assertEquals(heard, ["reader", "writer"]);
});

Deno.test("documents and folders are those of the client when they change while the server is stopped by hand", async () => {
  await using trial = await Trial.start({ backoff: { initial: 60_000, factor: 1, max: 60_000, jitter: 0 } });
  const { system } = trial.planted;
  const client = await trial.connected();
  client.open(URI, "one");
  await client.request("test/texts");
  Deno.kill(trial.planted.all("spawned").at(-1)!.pid, "SIGKILL");
  await trial.planted.event("exited");
  // This one waits for a restart that does not come.
  client.change(URI, 2, { text: "two" });
  await system.terminateChild(PATH);
  const end = { line: 0, character: 3 };
  client.change(URI, 3, { range: { start: end, end }, text: " three" });
  client.open("file:///b", "b");
  const added = [{ uri: "file:///w", name: "w" }];
  const params = { event: { added, removed: [] } };
  const method = "workspace/didChangeWorkspaceFolders";
  await client.transports.writer.write({ jsonrpc: "2.0", method, params });
  await assertRejects(() => client.transports.writer.write({ jsonrpc: "2.0", method: "test/begin" }));
  await system.restartChild(PATH);
  const { result } = await client.request("test/texts");
  assertEquals(result, { texts: { [URI]: "two three", "file:///b": "b" }, faults: [] });
  assertEquals((await client.request("test/folders")).result, added);
});
