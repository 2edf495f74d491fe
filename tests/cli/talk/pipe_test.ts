/** `outrider pipe` through a sidecar that answers: order, failures by number, and how it ends. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { alive, Diary, Folder } from "../outrider.ts";
import { Session } from "../session.ts";
import { fed, inShell, Lines, open } from "./talking.ts";

const session = new Session();

const sh = (id: string, script: string, more = {}) => ({ id, command: "sh", args: ["-c", script], ...more });
const cat = (protocol: unknown, more = {}) => ({ id: "a", command: "cat", protocol, ...more });
const ok = (stdout: string) => ({ code: 0, stdout, stderr: "" });
const numbers = (n: number) => Array.from({ length: n }, (_, index) => `${index + 1}\n`).join("");

const through: readonly [protocol: unknown, input: string, output: string][] = [
  ["lines", "a\r\n\nb", "a\n\nb\n"],
  ["lines", "", ""],
  ["ndjson", `{"id":"x", "n":1}\n\n  \n{"id":[2]}`, `{"id":"x","n":1}\n{"id":[2]}\n`],
  ["content-length", `{"id":"x"}\n`, `{"id":"x"}\n`],
  [{ type: "ndjson", pairing: "in-order" }, `[1]\n"text"\nnull\n`, `[1]\n"text"\nnull\n`],
  ["netstring", "5:hello,0:,\n3:a\nb,", "5:hello,0:,3:a\nb,"],
  ["length-prefixed-be", "\0\0\0\x02hi", "\0\0\0\x02hi"],
];

for (const [protocol, input, output] of through) {
  Deno.test(`${JSON.stringify(input)} through ${JSON.stringify(protocol)}`, async () => {
    await using folder = new Folder();
    assertEquals(await fed(["pipe", folder.manifest([cat(protocol)]), "a"], input), ok(output));
  });
}

Deno.test("replies are printed in the order of the lines, whatever order they come in", async () => {
  await using folder = new Folder();
  const swap = `while read -r a; do read -r b; echo "$b"; echo "$a"; done`;
  const file = folder.manifest([sh("a", swap, { protocol: "ndjson" })]);
  const input = Array.from({ length: 2_000 }, (_, n) => `{"id":"x","n":${n}}\n`).join("");
  assertEquals(await fed(["pipe", file, "a"], input), ok(input));
});

Deno.test("a hundred thousand lines, and one of a megabyte among them", async () => {
  await using folder = new Folder();
  const input = `${numbers(50_000)}${"x".repeat(1_000_000)}\n${numbers(50_000)}`;
  const { code, stdout, stderr } = await fed(["pipe", folder.manifest([cat("lines")]), "a"], input);
  assertEquals([code, stderr], [0, ""]);
  assert(stdout === input);
});

Deno.test("a pool keeps the order, too, and works on more than one line at a time", async () => {
  await using folder = new Folder();
  // A line is answered when the next one has come to the other copy; with one copy nothing would be.
  const wait =
    `while read -r n; do touch "at$n"; until [ -e "at$((n % 2 ? n + 1 : n - 1))" ]; do sleep 0.01; done; echo "$n"; done`;
  const pool = { id: "p", size: 2, sidecar: { command: "sh", args: ["-c", wait], protocol: "lines" } };
  assertEquals(await fed(["pipe", folder.manifest([pool]), "p"], numbers(20)), ok(numbers(20)));
});

Deno.test("a reply of many frames comes out whole, in its turn", async () => {
  await using folder = new Folder();
  const script = `while read -r n; do seq "$n"; echo .; done`;
  const file = folder.manifest([sh("a", script, { protocol: "lines", until: { end: "." } })]);
  assertEquals(await fed(["pipe", file, "a"], "3\n0\n5000\n1\n"), ok(`1\n2\n3\n${numbers(5_000)}1\n`));
});

Deno.test("pipe stops reading while its output has no reader", async () => {
  await using folder = new Folder();
  const process = open(["pipe", folder.manifest([cat("lines")]), "a"]);
  const chunk = new TextEncoder().encode(`${"x".repeat(999)}\n`.repeat(100));
  const total = 200;
  let sent = 0;
  const writer = process.stdin.getWriter();
  const writing = (async () => {
    for (; sent < total; sent++) await writer.write(chunk);
    await writer.close();
  })();
  for (let before = -1; before !== sent || sent === 0;) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert(sent * chunk.length < 8_000_000, `${sent} chunks were read`);
  let bytes = 0;
  for await (const part of process.stdout) bytes += part.length;
  assertEquals(bytes, total * chunk.length);
  await writing;
  assertEquals((await process.status).code, 0);
  await process.stderr.cancel();
});

Deno.test("pipe reports an invalid message by its number, and sends the others", async () => {
  await using folder = new Folder();
  const { code, stdout, stderr } = await fed(
    ["pipe", folder.manifest([cat("ndjson")]), "a"],
    `{"id":1}\n\nx\ny\n[]\n{"id":6}`,
  );
  assertEquals([code, stdout], [1, `{"id":1}\n{"id":6}\n`]);
  assertEquals(stderr.split("\n"), [
    `line 3: it is not valid JSON: Unexpected token 'x', "x" is not valid JSON`,
    `line 4: it is not valid JSON: Unexpected token 'y', "y" is not valid JSON`,
    "line 5: Cannot encode a message as ndjson: a request is an object, to carry its id",
    "",
  ]);
});

Deno.test("so is a line that is too long, or no UTF-8", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat("lines", { maxFrame: 8 })]);
  const bytes = new Uint8Array([
    ...new TextEncoder().encode("ok\ntoo long to be a line\n"),
    0xff,
    0x0a,
    0x6f,
    0x6b,
  ]);
  assertEquals(await fed(["pipe", file, "a"], bytes), {
    code: 1,
    stdout: "ok\nok\n",
    stderr: "line 2: it is longer than 8 bytes, the maxFrame of the sidecar\nline 3: it is not UTF-8\n",
  });
});

Deno.test("pipe --fail-fast ends at the first failed line, after the answers before it", async () => {
  await using folder = new Folder();
  const { code, stdout, stderr } = await fed(
    ["pipe", folder.manifest([cat("ndjson")]), "a", "--fail-fast"],
    `{"id":1}\nx\n{"id":3}\n`,
  );
  assertEquals([code, stdout], [1, `{"id":1}\n`]);
  assertMatch(stderr, /^line 2: it is not valid JSON: [^\n]*\n$/);
});

/** Answers, and dies of the third line of its first incarnation. */
const mortal =
  `if [ -e was ]; then exec cat; fi; echo > was; read -r a; echo "$a"; read -r a; echo "$a"; read -r a; echo bye >&2; exit 5`;

Deno.test("when the child dies, the line that it had fails, and the next incarnation goes on", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    sh("a", mortal, { protocol: "lines", maxInFlight: 1, backoff: { initial: 0 } }),
  ]);
  assertEquals(await fed(["pipe", file, "a"], numbers(6)), {
    code: 1,
    stdout: "1\n2\n4\n5\n6\n",
    stderr: "line 3: 'a' (generation 1) ended before it replied: exit code 5, last words: bye\n",
  });
});

Deno.test("pipe reports a run of lines with the same failure once", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const script = `if [ -e was ]; then echo again > '${diary.path}'; exec cat; fi
    for i in 1 2 3 4 5; do read -r a; done; echo > was; exit 5`;
  const file = folder.manifest([sh("a", script, { protocol: "lines", backoff: { initial: 0 } })]);
  const process = open(["pipe", file, "a"]);
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(numbers(5)));
  assertEquals(await diary.next(), "again");
  await writer.write(new TextEncoder().encode("6\n"));
  await writer.close();
  assertEquals(await new Response(process.stdout).text(), "6\n");
  assertEquals(
    await new Response(process.stderr).text(),
    "lines 1 to 5: 'a' (generation 1) ended before it replied: exit code 5\n",
  );
  assertEquals((await process.status).code, 1);
});

Deno.test("a line that is to be replayed is, and nothing fails", async () => {
  await using folder = new Folder();
  const file = folder.manifest([
    sh("a", mortal, { protocol: "lines", onDeath: "replay", maxInFlight: 1, backoff: { initial: 0 } }),
  ]);
  assertEquals(await fed(["pipe", file, "a"], numbers(6)), ok(numbers(6)));
});

Deno.test("a child that ends for good ends it, though there is more to read", async () => {
  await using folder = new Folder();
  const script = `read -r a; echo "$a"; exit 4`;
  const file = folder.manifest([
    sh("a", script, { protocol: "lines", maxInFlight: 1, restart: "temporary" }),
  ]);
  const { code, stdout, stderr } = await inShell(`yes | "$@"`, ["pipe", file, "a"]);
  assertEquals([code, stdout], [1, "y\n"]);
  assertStringIncludes(stderr, "Cannot reach 'a': ");
  assert(stderr.split("\n").length < 5, stderr);
});

const limits = [
  ["operator", "'bad' running: too many restarts; the last failure: exit code 4"],
  ["otp", "'tree' running: too many restarts; the last failure was of bad: exit code 4"],
] as const;

for (const [defaults, says] of limits) {
  Deno.test(`pipe says so when too many restarts end it under ${defaults}, though nothing comes to read`, async () => {
    await using folder = new Folder();
    const bad = sh("bad", `read -r a; exit 4`, { protocol: "lines" });
    const file = folder.manifest([bad], { defaults, intensity: { restarts: 0 } });
    const process = open(["pipe", file, "bad"]);
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("x\n"));
    assertEquals((await process.status).code, 1);
    const stderr = await new Response(process.stderr).text();
    assertStringIncludes(stderr, "line 1: 'bad' (generation 1) ended before it replied: exit code 4\n");
    assertStringIncludes(stderr, `Cannot keep ${says}\n`);
    await process.stdout.cancel();
    await writer.close().catch(() => {});
  });
}

Deno.test("--timeout is for each line", async () => {
  await using folder = new Folder();
  const script = `while read -r l; do case "$l" in *two*) ;; *) echo "$l";; esac; done`;
  const file = folder.manifest([sh("a", script, { protocol: "ndjson" })]);
  assertEquals(
    await fed(["pipe", file, "a", "--timeout", "300ms"], `{"id":"one"}\n{"two":2}\n{"id":"three"}\n`),
    {
      code: 1,
      stdout: `{"id":"one"}\n{"id":"three"}\n`,
      stderr: "line 2: Cannot wait longer for 'a': no reply within 300 ms\n",
    },
  );
});

Deno.test("pipe prints the answers so far, counts the rest and leaves nothing running on Ctrl-C", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const script = `echo $$ > '${diary.path}'; read -r a; echo "$a"; read -r a; exec sleep 60`;
  const file = folder.manifest([sh("a", script, { protocol: "lines", stop: { drain: 0, stdin: 0 } })]);
  const process = open(["pipe", file, "a"]);
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode("1\n2\n3\n"));
  const pid = Number(await diary.next());
  const lines = new Lines(process.stdout);
  assertEquals(await lines.next(), "1");
  process.kill("SIGINT");
  assertEquals((await process.status).code, 130);
  assertEquals(await lines.next(), undefined);
  assertEquals(
    await new Response(process.stderr).text(),
    "Interrupted: 1 line answered, 2 under way were not\n",
  );
  await writer.close().catch(() => {});
  assertEquals(await alive([pid]), []);
});

Deno.test("a reader that has had enough ends it quietly, with 0", async () => {
  await using folder = new Folder();
  const file = folder.manifest([cat("lines")]);
  const { stdout, stderr } = await inShell(`{ yes | "$@"; echo code $? >&2; } | head -n 2`, [
    "pipe",
    file,
    "a",
  ]);
  assertEquals([stdout, stderr], ["y\ny\n", "code 0\n"]);
});

Deno.test("pipe ends with 1 when the disk is full", { ignore: Deno.build.os !== "linux" }, async () => {
  await using folder = new Folder();
  const { code, stderr } = await inShell(`yes | "$@" > /dev/full`, [
    "pipe",
    folder.manifest([cat("lines")]),
    "a",
  ]);
  assertEquals([code, stderr], [
    1,
    "Cannot write to standard output: No space left on device (os error 28)\n",
  ]);
});

for (const protocol of ["lines", "bytes"]) {
  Deno.test(`pipe ends with 1 when standard input cannot be read, for ${protocol}`, async () => {
    await using folder = new Folder();
    const { code, stdout, stderr } = await inShell(`"$@" < /`, [
      "pipe",
      folder.manifest([cat(protocol)]),
      "a",
    ]);
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, "Cannot read standard input: Is a directory");
  });
}

Deno.test("a mailbox that drops or refuses gets no more than it holds", async () => {
  await using folder = new Folder();
  for (const overflow of ["fail", "drop-oldest", "drop-newest"]) {
    const file = folder.manifest([cat("lines", { mailbox: { capacity: 3, overflow } })]);
    assertEquals(await fed(["pipe", file, "a"], numbers(500)), ok(numbers(500)));
  }
});

const refused: readonly [child: Record<string, unknown>, says: string][] = [
  [
    { command: "x" },
    `Cannot pipe through 'a': it has no "protocol" in the manifest; "bytes" is the plainest`,
  ],
  [
    { size: 2, sidecar: { command: "x", protocol: "bytes" } },
    "Cannot pipe through 'a': its copies do not answer, so nobody knows the order",
  ],
  [
    { children: [{ id: "b", command: "x" }] },
    "Cannot talk to 'a': it is a supervisor; 'a/b' is a child of it",
  ],
];

for (const [child, says] of refused) {
  Deno.test(`${JSON.stringify(child)} can't be piped through, and nothing is started`, async () => {
    await using folder = new Folder();
    assertEquals(await session.run(["pipe", folder.manifest([{ id: "a", ...child }]), "a"]), {
      code: 2,
      stdout: "",
      stderr: `${says}\nSee outrider pipe --help\n`,
    });
  });
}

Deno.test("pipe prints a hint when no answer comes", async () => {
  await using folder = new Folder();
  const process = open(["pipe", folder.manifest([sh("a", "cat > /dev/null", { protocol: "lines" })]), "a"]);
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode("x\n"));
  const told = new Lines(process.stderr);
  assertStringIncludes(
    await told.next() ?? "",
    "Nothing was answered within 10 s. A program that keeps its output back",
  );
  process.kill("SIGTERM");
  assertEquals((await process.status).code, 130);
  await told.all();
  await process.stdout.cancel();
  await writer.close().catch(() => {});
});
