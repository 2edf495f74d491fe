/** Sidecars that ask for more than the runtime can answer in one go; with real processes. */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { jsonrpc, type SidecarOptions } from "@outrider/outrider";
import { type JsonRpcHandler, SidecarDeafError } from "@outrider/outrider/protocol";
import { eventLoop } from "../../../src/time/next_turn.ts";
import { AT_ONCE, Probe, sh } from "../health/probe.ts";

const MEGABYTE = "x".repeat(1_000_000);

function asking(script: string, big: JsonRpcHandler): SidecarOptions {
  const protocol = jsonrpc({ handlers: { big } });
  return { ...sh(script), protocol, stop: AT_ONCE, restart: "temporary" };
}

/** Shell that writes `count` requests as one piece. */
function requests(count: number, { batch = false } = {}): string {
  const one = '{"jsonrpc":"2.0","id":%d,"method":"big"}';
  const numbers = `$(seq ${count})`;
  return batch
    ? `printf '['; printf '${one},' ${numbers}; printf '${one}]\\n' 0`
    : `printf '${one}\\n' ${numbers}`;
}

const FLOOD = `while :; do ${requests(500)}; done`;

async function deafAfter(script: string, big: JsonRpcHandler): Promise<number> {
  let calls = 0;
  const counted: JsonRpcHandler = (request) => {
    calls++;
    return big(request);
  };
  await using probe = await Probe.start(asking(script, counted));
  const { exit } = await probe.event("exited");
  assert(exit.reason === "crash");
  assertInstanceOf(exit.cause, SidecarDeafError);
  return calls;
}

Deno.test("a sidecar that never reads gets no more handled than it may leave unread", async () => {
  const calls = await deafAfter(FLOOD, () => MEGABYTE);
  assert(calls <= 10, `${calls} requests were handled`);
});

Deno.test("of a sidecar that never reads, no more results become JSON than it may leave unread", async () => {
  let made = 0;
  const result = {
    toJSON() {
      made++;
      return MEGABYTE;
    },
  };
  await deafAfter(FLOOD, () => Promise.resolve(result));
  assert(made <= 10, `${made} results became JSON`);
});

Deno.test("a batch that asks for more than may be left unread ends its sidecar", async () => {
  const calls = await deafAfter(`${requests(200, { batch: true })}; exec sleep 1000`, () => MEGABYTE);
  assert(calls <= 10, `${calls} requests were handled`);
});

Deno.test("the event loop has its turn between requests when their handlers are slow", async () => {
  const turns: number[] = [];
  let turn = 0;
  let isOver = false;
  const count = () => {
    turn++;
    if (!isOver) eventLoop.setImmediate(count);
  };
  const slow = () => {
    turns.push(turn);
    for (const end = performance.now() + 5; performance.now() < end;);
    return null;
  };
  const script = `${
    requests(100)
  }; head -n 100 >/dev/null; echo '{"jsonrpc":"2.0","method":"done"}'; exec cat`;
  await using probe = new Probe(asking(script, slow));
  const output = probe.ref.subscribe();
  count();
  await probe.system.start();
  await output.next();
  isOver = true;
  assertEquals(turns.length, 100);
  assert(new Set(turns).size >= 50, `100 slow requests in ${new Set(turns).size} turns`);
});

Deno.test("a sidecar that reads late gets every answer, although all of them are more than may be left unread", async () => {
  const script = `${
    requests(40)
  }; head -n 40 | wc -c >&2; echo '{"jsonrpc":"2.0","method":"done"}'; exec cat`;
  await using probe = new Probe(asking(script, () => MEGABYTE.slice(0, 500_000)));
  const output = probe.ref.subscribe();
  await probe.system.start();
  assertEquals((await output.next()).value, { jsonrpc: "2.0", method: "done" });
});
