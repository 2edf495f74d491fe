import { assertEquals, assertInstanceOf } from "@std/assert";
import { IncarnationEndedError } from "@outrider/outrider";
import { failureOf } from "../support/probes.ts";
import { fixture, Probe, sh, take } from "./health/probe.ts";

/** One turn of the event loop. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

/** A path at which there is nothing yet. */
async function nothingAt(): Promise<string> {
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  return path;
}

Deno.test("the message that killed a process is replayed when its sender says so", async () => {
  const marker = await nothingAt();
  const script = 'if [ -e "$1" ]; then exec cat; fi; : >"$1"; read -r line; exit 3';
  await using probe = await Probe.start({ ...sh(script, marker), protocol: "lines" });
  const answer = await probe.ref.ask("again", { onDeath: "replay", detailed: true });
  assertEquals(answer, { value: "again", generation: 2 });
  await Deno.remove(marker);
});

Deno.test("a message that every process dies of fails after its attempts", async () => {
  await using probe = await Probe.start({ ...sh("read -r line; exit 3"), protocol: "ndjson" });
  const error = await failureOf(probe.ref.ask({}, { onDeath: "replay", attempts: 2 }));
  assertInstanceOf(error, IncarnationEndedError);
  assertEquals([error.generation, error.attempts], [2, 2]);
});

Deno.test("pending and unsent messages of a broken pipe go to the next process in order", async () => {
  const marker = await nothingAt();
  await using probe = await Probe.start({
    ...fixture("never_reads_once", marker),
    protocol: "ndjson",
    ready: { stderr: "up" },
  });
  const replies: number[] = [];
  const replay = { onDeath: "replay" } as const;
  const ask = (n: number, filler = "") =>
    probe.ref.ask({ n, filler }, replay).then(({ n }) => void replies.push(n));
  const output = probe.ref.subscribe();
  // The first fills the pipe, the second is stuck in a write; behind it are those that wait for the next write.
  const asked = [ask(0, "x".repeat(60_000))];
  void probe.ref.tell({ n: 1, filler: "x".repeat(20_000) }, replay);
  for (let n = 2; n < 10; n++) {
    if (n % 2 === 0) asked.push(ask(n));
    else void probe.ref.tell({ n });
  }
  while (probe.ref.queued > 0) await turn();
  Deno.kill(await probe.pid(), "SIGKILL");
  await Promise.all(asked);
  const told = await take(output, 5) as { n: number }[];
  assertEquals([replies, told.map(({ n }) => n), probe.ref.deadLetters], [
    [0, 2, 4, 6, 8],
    [1, 3, 5, 7, 9],
    0,
  ]);
});
