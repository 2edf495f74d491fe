/** Replies paired by a mark: each request of a real interpreter is answered right, or fails, and never with another's reply. */
import { assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import {
  AskTimeoutError,
  NO_BACKOFF,
  OptionError,
  sidecar,
  SidecarProtocolError,
  SidecarSchemaError,
} from "@outrider/outrider";
import { untilMark } from "@outrider/outrider/protocol";
import { z } from "zod";
import { sidecarOf } from "../../../actors/sidecar_entry.ts";
import { findProgram } from "../../../src/permissions/find_program.ts";
import { sidecar as entryOf } from "../../manifest/probe.ts";
import { AT_ONCE, Probe, sh } from "../health/probe.ts";

const SHELL = {
  ...sh("exec sh 2>&1"),
  protocol: "lines",
  pairing: { mark: "echo {mark}" },
  stop: AT_ONCE,
} as const;

/** What a request is answered with: a text, what the text contains, or nothing that can be told from the next reply. */
type Answer = string | RegExp | "LOST";

const INTERPRETERS: Readonly<Record<string, { script: string; mark: string; asks: [string, Answer][] }>> = {
  bc: {
    script: "exec bc -q 2>&1",
    mark: 'print "{mark}\\n"',
    asks: [["1+1", "2"], ["1/0", /Divide by zero/], ["2+3", "5"], ["(", /syntax error/], ["x=1", ""], [
      "4+4",
      "8",
    ]],
  },
  python3: {
    script: `exec python3 -u -i -q -c 'import sys; sys.ps1 = sys.ps2 = ""' 2>&1`,
    mark: 'print("{mark}")',
    asks: [
      ["1+1", "2"],
      ["1/0", /ZeroDivisionError/],
      ["print('a\\nb')", "a\nb"],
      ["x = 1", ""],
      // A block takes the line with the mark for its own.
      ["if True:", "LOST"],
      ["2+3", "LOST"],
      ["4+4", "8"],
    ],
  },
  sqlite3: {
    script: "exec sqlite3 2>&1",
    mark: ".print {mark}",
    asks: [
      ["select 1;", "1"],
      ["select x;", /no such column/],
      ["select 2; select 3;", "2\n3"],
      // A statement without an end, too.
      ["select 4", "LOST"],
      ["select 5;", "LOST"],
      ["select 6;", "6"],
    ],
  },
};

for (const [name, { script, mark, asks }] of Object.entries(INTERPRETERS)) {
  const ignore = findProgram(name, { cwd: "/", path: Deno.env.get("PATH") }).state !== "found";
  Deno.test({
    name: `${name} answers each request right or not at all when some fail${
      ignore ? ` (skipped: needs ${name})` : ""
    }`,
    ignore,
    fn: async () => {
      const protocol = { type: "lines", pairing: { mark } };
      const entry = entryOf({ ...sh(script), protocol, stop: { drain: 0, stdin: 0, term: 0 } });
      await using probe = await Probe.start((id) => sidecarOf(id, entry));
      const ask = (text: string) =>
        probe.ref.ask(text, { timeout: 60_000 }).catch((error: Error) => error) as Promise<string | Error>;
      const answers = await Promise.all(asks.map(([text]) => ask(text)));
      for (const [at, [text, expected]] of asks.entries()) {
        const answer = answers[at]!;
        if (expected === "LOST") assertInstanceOf(answer, SidecarProtocolError);
        else if (expected instanceof RegExp) assertEquals([text, expected.test(`${answer}`)], [text, true]);
        else assertEquals([text, answer], [text, expected]);
      }
    },
  });
}

Deno.test("a marked text that comes too late is taken for no other reply", async () => {
  await using probe = await Probe.start(SHELL);
  const late = await probe.ref.ask("sleep 0.1; echo late", { timeout: 10 }).catch((error: Error) => error);
  assertInstanceOf(late, AskTimeoutError);
  assertEquals(await probe.ref.ask("printf 'a\\nb'"), "a\nb");
});

Deno.test("what is told is in no reply when it prints something", async () => {
  for (const options of [SHELL, { ...SHELL, pairing: undefined, until: untilMark("echo {mark}") }]) {
    await using probe = await Probe.start(options);
    const printed = probe.ref.subscribe();
    void probe.ref.tell("echo told; printf more");
    const answer = await probe.ref.ask("echo asked");
    const text = typeof answer === "string" ? answer : (await Array.fromAsync(answer)).join("\n");
    const told = [(await printed.next()).value, (await printed.next()).value];
    assertEquals([text, told], ["asked", ["told", "more"]]);
  }
});

Deno.test("a marked text fails alone when it is over the cap or not what the schema says", async () => {
  await using probe = await Probe.start({
    ...SHELL,
    backoff: NO_BACKOFF,
    maxFrame: 100,
    schemas: { reply: z.string().regex(/^\w+$/) },
  });
  const ask = (text: string) => probe.ref.ask(text).catch((error: Error) => error);
  const [long, wrong, right] = await Promise.all([ask("seq 100"), ask("echo a b"), ask("echo c")]);
  assertInstanceOf(long, SidecarProtocolError);
  assertEquals(long.fault.kind, "over_cap");
  assertStringIncludes(long.message, "more than the 100 of its maxFrame");
  assertInstanceOf(wrong, SidecarSchemaError);
  assertEquals(right, "c");
  assertEquals(probe.all("dead_letter"), []); // each failed once
});

Deno.test("a pairing by mark is refused when there is an until, no place, or no lines", () => {
  const refused = (more: object, message: string) =>
    assertThrows(() => sidecar("a", { ...SHELL, ...more } as never), OptionError, message);
  refused({ until: untilMark("echo {mark}") }, `leave "until" out`);
  refused({ protocol: "ndjson" }, `it needs "lines"`);
  refused({ pairing: { mark: "echo" } }, "must have {mark} in it");
});
