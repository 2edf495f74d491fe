/** Replies that end at a mark of ours, from real interpreters. */
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { AskTimeoutError, OptionError, sidecar, SidecarProtocolError, System } from "@outrider/outrider";
import { untilMark } from "@outrider/outrider/protocol";
import { factories } from "@outrider/outrider/actors/factories";
import { buildTree, parse } from "@outrider/outrider/manifest";
import { findProgram } from "../../../src/permissions/find_program.ts";
import { AT_ONCE, Probe, sh } from "../health/probe.ts";

const SHELL = { command: "sh", protocol: "lines", until: untilMark("echo {mark}"), stop: AT_ONCE } as const;

async function linesOf(reply: Promise<unknown>): Promise<string[]> {
  return await Array.fromAsync(await reply as AsyncIterable<string>);
}

Deno.test("a reply is all lines until the mark, be they none or many", async () => {
  await using probe = await Probe.start(SHELL);
  const asks = ["printf 'a\\nb\\n'", "true", "echo c", "seq 2000"].map((text) =>
    linesOf(probe.ref.ask(text))
  );
  const [two, none, one, many] = await Promise.all(asks);
  assertEquals([two, none, one, many!.length], [["a", "b"], [], ["c"], 2_000]);
});

Deno.test("a last line without an end is a part of the reply", async () => {
  await using probe = await Probe.start(SHELL);
  assertEquals(await linesOf(probe.ref.ask("printf 'a\\nb'")), ["a", "b"]);
});

Deno.test("a reply to a request that was given up is taken for no other", async () => {
  await using probe = await Probe.start(SHELL);
  for (let n = 0; n < 3; n++) {
    const error = await probe.ref.ask("sleep 0.1; echo late", { timeout: 10 }).catch((error: Error) => error);
    assertInstanceOf(error, AskTimeoutError);
    assertEquals(await linesOf(probe.ref.ask(`echo ${n}`)), [`${n}`]);
  }
});

Deno.test("a reply whose mark is lost costs the next one at most", async () => {
  // A shell that reads line by line; `sh` itself reads ahead.
  const script = 'while IFS= read -r line; do eval "$line"; done';
  await using probe = await Probe.start({ ...SHELL, ...sh(script) });
  const lost = linesOf(probe.ref.ask("read -r swallowed; echo one")).catch((error: Error) => error);
  const next = linesOf(probe.ref.ask("echo two")).catch((error: Error) => error);
  for (const error of await Promise.all([lost, next])) assertInstanceOf(error, SidecarProtocolError);
  assertEquals(await linesOf(probe.ref.ask("echo three")), ["three"]);
});

Deno.test("a program that echoes its input ends no reply by that", async () => {
  const script = 'while IFS= read -r line; do echo "> $line"; eval "$line"; done';
  await using probe = await Probe.start({ ...SHELL, ...sh(script) });
  for (const text of ["echo a", "echo b"]) {
    assertEquals(await linesOf(probe.ref.ask(text)), [`> ${text}`, text.at(-1)!]);
  }
});

Deno.test("pings and the first reply pass through the mark", async () => {
  await using probe = await Probe.start({
    ...SHELL,
    ready: { reply: "true" },
    probes: { liveness: { ping: "true", period: 1, timeout: 5_000 } },
  });
  for (let n = 0; n < 20; n++) assertEquals(await linesOf(probe.ref.ask(`echo ${n}`)), [`${n}`]);
});

const INTERPRETERS = [
  { command: "python3", args: ["-u", "-i", "-q"], mark: 'print("{mark}")' },
  { command: "bc", args: ["-q"], mark: 'print "{mark}\\n"' },
];

for (const { command, args, mark } of INTERPRETERS) {
  const isMissing = findProgram(command, { cwd: "/", path: Deno.env.get("PATH") }).state !== "found";
  Deno.test({
    name: `in a manifest, until has a mark that ${command} prints`,
    ignore: isMissing,
    fn: async () => {
      const child = { id: "a", command, args, protocol: "lines", until: { mark } };
      const manifest = parse(JSON.stringify({ name: "r", children: [child] }), { file: "outrider.json" });
      await using system = new System(buildTree(manifest, factories));
      await system.start();
      const ask = (text: string) => linesOf(system.ref("a").ask(text));
      assertEquals([await ask("1+1"), await ask("1/0"), await ask("2+3")], [["2"], [], ["5"]]);
    },
  });
}

Deno.test("a mark is refused when it has no place, more lines, or a protocol without lines", () => {
  for (const line of ["echo", "echo {mark}\n"]) {
    assertThrows(() => sidecar("a", { ...SHELL, until: untilMark(line) }), OptionError, "mark");
  }
  const options = { ...SHELL, protocol: "ndjson" } as const;
  assertThrows(() => sidecar("a", options), OptionError, `it needs "lines"`);
});
