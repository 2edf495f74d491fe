/** What scripts say, and that fake processes do it, against a real sidecar on virtual time. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type ActorRef,
  sidecar,
  type SidecarOptions,
  supervisor,
  type SystemEvent,
} from "@outrider/outrider";
import type { Command } from "@outrider/outrider/process";
import {
  type FakeProcess,
  fakeProcess,
  FIRST_PID,
  LIVES_KEPT,
  PIPE_BYTES,
  type ProcessScripts,
  simulate,
  type Simulation,
} from "@outrider/outrider/testing";
import { failureOf, stateOf } from "../support/probes.ts";

const COMMAND: Command = { program: "x", args: [], cwd: undefined, env: {}, inheritEnv: [] };

interface Played {
  readonly simulation: Simulation;
  readonly ref: ActorRef<unknown, unknown, unknown>;
  readonly process: FakeProcess;
  /** The events of that type. */
  readonly told: <Type extends SystemEvent["type"]>(type: Type) => (SystemEvent & { type: Type })[];
}

async function play(scripts: ProcessScripts, options: Partial<SidecarOptions> = {}): Promise<Played> {
  const spec = sidecar("s", { command: "program", protocol: "lines", ...options });
  const root = supervisor("root", [spec], { intensity: { restarts: 100, within: 1_000 } });
  const simulation = await simulate(root, { processes: { s: scripts } });
  return {
    simulation,
    ref: simulation.ref("s"),
    process: simulation.process("s"),
    told: <Type extends SystemEvent["type"]>(type: Type) =>
      simulation.events.filter((event): event is SystemEvent & { type: Type } => event.type === type),
  };
}

/** How it ended, life by life. */
const endings = ({ process }: Played) => process.lives.map(({ ending }) => ending);

Deno.test("reply: knows the life and the number of the message", async () => {
  const played = await play({
    protocol: "lines",
    reply: (line, { life, message }) => `${line} ${life}.${message}`,
    dies: { onMessage: 3, with: 7 },
  });
  const { simulation, ref } = played;
  assertEquals(await simulation.settled(ref.ask("a")), "a 1.1");
  assertEquals(await simulation.settled(ref.ask("b")), "b 1.2");
  assertStringIncludes((await failureOf(simulation.settled(ref.ask("c")))).message, "exited with code 7");
  assertEquals(await simulation.settled(ref.ask("d")), "d 2.1");
  assertEquals(played.process.lives.map(({ received }) => received), [["a", "b", "c"], ["d"]]);
  await simulation.stop();
});

Deno.test("exit codes in sequence: each life has its own, the last holds on", async () => {
  const played = await play([
    { dies: { after: 10, with: 3 } },
    { dies: { after: 10, with: "SIGKILL" } },
    { dies: { after: 10 } },
    {},
  ]);
  await played.simulation.advance(60_000);
  assertEquals(endings(played), [3, "SIGKILL", 1, undefined]);
  const [first, second] = played.told("exited").map(({ exit }) =>
    exit.reason === "crash" && exit.cause.message
  );
  assertStringIncludes(String(first), "exited with code 3");
  assertStringIncludes(String(second), "was ended by SIGKILL");
  await played.simulation.stop();
  assertEquals(endings(played).at(-1), 0);
});

Deno.test("hangs: asks time out, and only SIGKILL is left where SIGTERM is ignored", async () => {
  const played = await play({ hangs: { onMessage: 1 }, signals: { SIGTERM: "ignore" } });
  const failure = await failureOf(played.simulation.settled(played.ref.ask("x", { timeout: 1_000 })));
  assertEquals(failure.name, "TimeoutError");
  const began = played.simulation.clock.now();
  await played.simulation.stop();
  assertEquals(played.told("stop_step").map(({ step }) => step), [
    "drain",
    "close_stdin",
    "SIGTERM",
    "SIGKILL",
  ]);
  assertEquals(played.process.life.signals, ["SIGTERM", "SIGKILL"]);
  assertEquals(played.simulation.clock.now() - began, 7_000); // nobody waits any more: 2 s for stdin, 5 s for SIGTERM
});

Deno.test("signals: one may take its time and end it in its own way", async () => {
  const played = await play({ onEof: "ignore", signals: { SIGTERM: { after: 900, with: 0 } } });
  await played.simulation.stop();
  assertEquals([endings(played), played.simulation.clock.now()], [[0], 2_900]);
  const [stopped] = played.told("stopped").filter(({ path }) => path === "s");
  assertEquals(stopped?.exit.reason, "shutdown");
});

Deno.test("takes: replies come one after the other; a full pipe makes the senders wait", async () => {
  const played = await play({ takes: 100, protocol: "lines", reply: (line) => line.slice(0, 1) }, {
    mailbox: { capacity: 1 },
  });
  const { simulation, ref } = played;
  const asks = ["a", "b"].map((line) => ref.ask(line));
  await simulation.advance(100);
  assertEquals(await Promise.all(asks.map(stateOf)), ["fulfilled", "pending"]);
  await simulation.advance(100);
  assertEquals(await Promise.all(asks), ["a", "b"]);
  const big = "x".repeat(PIPE_BYTES);
  const told = Array.from({ length: 6 }, () => ref.tell(big));
  await simulation.advance(0);
  assertEquals(await stateOf(told.at(-1)), "pending");
  await simulation.advance(600);
  assertEquals(await stateOf(told.at(-1)), "fulfilled");
  assertEquals(played.process.life.received.length, 8);
  await simulation.stop();
});

Deno.test("closesStdin: later messages are refused while the process lives on", async () => {
  const played = await play({ closesStdin: { after: 50 }, onEof: "ignore" });
  await played.simulation.advance(50);
  const lost = await failureOf(played.simulation.settled(played.ref.ask("x"))); // it was on its way
  const failure = await failureOf(played.simulation.settled(played.ref.ask("y")));
  assertEquals([lost.name, failure.name, played.process.life.isAlive], [
    "TimeoutError",
    "PipeClosedError",
    true,
  ]);
  await played.simulation.stop();
});

Deno.test("closesStdout: asks are refused while the process lives on, and tells arrive", async () => {
  const played = await play({ protocol: "lines", reply: (line) => line, closesStdout: { onMessage: 2 } });
  assertEquals(await played.simulation.settled(played.ref.ask("x")), "x");
  const failure = await failureOf(played.simulation.settled(played.ref.ask("y")));
  assertEquals([failure.name, played.process.life.isAlive], ["SidecarMuteError", true]);
  await played.ref.tell("z");
  await played.simulation.advance(0);
  assertEquals(played.process.life.received, ["x", "y", "z"]);
  await played.simulation.stop();
});

Deno.test("says: a late ready line, junk, half a line, last words", async () => {
  const played = await play({
    protocol: "ndjson",
    says: [
      { after: 3_000, stdout: "ready" },
      { after: 4_000, raw: "\u0000{{\n[1" },
      { after: 5_000, raw: ",2]\n" },
      { onMessage: 1, stderr: "out of memory" },
    ],
    dies: { onMessage: 1, with: 137 },
  }, { protocol: "ndjson", ready: { stdout: "^ready$" } });
  const { simulation, ref } = played;
  assertEquals(simulation.clock.now(), 3_000);
  const items = ref.subscribe();
  await simulation.advance(2_000);
  assertEquals((await items.next()).value, [1, 2]);
  assertEquals(played.told("malformed").map(({ kind }) => kind), ["not_json"]);
  assertStringIncludes((await failureOf(simulation.settled(ref.ask({})))).message, "out of memory");
  await items.return();
  await simulation.stop();
});

Deno.test("never ready, leavesPipesOpen, cannotStart: each is the failure that it would be", async () => {
  const late = await failureOf(
    play({ says: [{ after: 20_000, stdout: "ready" }] }, { ready: { stdout: "ready" } }),
  );
  assertStringIncludes(late.message, "it did not get ready within 10000 ms");
  const held = await play([{ leavesPipesOpen: true, dies: { after: 10 } }, {}]);
  await held.simulation.advance(10_000);
  assertEquals(held.told("pipes_held").map(({ waited }) => waited), [2_000]);
  await held.simulation.stop();
  const refused = await failureOf(play({ cannotStart: new Error("no such luck") }));
  assertStringIncludes(refused.message, "Cannot start 's': no such luck");
});

Deno.test("bytes, by hand, and without a simulation: on the machine's clock", async () => {
  const fake = fakeProcess({ protocol: "bytes", reply: (bytes) => bytes.toReversed() });
  assertThrows(() => fake.life, Error, "never started");
  const lines: string[] = [];
  const child = fake.spawn(COMMAND, {
    onStderr: (line) => lines.push(line),
  });
  const chunks: number[] = [];
  const reading = child.readStdout((chunk) => void chunks.push(...chunk));
  child.write(Uint8Array.of(1, 2, 3));
  await stateOf(Promise.resolve());
  fake.life.printError("bye");
  fake.life.die("SIGSEGV");
  fake.life.die(0); // the first end counts
  const closed = await child.closed;
  await reading;
  assertEquals([chunks, lines, closed], [[3, 2, 1], ["bye"], {
    status: { code: 139, signal: "SIGSEGV" },
    pipesHeld: false,
  }]);
  assertEquals([child.signal("SIGTERM"), child.pid >= FIRST_PID], [false, true]);
});

Deno.test("lives: only the last are kept", () => {
  const fake = fakeProcess({});
  for (let n = 0; n < LIVES_KEPT + 5; n++) {
    fake.spawn(COMMAND);
    fake.life.die(0);
  }
  assertEquals([fake.starts, fake.lives.length, fake.lives[0]?.life], [LIVES_KEPT + 5, LIVES_KEPT, 6]);
});
