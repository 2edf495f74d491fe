/** What odd servers and clients of MCP do, and may not cost an answer, or the process of the host. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { OptionError, supervisor, System } from "@outrider/outrider";
import { mcpSession, SessionAskError } from "@outrider/outrider/actors/mcp";
import { Trial } from "./session_trial.ts";

// deno-lint-ignore no-explicit-any -- answers as they come
type Any = any;

Deno.test("a request is answered once, with a result or a proper error, when its server answers oddly", async () => {
  await using trial = await Trial.start([{}], { maxFrame: 65_536 });
  const client = await trial.connected();
  const raw = async (lines: readonly string[], id?: unknown) => {
    const { result, error } = await client.call("raw", { lines }, id);
    return result ?? [error.code, error.message];
  };
  const noise = [
    `{"jsonrpc":"2.0","id":{"a":1},"result":{}}`,
    `{"jsonrpc":"2.0","id":1.5,"result":{}}`,
    `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}`,
    `{"jsonrpc":"2.0","id":"__proto__","result":{}}`,
    `not JSON`,
    `{"jsonrpc":"2.0","id":"\\q","result":{}}`,
    `{"jsonrpc":"2.0","id":007,"result":{}}`,
    `[]`,
    `[[{"id":$id,"result":{}}],null,7]`,
  ];
  assertEquals(await raw([...noise, `{"id":$id,"result":{"a":1}}`, `{"id":$id,"result":{"a":2}}`]), { a: 1 });
  assertEquals(await raw([`[{"id":$id,"result":{"a":3}}]`], "__proto__"), { a: 3 });
  assertEquals(await raw([`{"id":$id,"error":null}`]), [
    -32_603,
    "the server has answered with neither a result nor an error",
  ]);
  assertMatch(String(await raw([`{"id":$id,"error":"boom"}`])), /^-32603,.*"boom"/);
  assertEquals(await raw([`{"id":$id,"error":{"message":"no code"}}`]), [-32_603, "no code"]);
  assertEquals(await raw([`{"id":$id,"result":{},"error":null}`]), {});
  const long = "x".repeat(100_000);
  assertMatch(String(await raw([`{"jsonrpc":"2.0","id":$id,"result":{"a":"${long}"}}`], "text")), /^-32603,/);
  assertMatch(String(await raw([`{"result":{"a":"${long}"},"jsonrpc":"2.0","id":$id}`])), /^-32603,/);
  assertEquals(trial.planted.all("exited"), []);
});

Deno.test("a request that was taken back makes room for the next when its server does not answer it", async () => {
  await using trial = await Trial.start([{}], { maxInFlight: 1 });
  const client = await trial.connected();
  void client.call("never", {}, "hung");
  while (trial.ref.queued > 0) await new Promise((go) => setTimeout(go));
  await client.notify("notifications/cancelled", { requestId: "hung" });
  assertEquals((await client.call("heard")).result.heard.at(-1), "heard");
});

Deno.test("each request is answered when its session is over", async () => {
  await using trial = await Trial.start([{ diesOf: "prompts/list" }], { restart: "temporary" });
  const client = await trial.connected();
  const order: unknown[] = [];
  client.transport.onclose = () => {
    order.push("closed");
    client.closed.resolve();
  };
  const listen = client.request("subscriptions/listen", { notifications: {} });
  const never = client.call("never");
  for (const answer of [listen, never]) void answer.then(({ error }) => order.push(error.code));
  await client.until(() => client.methods.includes("notifications/subscriptions/acknowledged"));
  Deno.kill(client.transport.pid!, "SIGKILL");
  await client.closed.promise;
  await Promise.all([listen, never]);
  assertEquals(order.toSorted(), [-32_000, -32_000, "closed"]);
});

Deno.test("an answer says that its server has ended well", async () => {
  await using trial = await Trial.start([{}]);
  const client = await trial.connected();
  const { error } = await client.call("end");
  assertEquals(error.data, { reason: "normal", generation: 1, exitCode: 0 });
});

Deno.test("requests are answered when the mailbox refuses or drops them", async () => {
  for (const overflow of ["fail", "drop-oldest", "drop-newest"] as const) {
    await using trial = await Trial.start([{}], { mailbox: { capacity: 2, overflow }, maxInFlight: 1 });
    const client = await trial.connected();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => client.call("x", { n })));
    const codes = answers.map(({ error, result }) => error?.code ?? result.n);
    assert(codes.includes(-32_603) && codes.some((code) => code >= 0), `${overflow}: ${codes}`);
  }
});

Deno.test("the ref of a session's child refuses asks of anyone but its client, which are never lost", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  await assertRejects(() => trial.ref.ask({ method: "tools/list" }), SessionAskError);
  void client.call("never", {}, 7);
  await assertRejects(() => trial.ref.ask({ id: 7, method: "tools/list" }), SessionAskError);
  await assertRejects(() => client.transport.send({ id: 7, method: "ping" }), OptionError, "7");
  assertEquals((await client.call("heard")).result.heard.slice(-2), ["never", "heard"]);
});

Deno.test("messages of a client in a list are sent one by one", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  const answers = [1_000, "b"].map((id) => {
    const answer = Promise.withResolvers<Any>();
    client.answers.set(id, answer);
    return answer.promise;
  });
  await client.transport.send(
    [{ id: 1_000, method: "ping" }, { method: "notifications/x" }, { id: "b", method: "ping" }] as Any,
  );
  assertEquals((await Promise.all(answers)).map(({ id }) => id), [1_000, "b"]);
});

Deno.test("a session refuses a second process at the same time, such as that of another tree", async () => {
  const session = mcpSession("s", { command: "cat", restart: "temporary" });
  const [one, two] = [1, 2].map(() => new System(supervisor("root", [session])));
  await one!.start();
  const messages: string[] = [];
  const start = await assertRejects(() => two!.start());
  for (let error: unknown = start; error instanceof Error; error = error.cause) messages.push(error.message);
  assertMatch(messages.join("\n"), /its session is with a process of 's'; make a session for each child/);
  await Promise.all([one!.stop(), two!.stop()]);
  const three = new System(supervisor("root", [session]));
  await three.start();
  await three.stop();
});

Deno.test("a client that reads no further has its server wait, also with a request open", async () => {
  await using trial = await Trial.start();
  const { transport } = trial.client();
  let told = 0;
  const resume = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  transport.onmessage = ({ id }: Any) => {
    told++;
    if (id === 2) done.resolve();
    return resume.promise;
  };
  await transport.start();
  await transport.send({ id: 1, method: "tools/call", params: { name: "never" } });
  const lines = Array(20_000).fill(`{"jsonrpc":"2.0","method":"n","params":"${"x".repeat(80)}"}`);
  lines.push(`{"id":$id,"result":{}}`);
  await transport.send({ id: 2, method: "tools/call", params: { name: "raw", arguments: { lines } } });
  for (let before = -1; told === 0 || before !== told;) {
    before = told;
    await new Promise((go) => setTimeout(go, 100));
  }
  assert(told < 10_000, `${told} were read ahead`);
  resume.resolve();
  await done.promise;
  assertEquals(told, 20_001);
});

Deno.test("what a client has said that has gone reaches no process after it", async () => {
  await using trial = await Trial.start([{}], {
    backoff: { initial: 300, factor: 1, max: 300, jitter: 0 } as Any,
  });
  const first = await trial.connected();
  await first.call("die");
  void first.notify("notifications/of_the_first");
  await first.transport.close();
  const second = await trial.connected();
  assertEquals((await second.call("heard")).result.heard, [
    "initialize",
    "notifications/initialized",
    "heard",
  ]);
});

Deno.test("listeners of a client that throw end neither its server nor its session", async () => {
  await using trial = await Trial.start([{}], { restart: "transient" });
  const { transport } = trial.client();
  const fail = () => {
    throw new Error("mine");
  };
  const ended = Promise.withResolvers<void>();
  let heard = 0;
  Object.assign(transport, {
    onmessage: () => (heard++, fail()),
    onerror: fail,
    onclose: () => (ended.resolve(), fail()),
  });
  await transport.start();
  const say = (id: number, name: string, given?: object) =>
    transport.send({ id, method: "tools/call", params: { name, arguments: given } });
  await say(1, "raw", { lines: [`{"method":"n"}`, `{"id":$id,"result":{}}`] });
  const { line } = await trial.planted.event("output");
  assertMatch(line, /listener of the session's client has failed: mine/);
  assertEquals(trial.planted.all("exited"), []);
  await say(2, "end");
  await ended.promise;
  assert(heard >= 2);
});

Deno.test("a subscriptions/listen that its server has ended is not opened at the next process", async () => {
  await using trial = await Trial.start();
  const client = trial.client();
  await client.transport.start();
  void client.request("subscriptions/listen", { notifications: { toolsListChanged: true } }, "listen:0");
  await client.until(() => client.methods.includes("notifications/subscriptions/acknowledged"));
  await client.call("end listen", { id: "listen:0" });
  assertEquals(client.methods.at(-1), "notifications/cancelled");
  await trial.kill(client);
  assertEquals((await client.call("heard")).result.heard, ["heard"]);
});

Deno.test("a client that has set a level above warnings is told of a restart by no line of log", async () => {
  await using trial = await Trial.start([{ capabilities: { logging: {}, tools: { listChanged: true } } }]);
  const client = await trial.connected();
  await client.request("logging/setLevel", { level: "error" });
  await trial.kill(client);
  await client.call("heard");
  assertEquals(client.methods, ["notifications/tools/list_changed"]);
});

Deno.test("a request waits on when a subscriptions/listen is taken back, and one of two answers was over the cap", async () => {
  await using trial = await Trial.start([{}], { maxFrame: 10_000 });
  const client = await trial.connected();
  void client.request("subscriptions/listen", { notifications: {} }, "listen:0");
  await client.until(() => client.methods.includes("notifications/subscriptions/acknowledged"));
  const big = client.call("big", { bytes: 20_000 });
  let isAnswered = false;
  void client.call("never", {}, "n").then(() => isAnswered = true);
  await client.call("heard");
  await client.notify("notifications/cancelled", { requestId: "listen:0" });
  await client.call("heard");
  assertEquals(isAnswered, false);
  await client.notify("notifications/cancelled", { requestId: "n" });
  assertEquals((await big).error.code, -32_603);
});

Deno.test("a marked request fails with the third process that has ended with it", async () => {
  await using trial = await Trial.start([{ diesOf: "prompts/list" }], {
    idempotent: { methods: ["prompts/list"] },
  });
  const client = await trial.connected();
  const { error } = await client.request("prompts/list");
  assertEquals([error.code, error.data.generation], [-32_000, 3]);
});

Deno.test("a ping is answered by the next process when its own has ended with it", async () => {
  await using trial = await Trial.start([{ diesOf: "ping" }, {}]);
  const client = await trial.connected();
  assertEquals([(await client.request("ping")).result, trial.ref.generation], [{}, 2]);
});

Deno.test("a session goes on when its server writes a list of what is not a message, however long", async () => {
  await using trial = await Trial.start();
  const client = await trial.connected();
  const lines = [`[${Array(300_000).fill("7").join()}]`, `{"id":$id,"result":{}}`];
  assertEquals((await client.call("raw", { lines })).result, {});
  const { kind, sample } = await trial.planted.event("malformed");
  assertEquals([kind, sample], ["not_json_rpc", "7"]);
  assertEquals((await client.call("heard")).result.heard.at(-1), "heard");
});

Deno.test("a session has no client when its transport was given no ref", async () => {
  const session = mcpSession("s", { command: "cat" });
  for (let count = 0; count < 2; count++) {
    await assertRejects(() => session.transport(undefined as never).start(), TypeError);
  }
});

Deno.test("a server that hangs when the client takes a request back is restarted, and the session goes on", async () => {
  await using trial = await Trial.start([{}], { whenGivenUp: { restart: { after: 50 } } });
  const client = await trial.connected();
  void client.call("never", {}, "hung");
  assertEquals((await client.call("heard")).result.heard.at(-1), "heard");
  Deno.kill(client.transport.pid!, "SIGSTOP");
  await client.notify("notifications/cancelled", { requestId: "hung" });
  await trial.planted.event("ready", ({ path, generation }) => path === "s" && generation === 2);
  assertEquals((await client.call("heard")).result.heard.length, 3);
});

Deno.test("a server that answers a ping is not restarted when it leaves a cancelled request unanswered", async () => {
  await using trial = await Trial.start([{}], { whenGivenUp: { restart: { after: 50 } } });
  const client = await trial.connected();
  for (const id of ["a", "b"]) {
    void client.call("never", {}, id);
    await client.call("heard");
    await client.notify("notifications/cancelled", { requestId: id });
    // Longer than the late answer would be waited for.
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  const { heard } = (await client.call("heard")).result;
  assertEquals(heard.filter((one: string) => ["ping", "a", "b"].includes(one)), ["a", "ping", "b", "ping"]);
});
