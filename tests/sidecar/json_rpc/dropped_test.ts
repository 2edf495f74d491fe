/** What an ask, and a start, that no reply came for say of what came instead; with real processes. */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { AskTimeoutError, jsonrpc, NO_BACKOFF, sidecar, start, supervisor } from "@outrider/outrider";
import { lsp } from "@outrider/outrider/actors/lsp";
import { mcp } from "@outrider/outrider/actors/mcp";
import { pool } from "@outrider/outrider/actors/pool";
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, Probe, sh } from "../health/probe.ts";

/** A server that writes `lines` for each request, where `$id` is its id. */
function server(...lines: string[]) {
  const says = lines.map((line) => `echo "${line.replaceAll('"', '\\"')}"`).join("; ");
  return sh(`while read -r got; do id=\${got#*'"id":'}; id=\${id%%,*}; ${says}; done`);
}

async function timedOut(lines: readonly string[], maxFrame = 1_000): Promise<AskTimeoutError> {
  await using probe = await Probe.start({
    ...server(...lines),
    protocol: jsonrpc(),
    stop: AT_ONCE,
    maxFrame,
  });
  const events = probe.ref.subscribe();
  const ask = probe.ref.ask({ method: "x" }, { timeout: 2_000 }).catch((error: unknown) => error);
  await events.next(); // the mark behind what was dropped
  const error = await ask;
  assertInstanceOf(error, AskTimeoutError);
  return error;
}

const MARK = '{"jsonrpc":"2.0","method":"mark"}';

Deno.test("an ask that times out names an error without an id that came meanwhile", async () => {
  const parseError = '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}';
  const { message, dropped } = await timedOut([parseError, MARK]);
  assertEquals(dropped, ["an error for no request: -32700 Parse error"]);
  assertMatch(message, /no reply within 2000 ms; dropped since it was sent: an error for no request: -32700/);
});

Deno.test("an ask that times out names a frame over the cap, a malformed one and a strange id", async () => {
  const big = `{"jsonrpc":"2.0","method":"log","params":["${"x".repeat(2_000)}"]}`;
  const { dropped } = await timedOut([big, "warning: one", "warning: two", '{"id":77,"result":1}', MARK]);
  assertMatch(
    dropped[0]!,
    /^over_cap, \d+ bytes, more than the 1,000 of its maxFrame, .*: \{"jsonrpc":"2.0",/,
  );
  assertEquals(dropped.slice(1), [
    "not_json, 12 bytes: warning: two (the last of 2)",
    'a reply to no request: {"id":77,"result":1}',
  ]);
});

Deno.test("an ask of a pool that times out names what its copy dropped meanwhile, and no other copy", async () => {
  const noisy = server("noise: $got", MARK);
  const workers = pool("workers", { ...noisy, protocol: jsonrpc(), stop: AT_ONCE }, { size: 2 });
  await using system = await start(supervisor("root", [workers]));
  const marks = system.ref("workers").subscribe();
  const asks = [1, 2].map((n) => system.ref("workers").ask({ method: `m${n}` }, { timeout: 1_000 }));
  const errors = Promise.all(asks.map(failureOf));
  for (const _ of asks) await marks.next();
  for (const [at, error] of (await errors).entries()) {
    assertInstanceOf(error, AskTimeoutError);
    assertEquals([error.path, error.dropped.length], ["workers", 1]);
    assertMatch(error.dropped[0]!, new RegExp(`^not_json, \\d+ bytes: noise: .*"m${at + 1}"`));
  }
});

Deno.test("an ask that times out names nothing that was dropped before it was sent", async () => {
  await using probe = await Probe.start({
    ...sh(`read -r first; echo noise; echo '${MARK}'; exec cat >/dev/null`),
    protocol: jsonrpc(),
    stop: AT_ONCE,
  });
  const events = probe.ref.subscribe();
  await probe.ref.tell({ method: "first" });
  await events.next();
  const error = await failureOf(probe.ref.ask({ method: "x" }, { timeout: 50 }));
  assert(error instanceof AskTimeoutError);
  assertEquals(error.dropped, []);
});

for (const kind of ["lsp", "mcp"] as const) {
  Deno.test(`${kind}: a start without a reply to initialize says what came instead`, async () => {
    const error = kind === "mcp"
      ? '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}'
      : "Content-Length: 75\\r\\n\\r\\n" +
        '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Rquest"}}'.slice(0, 75);
    const says = kind === "mcp" ? `echo 'Listening on stdio'; echo '${error}'` : "echo 'Listening on stdio'";
    const options = {
      ...sh(`${says}; echo 'no licence found' >&2; exec cat >/dev/null`),
      backoff: NO_BACKOFF,
      restart: "temporary",
      startWithin: 1_000,
      stop: AT_ONCE,
    } as const;
    await using probe = new Probe((id) => kind === "mcp" ? mcp(id, options) : lsp(id, options));
    await failureOf(probe.system.start());
    const { message } = (await probe.event("start_failed")).cause;
    assertMatch(message, /it was not ready within 1000 ms: no reply to initialize; dropped instead: /);
    assertMatch(message, /Listening on stdio/);
    if (kind === "mcp") assertMatch(message, /an error for no request: -32600 Invalid Request/);
    assertMatch(message, /its last words: no licence found$/);
  });
}

Deno.test("a server that sends every id back as a text is ready, and its progress is told", async () => {
  const progress: unknown[] = [];
  const answers = sh(`
    while read -r got; do
      id=\${got#*'"id":'}; id=\${id%%,*}
      case $got in
        *initialize\\"*) echo '{"jsonrpc":"2.0","id":"'$id'","result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"x","version":"1"}}}' ;;
        *tools*) echo '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"'$id'","progress":1}}'
          echo '{"jsonrpc":"2.0","id":"'$id'","result":{"tools":[]}}' ;;
      esac
    done`);
  await using probe = new Probe((id) => mcp(id, { ...answers, stop: AT_ONCE }));
  await probe.system.start();
  const call = { method: "tools/list", onProgress: (value: unknown) => void progress.push(value) };
  assertEquals(await probe.ref.ask(call), { tools: [] });
  assertEquals(progress, [{ progress: 1 }]);
});

Deno.test("lsp: a server that leaves null results out is asked to exit all the same", async () => {
  const script = `
    take() { read -r n; read -r empty; n=\${n#*: }; got=$(head -c "\${n%?}"); }
    say() { printf 'Content-Length: %d\\r\\n\\r\\n%s' \${#1} "$1"; }
    take; say '{"jsonrpc":"2.0","id":1,"result":{"capabilities":{}}}'; take
    take; say '{"jsonrpc":"2.0","id":2}'; take; case $got in *exit*) exit 0 ;; esac; exit 3`;
  await using probe = new Probe((id) => lsp(id, { ...sh(script) }));
  await probe.system.start();
  await probe.system.stop();
  const { exit } = await probe.event("stopped");
  assertEquals(exit, { reason: "shutdown" });
  assertEquals(probe.all("stop_step").map(({ step }) => step), ["drain", "goodbye"]);
});

Deno.test("a sidecar without a handshake says nothing of one when its start takes too long", async () => {
  const probeOf = (id: string) =>
    sidecar(id, {
      ...sh("exec sleep 60"),
      ready: { stdout: "up", within: "1h" },
      startWithin: 100,
      restart: "temporary",
      stop: AT_ONCE,
    });
  await using probe = new Probe(probeOf);
  await failureOf(probe.system.start());
  assertMatch((await probe.event("start_failed")).cause.message, /it was not ready within 100 ms$/);
});
