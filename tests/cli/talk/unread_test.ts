/** `outrider ask` and `pipe` while standard output is a pipe that is held open and not read. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { alive, Diary, Folder } from "../outrider.ts";
import { open } from "./talking.ts";

const LATE_MS = 60_000;

const FLOOD = "while :; do echo FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF; done";
const MANY = { protocol: "lines", until: { end: "." } };
const LONG = `head -c 5000000 /dev/zero | tr '\\0' B; echo; cat > /dev/null`;

const unread: readonly [string, verb: string, script: string, more: Record<string, unknown>, Deno.Signal][] =
  [
    ["a reply of many frames that has no end", "ask", FLOOD, MANY, "SIGINT"],
    ["a reply of one long line", "ask", LONG, { protocol: "lines" }, "SIGTERM"],
    ["a reply of many frames that has no end", "pipe", FLOOD, MANY, "SIGTERM"],
    ["a reply of one long line", "pipe", LONG, { protocol: "lines" }, "SIGINT"],
    ["a stream of bytes", "pipe", FLOOD, { protocol: "bytes" }, "SIGINT"],
    [
      "the output of a sidecar that has ended",
      "pipe",
      "head -c 200000 /dev/zero",
      { protocol: "bytes" },
      "SIGTERM",
    ],
  ];

// Each gives the reader 2 s: they wait for that side by side.
Deno.test("ask and pipe end on SIGINT and SIGTERM when nothing reads what they print", async () => {
  await Promise.all(unread.map(async ([what, verb, script, more, signal]) => {
    await using folder = new Folder();
    using diary = new Diary(folder);
    const file = folder.manifest([{
      id: "a",
      command: "sh",
      args: ["-c", `echo $$ > '${diary.path}'; read -r line; ${script}`],
      maxFrame: "8MB",
      ...more,
    }]);
    const process = open([verb, file, "a", ...verb === "ask" ? ["x", "--timeout", "60s"] : []]);
    const words = new Response(process.stderr).text();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("x\n"));
    const pid = Number(await diary.next());
    const reader = process.stdout.getReader();
    await reader.read();
    process.kill(signal);
    // Ended by force where it does not end, so that its exit code tells.
    const late = setTimeout(() => process.kill("SIGKILL"), LATE_MS);
    const { code } = await process.status;
    clearTimeout(late);
    await reader.cancel();
    await writer.close().catch(() => {});
    assertEquals([what, verb, code, await alive([pid])], [what, verb, 130, []]);
    assertStringIncludes(await words, "Interrupted: standard output is not read, and its rest is lost");
  }));
});
