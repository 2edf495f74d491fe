/** Our own client of MCP: both eras of the protocol, what it repeats at a new process, and its tools. */
import { assert, assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import {
  AskTimeoutError,
  IncarnationEndedError,
  JsonRpcError,
  NO_BACKOFF,
  OptionError,
} from "@outrider/outrider";
import {
  mcp,
  type McpOptions,
  McpPagesError,
  type McpSpec,
  McpVersionError,
} from "@outrider/outrider/actors/mcp";
import { tap } from "@outrider/outrider/actors/tap";
import { failureOf } from "../../support/probes.ts";
import { Planted } from "../planted.ts";

const FAKE = new URL("./fake_server.ts", import.meta.url).pathname;
const MODERN = "2026-07-28";

function fake(behaviour: object, more: Partial<McpOptions> = {}): McpSpec {
  return mcp("s", {
    command: Deno.execPath(),
    args: ["run", "--no-config", FAKE, JSON.stringify({ by: [behaviour] })],
    backoff: NO_BACKOFF,
    stop: { drain: 0, stdin: 0, term: 5_000 },
    ...more,
  });
}

async function failureOfStart(spec: McpSpec): Promise<Error> {
  await using planted = new Planted([spec]);
  await failureOf(planted.system.start());
  const { cause } = await planted.event("start_failed");
  return cause.cause as Error;
}

Deno.test("a server that knows no initialize is spoken with by server/discover, and each request says so", async () => {
  const spec = fake({ modern: [MODERN] });
  await using planted = await Planted.start(spec);
  const { protocolVersion, serverInfo } = await planted.ref.ask({ method: "initialize" });
  assertEquals([protocolVersion, serverInfo.name], [MODERN, "fake"]);
  assertEquals(await spec.call(planted.ref, { name: "x", arguments: { a: 1 } }), { a: 1 } as never);
  const { heard } = await spec.call<{ heard: string[] }>(planted.ref, { name: "heard" });
  assertEquals(heard, ["initialize", "server/discover", "x", "heard"]);
});

Deno.test("a server of both eras is spoken with in the one that the versions prefer", async () => {
  for (
    const [versions, heard] of [
      [["2025-11-25", MODERN], "initialize"],
      [[MODERN, "2025-11-25"], "server/discover"],
    ] as const
  ) {
    const spec = fake(heard === "initialize" ? {} : { modern: [MODERN] }, { versions });
    await using planted = await Planted.start(spec);
    const answer = await spec.call<{ heard: string[] }>(planted.ref, { name: "heard" });
    assertEquals(answer.heard[0], heard);
  }
});

Deno.test("a server that refuses server/discover is spoken with by initialize", async () => {
  const script =
    `read -r discover; echo '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no such method"}}'
    read -r initialize
    echo '{"jsonrpc":"2.0","id":2,"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{}}}'
    exec cat >/dev/null`;
  const spec = mcp("s", { command: "sh", args: ["-c", script], versions: [MODERN, "2025-06-18"] });
  await using planted = await Planted.start(spec);
  assertEquals((await planted.ref.ask({ method: "initialize" })).protocolVersion, "2025-06-18");
});

Deno.test("a refusal shows the revisions that the server supports", async () => {
  const behaviour = { modern: ["2030-01-01", "2031-01-01"] };
  for (const versions of [["2025-11-25", MODERN], [MODERN], ["2025-11-25"]]) {
    const error = await failureOfStart(fake(behaviour, { versions, restart: "temporary" }));
    assertInstanceOf(error, McpVersionError);
    assertEquals([error.offered, error.versions], [["2030-01-01", "2031-01-01"], versions]);
    assertMatch(error.message, /offers 2030-01-01, 2031-01-01: it takes one of/);
  }
});

Deno.test("a result that asks for input is answered by the handlers, and the request is made again", async () => {
  const handlers = { "elicitation/create": () => ({ action: "accept", content: { name: "Ada" } }) };
  const spec = fake({ modern: [MODERN] }, { handlers });
  await using planted = await Planted.start(spec);
  // deno-lint-ignore no-explicit-any -- an answer as it comes
  const answer = await spec.call<any>(planted.ref, { name: "greet" });
  assertEquals(answer.greeted, { action: "accept", content: { name: "Ada" } });
  assertEquals(answer.requestState, "s1");
  assertEquals(answer._meta["io.modelcontextprotocol/clientCapabilities"], { elicitation: {} });

  await using without = await Planted.start(fake({ modern: [MODERN] }));
  const error = await assertRejects(() => spec.call(without.ref, { name: "greet" }), JsonRpcError);
  assertEquals([error.code, /'elicitation\/create'/.test(error.message)], [-32_601, true]);
});

Deno.test("a new process hears the level of logs and the subscriptions of the one before it", async () => {
  const spec = fake({});
  await using planted = await Planted.start(spec);
  await planted.ref.ask({ method: "logging/setLevel", params: { level: "debug" } });
  for (const uri of ["a:1", "b:2"]) await planted.ref.ask({ method: "resources/subscribe", params: { uri } });
  await planted.ref.ask({ method: "resources/unsubscribe", params: { uri: "a:1" } });
  await assertRejects(() => spec.call(planted.ref, { name: "die" }), IncarnationEndedError);
  const { heard } = await spec.call<{ heard: string[] }>(planted.ref, { name: "heard" });
  assertEquals(heard, ["initialize", "notifications/initialized", "debug", "b:2", "heard"]);
});

Deno.test("our own client has a server restarted that hangs, and none that only leaves a cancelled request unanswered", async () => {
  const spec = fake({}, { whenGivenUp: { restart: { after: 50 } } });
  await using planted = await Planted.start(spec);
  const given = { timeout: 20 };
  await assertRejects(() => spec.call(planted.ref, { name: "never" }, given), AskTimeoutError);
  await new Promise((resolve) => setTimeout(resolve, 150)); // longer than the late answer would be waited for
  const { heard } = await spec.call<{ heard: string[] }>(planted.ref, { name: "heard" });
  assertEquals([heard.includes("ping"), planted.ref.generation], [true, 1]);
  Deno.kill(planted.all("spawned")[0]!.pid, "SIGSTOP");
  await assertRejects(() => spec.call(planted.ref, { name: "never" }, given), AskTimeoutError);
  await planted.event("ready", ({ path, generation }) => path === "s" && generation === 2);
});

Deno.test("the tools of a server are those of all its pages, and a list without an end is an error", async () => {
  const pages = (next: string) => `
    while read -r got; do
      id=$(echo "$got" | sed 's/.*"id":\\([0-9]*\\).*/\\1/')
      case "$got" in
        *'"cursor":"two"'*) echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"tools":[{"name":"b"}]${next}}}';;
        *tools/list*) echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"tools":[{"name":"a"}],"nextCursor":"two"}}';;
        *'"initialize"'*) echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"protocolVersion":"2025-11-25","capabilities":{}}}';;
      esac
    done`;
  const spec = (next: string) => mcp("s", { command: "sh", args: ["-c", pages(next)] });
  const [good, endless] = [spec(""), spec(',"nextCursor":"two"')];
  await using first = await Planted.start(good);
  assertEquals((await good.tools(first.ref)).map(({ name }) => name), ["a", "b"]);
  await using second = await Planted.start(endless);
  await assertRejects(() => endless.tools(second.ref), McpPagesError, "after 2 pages");
});

Deno.test("a tap sees what passes of our own client", async () => {
  const seen: string[] = [];
  const spec = fake({}, {
    protocol: (usual) => tap(usual, (entry) => void (entry.direction === "sent" && seen.push(entry.frame))),
  });
  const planted = await Planted.start(spec);
  await planted[Symbol.asyncDispose]();
  assertEquals(seen.map((frame) => JSON.parse(frame).method), ["initialize", "notifications/initialized"]);
  await assertRejects(
    async () => void await fake({}, { protocol: "ndjson" as never }),
    OptionError,
    "protocol",
  );
});

Deno.test("a request whose results ask for input without end is refused after 10 rounds, and ends where its caller gives up", async () => {
  const handlers = { "elicitation/create": () => ({ action: "decline" }) };
  const spec = fake({ modern: [MODERN] }, { handlers });
  await using planted = await Planted.start(spec);
  const error = await assertRejects(() => spec.call(planted.ref, { name: "ask on" }), JsonRpcError);
  assertMatch(error.message, /after 10 rounds/);
  const { heard } = await spec.call<{ heard: string[] }>(planted.ref, { name: "heard" });
  assertEquals(heard.filter((name) => name === "ask on").length, 11);

  const gaveUp = new AbortController();
  const call = spec.call(planted.ref, { name: "ask for nothing" }, { signal: gaveUp.signal });
  while (planted.ref.queued > 0) await new Promise((go) => setTimeout(go));
  await spec.call(planted.ref, { name: "heard" });
  gaveUp.abort("enough");
  await call.catch(() => {});
  const rounds = async () => {
    const { heard } = await spec.call<{ heard: string[] }>(planted.ref, { name: "heard" });
    return heard.filter((name) => name === "ask for nothing").length;
  };
  const before = await rounds();
  await new Promise((go) => setTimeout(go, 800));
  assert(await rounds() <= before + 1); // one that was on its way
});

Deno.test("a spec that two trees have at the same path remembers for each what its own process was asked", async () => {
  const spec = fake({});
  await using first = await Planted.start(spec);
  await first.ref.ask({ method: "resources/subscribe", params: { uri: "a:1" } });
  await using second = await Planted.start(spec);
  await second.ref.ask({ method: "resources/subscribe", params: { uri: "b:2" } });
  for (const [{ ref }, uri] of [[first, "a:1"], [second, "b:2"]] as const) {
    await assertRejects(() => spec.call(ref, { name: "die" }), IncarnationEndedError);
    const { heard } = await spec.call<{ heard: string[] }>(ref, { name: "heard" });
    assertEquals(heard, ["initialize", "notifications/initialized", uri, "heard"]);
  }
});

Deno.test("what a new process refuses of the one before it is a line of the log", async () => {
  // It is asked for the level right after its handshake only where that is done again.
  const script = `read -r initialize
    echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{}}}'
    while read -r got; do
      case "$got" in
        *'"id":2,'*setLevel*) echo '{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"no such level"}}';;
        *'"id":2,'*) echo '{"jsonrpc":"2.0","id":2,"result":{}}';;
        *'"id":3,'*) echo '{"jsonrpc":"2.0","id":3,"result":{}}'; exit 3;;
      esac
    done`;
  await using planted = await Planted.start(
    mcp("s", { command: "sh", args: ["-c", script], backoff: NO_BACKOFF }),
  );
  await planted.ref.ask({ method: "ping" });
  await planted.ref.ask({ method: "logging/setLevel", params: { level: "debug" } });
  const { line, level, generation } = await planted.event("output");
  assertEquals(
    [line, level, generation],
    ["Started again without logging/setLevel (no such level)", "warn", 2],
  );
});
