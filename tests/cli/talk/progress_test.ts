/** How far a pipe has come: the line, and where it is shown. */
import { assertEquals, assertMatch } from "@std/assert";
import { progressLine } from "../../../src/cli/talk/progress.ts";
import { Folder } from "../outrider.ts";
import { inShell } from "./talking.ts";

const none = { answered: 0, failed: 0, bytes: 0 };

Deno.test("the progress line has the answered, written and failed counts, and the rate since the last one", () => {
  const span = { since: none, ms: 2_000, noun: "line" };
  assertEquals(progressLine({ answered: 1, failed: 0, bytes: 1 }, span), "1 line, 1 B, 1 lines/s");
  assertEquals(
    progressLine({ answered: 1_234_567, failed: 1_000, bytes: 1_500 }, span),
    "1,234,567 lines, 1.5 kB, 1,000 failed, 617,284 lines/s",
  );
  const since = { answered: 1_234_000, failed: 0, bytes: 0 };
  assertEquals(
    progressLine({ answered: 1_234_567, failed: 0, bytes: 999_600 }, { since, ms: 500, noun: "frame" }),
    "1,234,567 frames, 1 MB, 1,134 frames/s",
  );
  assertEquals(
    progressLine({ failed: 0, bytes: 3_254_000 }, { ...span, since: { failed: 0, bytes: 0 } }),
    "3.25 MB, 1.63 MB/s",
  );
  assertEquals(progressLine(none, { since: none, ms: 0, noun: "line" }), "0 lines, 0 B, 0 lines/s");
});

const onTerminal = `script -qec "$(printf "'%s' " "$@") < in > out" /dev/null`;

for (const protocol of ["lines", "bytes"]) {
  Deno.test(`progress is shown on a terminal when the output goes elsewhere, for ${protocol}`, {
    ignore: Deno.build.os !== "linux",
  }, async () => {
    await using folder = new Folder();
    const file = folder.manifest([{ id: "a", command: "sh", args: ["-c", "cat; sleep 0.1"], protocol }]);
    await Deno.writeTextFile(`${folder.path}/in`, "x\n".repeat(2_000));
    const { code, stdout } = await inShell(`cd '${folder.path}' && ${onTerminal}`, ["pipe", file, "a"]);
    assertEquals(code, 0);
    const last = stdout.split("\r").map((line) => line.replace("\x1b[K", "")).filter((line) =>
      line.trim() !== ""
    ).at(-1);
    assertMatch(
      last!,
      protocol === "lines" ? /^2,000 lines, 4 kB, [\d,]+ lines\/s$/ : /^4 kB, [\d.]+ k?B\/s$/,
    );
    assertEquals((await Deno.stat(`${folder.path}/out`)).size, 4_000);
  });
}

Deno.test(
  "progress makes way for the report of a failed line",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    await using folder = new Folder();
    const file = folder.manifest([{
      id: "a",
      command: "sh",
      args: ["-c", "sleep 0.8; cat"],
      protocol: "ndjson",
    }]);
    await Deno.writeTextFile(`${folder.path}/in`, `{"a":1}\nx\n`);
    const { code, stdout } = await inShell(`cd '${folder.path}' && ${onTerminal}`, ["pipe", file, "a"]);
    assertEquals(code, 1);
    const shown = stdout.replaceAll("\x1b[K", "|").replaceAll("\r", "");
    assertMatch(shown, /\|0 lines, 0 B, 0 lines\/s\|line 2: it is not valid JSON: [^\n]*\n/);
    assertMatch(shown, /\|1 line, 15 B, 1 failed, \d+ lines\/s\n$/);
  },
);
