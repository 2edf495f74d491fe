/** What a server makes of its clients: those who ask, and those who do as they should not. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  CLIENT_IDLE_MS,
  MAX_CLIENTS,
  MAX_PENDING,
  MAX_REQUEST_BYTES,
  REPLY_WITHIN_MS,
} from "../../src/control/protocol.ts";
import { fake } from "../support/probes.ts";
import { type Peer, Runtime, until } from "./probe.ts";

const children = (n: number) =>
  [...Array(n).keys()].map((i) => fake(`child-with-a-name-of-some-length-${i}`, []).spec);

/** That `peer` is served. */
async function isServed(peer: Peer): Promise<void> {
  await peer.ask({ id: "alive", method: "status" });
  assertEquals((await peer.next())?.id, "alive");
}

Deno.test("requests are answered by their id, in one piece, in many or in one half of a connection", async () => {
  await using runtime = await Runtime.start([fake("a", []).spec]);
  const peer = await runtime.peer();
  await peer.ask({ id: 1, method: "status" }, { id: "two", method: "status" });
  assertEquals([(await peer.next())?.id, (await peer.next())?.id], [1, "two"]);
  await peer.send(`{"id": 3, "meth`);
  await isServed(await runtime.peer());
  await peer.send(`od": "status"}\n{"id": 4, "method": "status"}`);
  assertEquals((await peer.next())?.id, 3);
  await peer.half();
  assertEquals((await peer.next())?.id, 4);
  assertEquals(await peer.next(), undefined);
});

Deno.test("the server refuses garbage line by line, and answers later requests", async () => {
  await using runtime = await Runtime.start([fake("a", []).spec]);
  const peer = await runtime.peer();
  const wrong: [line: string, id: unknown, says: RegExp][] = [
    ["GET / HTTP/1.1", null, /not one JSON object/],
    ["", null, /not one JSON object/],
    ["[]", null, /Cannot take/],
    ["null", null, /Cannot take/],
    [`{"method":"status"}`, null, /id/],
    [`{"id":1}`, 1, /method/],
    [`{"id":1,"method":"exec"}`, 1, /method/],
    [`{"id":1,"method":"restart"}`, 1, /child/],
    [`{"id":1,"method":"restart","child":["a"]}`, 1, /child/],
    [`{"id":1,"method":"stop","chidl":"a"}`, 1, /chidl/],
    [`{"id":{},"method":"status"}`, null, /id/],
  ];
  for (const [line, id, says] of wrong) {
    await peer.send(`${line}\n`);
    const told = await peer.next();
    assertEquals([told?.id, told?.error?.code], [id, "bad_request"], line);
    assertMatch(told!.error!.message, says);
  }
  await peer.send(new Uint8Array([0xff, 0x00, 0xc3, 0x28, 0x0a]));
  assertEquals((await peer.next())?.error?.code, "bad_request");
  await isServed(peer);
});

Deno.test("the server reports and closes an endless line after earlier requests, without effect on others", async () => {
  await using runtime = await Runtime.start([fake("a", []).spec]);
  const [peer, other] = [await runtime.peer(), await runtime.peer()];
  await peer.ask({ id: 1, method: "status" });
  // It may be closed while this is still being written.
  await peer.send("x".repeat(MAX_REQUEST_BYTES + 1)).catch(() => {});
  assertEquals((await peer.next())?.id, 1);
  assertEquals((await peer.next())?.error?.code, "too_long");
  assertEquals(await peer.next(), undefined);
  await isServed(other);
});

Deno.test("the server closes a client that does not read, after one reply, without delay for others", async () => {
  await using runtime = await Runtime.start(children(5_000));
  const peer = await runtime.peer();
  await peer.ask(...Array(50).fill({ id: 1, method: "status" }));
  // Its first reply does not fit into the pipe between them: a write waits, with a deadline beside the idle one.
  await until(() => runtime.serverClock.pending === 2);
  const other = await runtime.peer();
  await isServed(other);
  await runtime.serverClock.advance(REPLY_WITHIN_MS);
  let replies = 0;
  const bytes = await (async () => {
    try {
      while (await peer.next() !== undefined) replies++;
    } catch {
      return "broken";
    }
  })();
  assertEquals([replies <= 1, bytes], [true, undefined]);
  await isServed(other);
});

Deno.test("a client that says nothing is closed; one that waits for an answer is not", async () => {
  const slow = fake("slow", [], { outcomes: ["ok", "never"] });
  await using runtime = await Runtime.start([slow.spec]);
  const [idle, waiting] = [await runtime.peer(), await runtime.peer()];
  await idle.send(`{"id": 1,`);
  await waiting.ask({ id: 1, method: "restart", child: "slow" });
  await until(() => slow.lives.length === 2 && runtime.serverClock.pending === 2);
  await runtime.serverClock.advance(CLIENT_IDLE_MS);
  assertEquals(await idle.next(), undefined);
  slow.life.ready();
  assertEquals((await waiting.next())?.result.generation, 2);
  await runtime.serverClock.advance(CLIENT_IDLE_MS * 2);
  assertEquals(await waiting.next(), undefined);
});

Deno.test("the server refuses one connection too many with busy, until another has left", async () => {
  await using runtime = await Runtime.start([fake("a", []).spec]);
  const peers: Peer[] = [];
  for (let i = 0; i < MAX_CLIENTS; i++) {
    peers.push(await runtime.peer());
    await isServed(peers[i]!);
  }
  const more = await runtime.peer();
  assertEquals((await more.next())?.error?.code, "busy");
  assertEquals(await more.next(), undefined);
  peers[0]!.close();
  await until(() => runtime.serverClock.pending === MAX_CLIENTS - 1);
  await isServed(await runtime.peer());
  await isServed(peers[1]!);
});

Deno.test("the server carries a request out when its client has gone meanwhile", async () => {
  const slow = fake("slow", [], { outcomes: ["ok", "never"] });
  await using runtime = await Runtime.start([slow.spec]);
  const peer = await runtime.peer();
  await peer.ask({ id: 1, method: "restart", child: "slow" });
  await until(() => slow.lives.length === 2);
  peer.close();
  slow.life.ready();
  await until(() => runtime.system.status()[0]?.state === "running");
  await isServed(await runtime.peer());
});

Deno.test("requests that wait are counted over all clients; one too many is refused, a status is not", async () => {
  const stuck = fake("stuck", [], { hangs: true, shutdown: "infinity" });
  await using runtime = await Runtime.start([stuck.spec]);
  const [first, second] = [await runtime.peer(), await runtime.peer()];
  const terminate = (id: number) => ({ id, method: "terminate", child: "stuck" });
  await first.ask(...[...Array(MAX_PENDING).keys()].map(terminate));
  // Read in order: when this is answered, those before it are under way.
  await isServed(first);
  await second.ask(terminate(-1));
  const told = await second.next();
  assertEquals([told?.id, told?.error?.code], [-1, "busy"]);
  await isServed(second);
  stuck.life.end({ reason: "shutdown" });
  for (let i = 0; i < MAX_PENDING; i++) assertEquals((await first.next())?.result.state, "stopped");
  await second.ask(terminate(-2));
  assertEquals((await second.next())?.result.state, "stopped");
});

Deno.test("stop is answered when the tree has ended, and closing waits for that answer", async () => {
  const journal: string[] = [];
  await using runtime = await Runtime.start([fake("a", journal).spec, fake("b", journal).spec]);
  const [peer, idle] = [await runtime.peer(), await runtime.peer()];
  await isServed(idle);
  await peer.ask({ id: 1, method: "stop" });
  await runtime.system.ended;
  await runtime.server.close();
  assertEquals(journal, ["start a", "start b", "stop b", "stop a"]);
  assertEquals(await peer.next(), { id: 1, result: null });
  assertEquals([await peer.next(), await idle.next()], [undefined, undefined]);
  assert(await Deno.stat(runtime.path).then(() => false, () => true));
});
