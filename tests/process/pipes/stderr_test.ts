import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { LOGGED_TAIL_LINES } from "../../../src/process/pipes/line_tail.ts";
import { STDERR_PIECE, StderrPump } from "../../../src/process/pipes/stderr.ts";

async function pump(chunks: (string | Uint8Array)[], onLine?: (line: string) => void): Promise<StderrPump> {
  const bytes = chunks.map((chunk) => typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);
  const stderr = new StderrPump(ReadableStream.from(bytes), onLine === undefined ? {} : { onLine });
  await stderr.ended;
  return stderr;
}

const many = Array.from({ length: 3 * LOGGED_TAIL_LINES }, (_, i) => `line ${i}`);

Deno.test("stderr keeps the last lines when they arrive in any pieces, with or without a listener", async () => {
  const text = "é first\r\n\n" + many.join("\n") + "\nunfinished é";
  const expected = [...many, "unfinished é"].slice(-LOGGED_TAIL_LINES);
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const parts = [bytes.slice(0, cut), bytes.slice(cut)];
    assertEquals((await pump(parts)).tail, expected);
    const heard: string[] = [];
    assertEquals((await pump(parts, (line) => heard.push(line))).tail, expected);
    assertEquals(heard, ["é first", "", ...many, "unfinished é"]);
  }
});

Deno.test("stderr keeps empty lines when there are few", async () => {
  assertEquals((await pump(["held", "\nabc\n"])).tail, ["held", "abc"]);
  assertEquals((await pump(["\nabc\n"])).tail, ["", "abc"]);
  assertEquals((await pump(["\n".repeat(LOGGED_TAIL_LINES) + "a\n"])).tail.at(-1), "a");
  assertEquals((await pump([])).tail, []);
  const last = many.slice(-LOGGED_TAIL_LINES);
  assertEquals((await pump(["held", "\n" + last.join("\n") + "\n"])).tail, last);
});

Deno.test("stderr shows a line in pieces and never cuts within a character when it is long", async () => {
  const exact = "x".repeat(STDERR_PIECE);
  assertEquals((await pump([exact + "\n"])).tail, [exact]);
  assertEquals((await pump([exact + "more\nnext\n"])).tail, [exact, "more", "next"]);
  for (const [character, size] of [["é", 2], ["€", 3], ["🦕", 4]] as const) {
    for (let offset = 0; offset < 4; offset++) {
      const first = "x".repeat(offset) + character.repeat(Math.floor((STDERR_PIECE - offset) / size));
      const rest = character.repeat(100);
      assertEquals((await pump([first + rest + "\n"])).tail, [first, rest]);
    }
  }
});

Deno.test("stderr reads on and passes the error on when its listener throws", async () => {
  let calls = 0;
  const stderr = new StderrPump(ReadableStream.from([new TextEncoder().encode("a\nb\n")]), {
    onLine: () => {
      calls++;
      throw new RangeError("listener");
    },
  });
  await assertRejects(() => stderr.ended, RangeError, "listener");
  assertEquals([calls, stderr.tail], [1, ["a", "b"]]);
});

for (const name of ["floods_stderr", "endless_line_on_stderr"]) {
  Deno.test(`stderr stays within its bounds when a child ${name}`, async () => {
    // Memory is that of a whole process, and other tests run in this one.
    const path = (relative: string) => new URL(relative, import.meta.url).pathname;
    const map = `--import-map=${path("../../support/npm/import_map.json")}`;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", map, path("stderr_memory.ts"), name],
    }).output();
    const text = new TextDecoder();
    assertEquals(text.decode(stderr), "");
    const { grown, tail } = JSON.parse(text.decode(stdout)) as { grown: number; tail: string[] };
    assertLess(grown, 40_000_000);
    assert(tail.length <= LOGGED_TAIL_LINES && tail.every((line) => line.length <= STDERR_PIECE));
    assertEquals(
      tail.at(-1),
      name === "floods_stderr" ? "last words" : "x".repeat(20_000_000 % STDERR_PIECE),
    );
  });
}
