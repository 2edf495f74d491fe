/** Streams of a control socket: items by credit, clients that stall, cancel or vanish. */
import { assert, assertEquals } from "@std/assert";
import { ControlClient } from "../../src/control/client.ts";
import { ControlError } from "../../src/control/control_errors.ts";
import { MAX_STREAMS, PROTOCOL_VERSION } from "../../src/control/protocol.ts";
import { actor } from "../../src/supervision/child_spec.ts";
import { failureOf, fake } from "../support/probes.ts";
import { Runtime, until } from "./probe.ts";

/** A tree with a method that counts, and tells how far it has come and how it was left. */
async function counting() {
  const seen = { made: 0, left: 0 };
  const runtime = await Runtime.start([fake("a", []).spec, fake("b", []).spec], {}, {
    count: {
      async *stream(_, { signal }) {
        try {
          while (!signal.aborted) yield ++seen.made;
        } finally {
          seen.left++;
        }
        return "cancelled";
      },
    },
  });
  return { runtime, seen };
}

Deno.test("hello says the version of the protocol and every method", async () => {
  await using runtime = await Runtime.start([fake("a", []).spec]);
  const client = await ControlClient.open(runtime.path);
  const { protocol, name, pid, methods } = await client.request({ method: "hello" });
  assertEquals([protocol, name, pid], [PROTOCOL_VERSION, "tree", Deno.pid]);
  assertEquals(methods, ["hello", "status", "restart", "terminate", "stop", "act", "wait"]);
  client.close();
});

Deno.test("a stream sends as many items as it has credit for, and one is made ahead when the client stalls", async () => {
  const { runtime, seen } = await counting();
  await using _ = runtime;
  const peer = await runtime.peer();
  await peer.ask({ id: 1, method: "count", credit: 2 }, { id: 2, method: "status" });
  const told = [await peer.next(), await peer.next(), await peer.next()];
  assertEquals(told.filter((line) => line?.id === 1).map((line) => line!.item), [1, 2]);
  assertEquals(seen.made, 3);
  await peer.ask({ id: 1, method: "credit", items: 1 });
  assertEquals((await peer.next())?.item, 3);
  await peer.ask({ id: 1, method: "cancel" });
  assertEquals((await peer.next())?.result, null);
  assertEquals(seen.left, 1);
});

Deno.test("a stream ends when its client closes its half, or vanishes", async () => {
  const { runtime, seen } = await counting();
  await using _ = runtime;
  const [half, gone] = [await runtime.peer(), await runtime.peer()];
  for (const peer of [half, gone]) {
    await peer.ask({ id: 1, method: "count", credit: 1 });
    assertEquals((await peer.next())?.id, 1);
  }
  await half.half();
  assertEquals((await half.next())?.result, null);
  assertEquals(await half.next(), undefined);
  gone.close();
  await until(() => seen.left === 2);
});

Deno.test("one stream too many is busy, and a number that is in use is refused", async () => {
  const { runtime } = await counting();
  await using _ = runtime;
  const peer = await runtime.peer();
  await peer.ask(...Array.from({ length: MAX_STREAMS }, (_, id) => ({ id, method: "count" })));
  await peer.ask({ id: 0, method: "count" }, { id: "more", method: "count" });
  const codes = [await peer.next(), await peer.next()].map((line) => line?.error?.code);
  assertEquals(codes, ["bad_request", "busy"]);
});

Deno.test("the client renews the credit of a stream as it is read, and cancels one that is left", async () => {
  const { runtime, seen } = await counting();
  await using _ = runtime;
  const client = await ControlClient.open(runtime.path);
  const items: number[] = [];
  for await (const item of client.stream<number>({ method: "count" }, { credit: 4 })) {
    items.push(item);
    if (items.length === 100) break;
  }
  assertEquals(items, Array.from({ length: 100 }, (_, i) => i + 1));
  await until(() => seen.left === 1);
  client.close();
});

Deno.test("act reports on each child, tells which was as wanted, and does nothing when a pattern names none", async () => {
  const journal: string[] = [];
  await using runtime = await Runtime.start([fake("a", journal).spec, fake("b", journal).spec]);
  const client = await ControlClient.open(runtime.path);
  const act = async (action: string, ...children: string[]) => {
    const reports = [];
    for await (
      const { path, child, already } of client.stream<{
        path: string;
        child: { state: string };
        already?: boolean;
      }>({ method: "act", ...{ action, children } })
    ) reports.push([path, child.state, already ?? false]);
    return reports;
  };
  assertEquals(await act("stop", "all"), [["b", "stopped", false], ["a", "stopped", false]]);
  assertEquals(await act("start", "b", "a"), [["a", "running", false], ["b", "running", false]]);
  assertEquals(await act("start", "a"), [["a", "running", true]]);
  const error = await failureOf(act("stop", "a", "nobody"));
  assert(error instanceof ControlError);
  assertEquals([error.refusal, error.data], ["not_found", { child: "nobody" }]);
  assertEquals(journal.slice(-2), ["start a", "start b"]);
  client.close();
});

Deno.test("hello, status and act are answered at once when the tree has 500 children and another client stalls", async () => {
  const specs = Array.from({ length: 500 }, (_, i) => fake(`child-${i}`, []).spec);
  await using runtime = await Runtime.start(specs, {}, {
    flood: {
      async *stream() {
        for (;;) yield "x".repeat(100_000);
      },
    },
  });
  const stalled = await runtime.peer();
  await stalled.ask({ id: 1, method: "flood", credit: 60_000 });
  const began = performance.now();
  const client = await ControlClient.open(runtime.path, { timeout: "60s" });
  const { methods } = await client.request({ method: "hello" });
  const { children } = await client.request({ method: "status" });
  const reports = await Array.fromAsync(
    client.stream({ method: "act", ...{ action: "restart", children: ["child-499"] } }),
  );
  assertEquals([methods.includes("flood"), children.length, reports.length], [true, 500, 1]);
  // Milliseconds on a machine with nothing else to do; the bound says that it does not wait for the stalled one.
  assert(performance.now() - began < 30_000);
  client.close();
});

Deno.test("a message waits in the mailbox when its actor is stopped, until it is started", async () => {
  const { spec } = fake("a", []);
  const received: unknown[] = [];
  await using runtime = await Runtime.start([
    actor("echo", () => ({ receive: (message: string) => void received.push(message) })),
    spec,
  ]);
  const client = await ControlClient.open(runtime.path);
  const ref = runtime.system.ref("echo");
  const act = async (action: string) => {
    for await (const _ of client.stream({ method: "act", ...{ action, children: ["echo"] } }));
  };
  await act("stop");
  assertEquals(ref.tell("while it was stopped"), undefined);
  await act("start");
  await until(() => received.length === 1);
  assertEquals([received, ref.generation], [["while it was stopped"], 2]);
  client.close();
});
