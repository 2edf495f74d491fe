/** Both pipes full at once, and floods on stderr: nothing waits for what waits for it. */
import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { Probe, sh, take } from "../health/probe.ts";

const MEGABYTE = 1_000_000;

for (
  const [protocol, message] of [["lines", "x".repeat(MEGABYTE)], ["ndjson", {
    x: "x".repeat(MEGABYTE),
  }]] as const
) {
  Deno.test(`${protocol}: 16 asks of 1 MB at once go through cat and come back`, async () => {
    await using probe = await Probe.start({ command: "cat", protocol });
    const answers = await Promise.all(Array.from({ length: 16 }, () => probe.ref.ask(message)));
    for (const answer of answers) {
      assertEquals((typeof answer === "string" ? answer : answer.x).length, MEGABYTE);
    }
  });
}

Deno.test("bytes: 16 MB go through cat and come back to a subscriber", async () => {
  await using probe = await Probe.start({ command: "cat", protocol: "bytes" });
  const output = probe.ref.subscribe();
  const telling = (async () => {
    for (let n = 0; n < 16; n++) await probe.ref.tell(new Uint8Array(MEGABYTE).fill(n));
  })();
  let [got, sum] = [0, 0];
  for await (const chunk of output) {
    sum += chunk[0] + chunk.at(-1);
    got += chunk.length;
    if (got === 16 * MEGABYTE) break;
  }
  await telling;
  assertGreater(sum, 0);
});

Deno.test("a program that writes all before it reads gets all that was sent meanwhile", async () => {
  await using probe = await Probe.start({
    ...sh("read -r go; seq 1 200000; exec cat"),
    protocol: "lines",
    pairing: "none",
  });
  const output = probe.ref.subscribe();
  await probe.ref.tell("go");
  const told: (void | Promise<void>)[] = [];
  for (let n = 0; n < 8; n++) told.push(probe.ref.tell("x".repeat(MEGABYTE)));
  await take(output, 200_000);
  assertEquals((await take(output, 8)).map((line) => line.length), Array(8).fill(MEGABYTE));
  await Promise.all(told);
});

Deno.test("a flood on stderr blocks no reply, and is remembered by its last lines", async () => {
  await using probe = await Probe.start({
    ...sh(
      `line=$(printf '%0500d' 0); yes "$line" >&2 & while read -r x; do echo "$x"; done; kill $!; wait; exit 3`,
    ),
    protocol: "lines",
    restart: "temporary",
  });
  for (let n = 0; n < 200; n++) assertEquals(await probe.ref.ask(String(n)), String(n));
  await probe.system.stop();
  const lines = probe.all("output");
  assertGreater(lines.length, 0);
  assert(lines.every(({ line }) => line.length <= 500));
});

Deno.test("30 MB on stderr do not keep a program from its work", async () => {
  await using probe = await Probe.start({
    ...sh(`yes "$(printf '%0900d' 0)" | head -c 30000000 >&2; exec cat`),
    protocol: "lines",
  });
  assertEquals(await probe.ref.ask("done", { timeout: 60_000 }), "done");
});

for (const [protocol, maxInFlight] of [["ndjson", 3], ["ndjson", 1], ["in-order", 4]] as const) {
  Deno.test(`no more than ${maxInFlight} requests are with the program at a time, ${protocol}`, async () => {
    await using probe = await Probe.start({
      command: Deno.execPath(),
      args: [
        "run",
        "--no-prompt",
        "--quiet",
        new URL("../../fixtures/counts_in_flight.ts", import.meta.url).pathname,
      ],
      protocol: "ndjson",
      ...(protocol === "in-order" ? { pairing: "in-order" } : {}),
      maxInFlight,
    });
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => probe.ref.ask({ n })));
    assertEquals(answers.map(({ n }) => n), Array.from({ length: 40 }, (_, n) => n));
    for (const { most } of answers) assertLessOrEqual(most, maxInFlight);
    assertEquals(answers.at(-1).most, maxInFlight); // and as many are
  });
}

Deno.test("requests that were given up are with the program, until it answers in order", async () => {
  const program = sh('read -r x; sleep 0.1; echo "$x"; exec cat');
  await using probe = await Probe.start({ ...program, protocol: "lines", maxInFlight: 1 });
  const slow = probe.ref.ask("slow", { timeout: 20 }).catch(() => "given up");
  const next = probe.ref.ask("next");
  assertEquals([await slow, await next], ["given up", "next"]);
  const late = await probe.event("dead_letter");
  assertEquals([late.reason, late.message, probe.ref.deadLetters], ["late_reply", "slow", 1]);
});
