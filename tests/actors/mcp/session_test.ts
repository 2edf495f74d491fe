/** A session of MCP outlives the processes of its server: a client by hand, and a server that does as it is told. */
import { assertEquals, assertInstanceOf, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { GaveUpError, OptionError, supervisor } from "@outrider/outrider";
import {
  type JsonRpcMessage,
  mcpSession,
  SessionHeldError,
  SessionLossError,
  SessionOverError,
} from "@outrider/outrider/actors/mcp";
import { tap } from "@outrider/outrider/actors/tap";
import { Trial, VERSION } from "./session_trial.ts";

// deno-lint-ignore no-explicit-any -- answers as they come
type Any = any;

Deno.test("a session goes on with the next process, which hears the handshake before anything that waited", async () => {
  await using trial = await Trial.start([{
    rootsFirst: true,
    capabilities: { tools: { listChanged: true }, logging: {} },
  }]);
  const client = trial.client();
  client.onRequest = ({ method }) => method === "roots/list" ? { roots: [] } : {};
  assertEquals((await client.connect()).protocolVersion, VERSION);
  await client.request("logging/setLevel", { level: "debug" });
  for (const uri of ["a:1", "b:2", "c:3"]) await client.request("resources/subscribe", { uri });
  await client.request("resources/unsubscribe", { uri: "b:2" });
  const { result: { heard, pid } } = await client.call("heard");
  assertEquals(pid, client.transport.pid);
  assertEquals(heard, [
    "initialize",
    "notifications/initialized",
    "debug",
    "a:1",
    "b:2",
    "c:3",
    "b:2",
    "heard",
  ]);

  const cut = client.call("die");
  const waiting = client.call("heard");
  const { error } = await cut;
  assertEquals([error.code, error.data.generation, error.data.exitCode], [-32_000, 1, 3]);
  assertMatch(error.message, /^Connection closed: the process of 's' exited with code 3/);
  // It had been written to the first process, or waits for the second.
  const second = (await waiting).result ?? (await client.call("heard")).result;
  assertEquals(second.heard.slice(0, 5), ["initialize", "notifications/initialized", "debug", "a:1", "c:3"]);
  await client.until(() => client.methods.includes("notifications/message"));
  assertEquals(client.methods, [
    "roots/list",
    "roots/list",
    "notifications/tools/list_changed",
    "notifications/message",
  ]);
});

Deno.test("a message of the client waits for the next process when none runs", async () => {
  await using trial = await Trial.start([{}], {
    backoff: { initial: 300, factor: 1, max: 300, jitter: 0 } as Any,
  });
  const client = await trial.connected();
  await client.call("die");
  const { result } = await client.call("heard");
  assertEquals(result.heard, ["initialize", "notifications/initialized", "heard"]);
});

Deno.test("a request is sent to the next process when the caller has marked its method or tool", async () => {
  await using trial = await Trial.start([{}, { diesOf: "x" }], {
    idempotent: { methods: ["prompts/list"], tools: ["never"] },
  });
  const client = await trial.connected();
  const marked = client.call("never", {}, "a");
  const listed = client.request("prompts/list", {}, "b");
  assertEquals((await listed).result, {});
  const unmarked = client.call("never else", {}, "c");
  await unmarked;
  await client.call("die");
  // The second process has it now, under the same id, and dies with it, and so on.
  const { result } = await client.call("heard");
  assertEquals(result.heard.includes("never"), true);
  await client.notify("notifications/cancelled", { requestId: "a" });
  const after = await client.call("heard");
  assertEquals(after.result.heard.at(-2), "a");
  void marked;
});

Deno.test("a request that waits is never sent when the client takes it back", async () => {
  await using trial = await Trial.start([{}], {
    backoff: { initial: 300, factor: 1, max: 300, jitter: 0 } as Any,
  });
  const client = await trial.connected();
  await client.call("die");
  void client.call("never", {}, "gone");
  await client.notify("notifications/cancelled", { requestId: "gone" });
  const { result } = await client.call("heard");
  assertEquals(result.heard, ["initialize", "notifications/initialized", "heard"]);
});

Deno.test("a request of the server is taken back when its process ends, and its answer reaches no other", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  client.onRequest = () => undefined;
  void client.call("ask and die");
  const asked = await client.until(() =>
    client.told.find(({ method }) => method === "sampling/createMessage")
  ) as Any;
  assertEquals([asked.id, asked.params._meta.progressToken], ["1:1", "1:7"]);
  const taken = await client.until(() =>
    client.told.find(({ method }) => method === "notifications/cancelled")
  ) as Any;
  assertEquals(taken.params.requestId, "1:1");
  client.onRequest = () => ({ from: "the second" });
  const answered = client.call("sample");
  await client.transport.send({ jsonrpc: "2.0", id: "1:1", result: { from: "the first" } });
  await client.notify("notifications/progress", { progressToken: "1:7", progress: 1 });
  assertEquals((await answered).result.sampled, { from: "the second" });
  assertEquals((await client.call("heard")).result.heard.includes("notifications/progress"), false);
});

Deno.test("a session is over when the next process speaks another revision, and another client may connect", async () => {
  await using trial = await Trial.start([{}, { version: "2025-06-18" }]);
  const client = await trial.connected();
  await trial.kill(client);
  await client.closed.promise;
  assertInstanceOf(client.errors[0], SessionOverError);
  await assertRejects(() => client.transport.send({ method: "ping", id: 7 }), SessionOverError);
  const second = trial.client();
  assertEquals((await second.connect()).protocolVersion, "2025-06-18");
});

Deno.test("a client is told what the next process lacks, and goes on", async () => {
  const before = { tools: { listChanged: true }, resources: { subscribe: true }, prompts: {} };
  await using trial = await Trial.start([{ capabilities: before }, {
    capabilities: { tools: {}, resources: {} },
  }]);
  const client = await trial.connected();
  await trial.kill(client);
  assertEquals((await client.call("heard")).result.heard.length, 3);
  assertInstanceOf(client.errors[0], SessionLossError);
  assertMatch(client.errors[0].message, / without tools.listChanged, resources.subscribe, prompts$/);
});

Deno.test("a session is closed when its server has ended for good, and what waits for an answer fails", async () => {
  await using trial = await Trial.start([{}], { restart: "temporary" });
  const client = await trial.connected();
  const { error } = await client.call("die");
  assertEquals(error.code, -32_000);
  await client.closed.promise;
});

Deno.test("a cut server/discover is answered as an unknown method, and initialize goes to the next process", async () => {
  await using trial = await Trial.start([{ diesOf: "server/discover" }, { diesOf: "initialize" }, {}]);
  const client = trial.client();
  await client.transport.start();
  const { error } = await client.request("server/discover");
  assertEquals(error.code, -32_601);
  const { result } = await client.request("initialize", { protocolVersion: VERSION, capabilities: {} });
  assertEquals([result.protocolVersion, trial.ref.generation], [VERSION, 3]);
});

Deno.test("an open subscriptions/listen is opened at the next process, and the client is told what may have changed", async () => {
  await using trial = await Trial.start();
  const client = trial.client();
  await client.transport.start();
  const notifications = { toolsListChanged: true, promptsListChanged: false };
  void client.request("subscriptions/listen", { notifications }, "listen:0");
  await client.until(() => client.told.length === 1);
  await trial.kill(client);
  await client.until(() => client.told.length === 2);
  assertEquals(client.methods, [
    "notifications/subscriptions/acknowledged",
    "notifications/tools/list_changed",
  ]);
  assertEquals((client.told[1] as Any).params._meta, {
    "io.modelcontextprotocol/subscriptionId": "listen:0",
  });
  await client.notify("notifications/cancelled", { requestId: "listen:0" });
  await trial.kill(client);
  assertEquals((await client.call("heard")).result.heard, ["heard"]);
});

Deno.test("ids that come back as texts are those of the client, and progress comes before the answer", async () => {
  await using trial = await Trial.start([{ textIds: true }]);
  const client = await trial.connected();
  const { id, result } = await client.call("progress", { token: 5 }, 41);
  assertEquals([id, result], [41, { content: [] }]);
  assertEquals((client.told[0] as Any).params, { progressToken: 5, progress: 1 });
});

Deno.test("progress is taken up before its answer when a client takes up notifications a microtask later", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  const { transport } = client;
  const order: string[] = [];
  const answered = Promise.withResolvers<void>();
  // As the official SDK does it.
  transport.onmessage = ({ method }: JsonRpcMessage) => {
    if (method !== undefined) return void Promise.resolve().then(() => order.push("progress"));
    order.push("answer");
    answered.resolve();
  };
  void client.call("progress", { token: 5 });
  await answered.promise;
  assertEquals(order, ["progress", "answer"]);
});

Deno.test("a session has one client at a time, and another finds a new process when that has closed", async () => {
  await using trial = await Trial.start();
  const first = await trial.connected();
  await assertRejects(() => trial.client().transport.start(), OptionError, "has a client");
  void first.call("never", {}, 77);
  await first.call("heard");
  await first.transport.close();
  await first.closed.promise;
  const second = await trial.connected();
  const { result } = await second.call("heard");
  assertEquals(result.heard, ["initialize", "notifications/initialized", "heard"]);
  assertEquals(trial.planted.all("exited").map(({ exit }) => exit), [{ reason: "normal", isAsked: true }]);
});

Deno.test("nothing of a client that has gone reaches the process of the next", async () => {
  await using trial = await Trial.start();
  const first = await trial.connected();
  await first.call("die");
  for (let count = 0; count < 3; count++) void first.notify("notifications/roots/list_changed");
  void first.call("never");
  await first.transport.close();
  const { result } = await (await trial.connected()).call("heard");
  assertEquals(result.heard, ["initialize", "notifications/initialized", "heard"]);
});

Deno.test("a tap sees what passes in a session", async () => {
  const seen: string[] = [];
  await using trial = await Trial.start([{}], {
    protocol: (usual) => tap(usual, (entry) => void (entry.direction === "sent" && seen.push(entry.frame))),
  });
  const client = await trial.connected();
  await client.call("heard");
  await trial.planted.system.stop();
  assertEquals(seen.map((frame) => JSON.parse(frame).method), [
    "initialize",
    "notifications/initialized",
    "tools/call",
  ]);
});

Deno.test("a client is told when its server is held in quarantine, and goes on when that is started by hand", async () => {
  await using trial = await Trial.start([{}], {}, (session) =>
    supervisor("g", [session], {
      onLimit: { quarantine: { coolDown: "10m" } },
      intensity: { restarts: 0, within: "1m" },
    }));
  const client = await trial.connected();
  await client.call("die");
  await client.until(() => client.errors.length > 0);
  const [held] = client.errors;
  assertInstanceOf(held, SessionHeldError);
  assertMatch(
    held.message,
    /^Cannot go on with 'g\/s' yet: it is in quarantine for 10 min, and is then started again: /,
  );
  assertInstanceOf(held.cause, GaveUpError);
  const { error } = await client.call("heard");
  assertEquals([error.code, error.data.generation], [-32_000, undefined]);
  assertMatch(error.message, /^Connection closed: .*quarantine/);
  await trial.planted.system.restartChild(trial.ref.path);
  assertEquals((await client.call("heard")).result.heard, [
    "initialize",
    "notifications/initialized",
    "heard",
  ]);
});

Deno.test("a stopped server is started again when its client asks again at once each time that it is refused", async () => {
  await using trial = await Trial.start([{}]);
  const client = await trial.connected();
  const { system } = trial.planted;
  await system.terminateChild(trial.ref.path);
  const started = new Promise((resolve) => setTimeout(() => resolve(system.restartChild(trial.ref.path))));
  let refused = 0;
  while ((await client.call("heard")).error !== undefined && refused < 10_000) refused++;
  await started;
  assertEquals(0 < refused && refused < 10_000, true);
});

Deno.test("a request whose answer is over the cap fails when no other may be meant, and the session goes on", async () => {
  await using trial = await Trial.start([{}], { maxFrame: 10_000 });
  const client = await trial.connected();
  const never = client.call("never", {}, "n");
  const big = client.call("big", { bytes: 20_000 });
  assertEquals((await client.call("heard")).result.heard.at(-1), "heard");
  await client.notify("notifications/cancelled", { requestId: "n" });
  const { error } = await big;
  assertEquals([error.code, trial.ref.generation], [-32_603, 1]);
  assertMatch(error.message, /more than the 10,000 of its maxFrame/);
  assertEquals((await client.call("big", { bytes: 1 })).result.big, "x");
  void never;
});

Deno.test("mcpSession names an option that it has not", () => {
  assertThrows(
    () => mcpSession("s", { command: "cat", handlers: {} } as Any),
    OptionError,
    "handlers: unknown key",
  );
});
