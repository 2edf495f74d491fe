import { assert, assertEquals, assertInstanceOf, assertLess } from "@std/assert";
import { SidecarExitedError } from "@outrider/outrider";
import { linesToAnyNewline } from "@outrider/outrider/protocol";
import { causeOf } from "../../../src/actor/exit.ts";
import { levelOf } from "../../../src/log.ts";
import { STDERR_PIECE } from "../../../src/process/pipes/stderr.ts";
import { Probe, sh } from "../health/probe.ts";

for (const [stream, to] of [["stdout", ""], ["stderr", " >&2"]] as const) {
  const shown = (probe: Probe) =>
    probe.all("output").filter((event) => event.stream === stream).map(({ line }) => line);

  Deno.test(`${stream} shows the last of many lines when a lone \\r ended them, and what follows`, async () => {
    await using probe = await Probe.start({
      ...sh(
        `(echo start; for i in $(seq 200); do printf "frame=$i\\r"; done; echo No space left)${to}; exit 7`,
      ),
      restart: "temporary",
    });
    const { exit } = await probe.event("exited");
    const lines = shown(probe);
    assertEquals([lines[0], ...lines.slice(-2)], ["start", "frame=200", "No space left"]);
    assertLess(lines.length, 100);
    const cause = causeOf(exit);
    assertInstanceOf(cause, SidecarExitedError);
    if (stream === "stderr") {
      assertEquals(cause.stderrTail.slice(-3), ["frame=199", "frame=200", "No space left"]);
      assertEquals(cause.lastWords, "No space left");
    }
  });

  Deno.test(`${stream} has each line once when lines end with \\r\\n`, async () => {
    await using probe = await Probe.start({
      ...sh(`(printf 'a\\r\\n\\r\\nb\\r'; sleep 0.1; printf '\\nc')${to}`),
      restart: "temporary",
    });
    await probe.event("exited");
    assertEquals(shown(probe), ["a", "", "b", "c"]);
  });

  Deno.test(`${stream} has the level of a line when a priority begins it`, async () => {
    await using probe = await Probe.start({
      ...sh(`printf '<3>disk full\\n<4>hot\\nplain\\n<7>detail\\n<31>no\\n'${to}`),
      restart: "temporary",
    });
    await probe.event("exited");
    assertEquals(
      probe.all("output").map((event) => [event.line, levelOf(event)]),
      [["disk full", "error"], ["hot", "warn"], ["plain", "info"], ["detail", "debug"], ["<31>no", "info"]],
    );
  });
}

Deno.test("a subscriber gets every line as it was written when lines replace one another", async () => {
  await using probe = new Probe({ ...sh("printf '10%%\\r20%%\\r<3>30%%\\n'"), restart: "temporary" });
  const lines = probe.ref.subscribe();
  await probe.system.start();
  assertEquals(await Array.fromAsync(lines), ["10%", "20%", "<3>30%"]);
});

Deno.test("a subscriber gets every line when 10,000 come at once", async () => {
  const script = "seq -f 'line %.0f of a stack of lines, as a build tool prints them all at once' 10000";
  await using probe = new Probe({ ...sh(script), restart: "temporary" });
  const lines = probe.ref.subscribe();
  await probe.system.start();
  const numbers = await Array.fromAsync(lines, (line) => Number(/^line (\d+) of .* at once$/.exec(line)![1]));
  assertEquals(numbers, Array.from({ length: 10_000 }, (_, i) => i + 1));
});

Deno.test("stderr loses nothing of a long line when the error is at its end", async () => {
  const before = 3 * STDERR_PIECE;
  await using probe = await Probe.start({
    ...sh(`(head -c ${before} /dev/zero | tr '\\0' x; echo ' the real error') >&2; exit 1`),
    restart: "temporary",
  });
  const { exit } = await probe.event("exited");
  const events = probe.all("output");
  assertEquals(events.map(({ line }) => line).join(""), "x".repeat(before) + " the real error");
  assertEquals(events.map(({ continues }) => continues), [true, true, true, undefined]);
  const cause = causeOf(exit);
  assert(cause instanceof SidecarExitedError && cause.stderrTail.join("").endsWith("the real error"));
});

Deno.test("a sidecar that speaks lines to any newline publishes each state of a progress bar", async () => {
  await using probe = await Probe.start({
    ...sh("read go; printf '10%%\\r20%%\\r'; read go; printf '\\ndone\\n'"),
    protocol: linesToAnyNewline,
    pairing: "none",
    restart: "temporary",
  });
  const lines = probe.ref.subscribe();
  const got: string[] = [];
  void probe.ref.tell("go");
  for await (const line of lines) {
    got.push(line);
    if (line === "20%") void probe.ref.tell("go");
    if (line === "done") break;
  }
  assertEquals(got, ["10%", "20%", "done"]);
});
