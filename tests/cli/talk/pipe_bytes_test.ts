/** `outrider pipe` through a sidecar that does not answer: all is one stream. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { alive, Diary, Folder } from "../outrider.ts";
import { fed, inShell, Lines, open } from "./talking.ts";

const sh = (script: string, more = {}) => ({
  id: "a",
  command: "sh",
  args: ["-c", script],
  protocol: "bytes",
  ...more,
});
const ok = (stdout: string) => ({ code: 0, stdout, stderr: "" });

Deno.test("bytes come out as they went in", async () => {
  await using folder = new Folder();
  const bytes = crypto.getRandomValues(new Uint8Array(65_536));
  await Deno.writeFile(
    `${folder.path}/in`,
    new Uint8Array(4 * 1024 * 1024).map((_, index) => bytes[index % 65_521]!),
  );
  const file = folder.manifest([{ id: "a", command: "cat", protocol: "bytes" }]);
  const { code, stderr } = await inShell(`"$@" < '${folder.path}/in' | cmp - '${folder.path}/in'`, [
    "pipe",
    file,
    "a",
  ]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("a filter that keeps its output back gets the end of the input, and as long as it wants", async () => {
  await using folder = new Folder();
  const slow = sh("sleep 0.3; sort -n; sleep 0.3; echo end", { stop: { stdin: "1ms", term: "1ms" } });
  assertEquals(await fed(["pipe", folder.manifest([slow]), "a"], "3\n1\n2\n"), ok("1\n2\n3\nend\n"));
});

Deno.test("lines without replies are a stream as well", async () => {
  await using folder = new Folder();
  const upper = {
    id: "a",
    command: "tr",
    args: ["a-z", "A-Z"],
    protocol: { type: "lines", pairing: "none" },
  };
  assertEquals(await fed(["pipe", folder.manifest([upper]), "a"], "ab\n\xffc"), ok("AB\nÿC"));
});

Deno.test("pipe prints output before readiness, without the line that readiness waits for", async () => {
  await using folder = new Folder();
  const early = sh("echo early; echo up >&2; cat", { ready: { stderr: "up" } });
  assertEquals(await fed(["pipe", folder.manifest([early]), "a"], "late\n"), ok("early\nlate\n"));
});

Deno.test("pipe ends with 0 when the sidecar has read enough, with input left", async () => {
  await using folder = new Folder();
  const { code, stdout, stderr } = await inShell(`yes | "$@"`, [
    "pipe",
    folder.manifest([sh("head -n 2")]),
    "a",
  ]);
  assertEquals([code, stdout, stderr], [0, "y\ny\n", ""]);
});

Deno.test("pipe waits for a sidecar that closes its input and goes on", async () => {
  await using folder = new Folder();
  const { code, stdout } = await inShell(`yes | "$@"`, [
    ...["pipe", folder.manifest([sh("head -n 1; exec < /dev/null; sleep 0.3; echo more")]), "a"],
  ]);
  assertEquals([code, stdout], [0, "y\nmore\n"]);
});

Deno.test("pipe ends with 1, its progress and the last words when the sidecar dies in the middle", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    sh("echo once >> starts; head -c 4; echo broken >&2; exit 6", { backoff: { initial: 0 } }),
  ]);
  const { code, stdout, stderr } = await inShell(`yes | "$@"`, ["pipe", file, "a"]);
  assertEquals([code, stdout], [1, "y\ny\n"]);
  assertEquals(
    stderr,
    "Cannot go on: 'a' ended after 4 bytes: exit code 6\nWhat 'a' wrote to standard error last:\n  broken\n",
  );
  assertEquals(await Deno.readTextFile(`${folder.path}/starts`), "once\n");
});

Deno.test("a signal that ends it is named", async () => {
  await using folder = new Folder();
  const { code, stderr } = await fed(["pipe", folder.manifest([sh("kill -9 $$")]), "a"], "");
  assertEquals([code, stderr], [1, "Cannot go on: 'a' ended after 0 bytes: SIGKILL\n"]);
});

Deno.test("a reader that has had enough ends it quietly, with 0", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "cat", protocol: "bytes" }]);
  const { stdout, stderr } = await inShell(`{ yes | "$@"; echo code $? >&2; } | head -n 1`, [
    "pipe",
    file,
    "a",
  ]);
  assertEquals([stdout, stderr], ["y\n", "code 0\n"]);
});

Deno.test("pipe ends with 1 when the disk is full", { ignore: Deno.build.os !== "linux" }, async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "cat", protocol: "bytes" }]);
  const { code, stderr } = await inShell(`yes | "$@" > /dev/full`, ["pipe", file, "a"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot write to standard output: No space left on device");
});

Deno.test("Ctrl-C in the middle: 130, and nothing is left running", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const child = sh(`echo $$ > '${diary.path}'; head -n 1; exec sleep 60`, { stop: { drain: 0, stdin: 0 } });
  const process = open(["pipe", folder.manifest([child]), "a"]);
  const pid = Number(await diary.next());
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode("x\n"));
  const lines = new Lines(process.stdout);
  assertEquals(await lines.next(), "x");
  process.kill("SIGTERM");
  assertEquals((await process.status).code, 130);
  assertEquals(await new Response(process.stderr).text(), "Interrupted: 2 bytes were written\n");
  assertEquals(await lines.next(), undefined);
  await writer.close().catch(() => {});
  assertEquals(await alive([pid]), []);
});

Deno.test("the commands of its probes are not taken for it", async () => {
  await using folder = new Folder();
  const probes = { readiness: { command: ["true"], period: "50ms" } };
  const file = folder.manifest([{ id: "a", command: "cat", protocol: "bytes", probes }]);
  assertEquals(await fed(["pipe", file, "a"], "through\n"), ok("through\n"));
});
