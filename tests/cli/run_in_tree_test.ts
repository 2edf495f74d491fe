/** Jobs and streams that a running tree runs once more, beside the children that it has. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { alive, command, Folder, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

const db = { id: "db", command: "sleep", args: ["60"] };

async function fed(args: readonly string[], cwd: string, input: Uint8Array) {
  const child = command(args, { cwd }, { stdin: "piped" }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(input).then(() => writer.close(), () => {});
  const { code, stdout, stderr } = await output;
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("run in a running tree runs a job once beside it, with its output, its input and its exit code, and restarts nothing", async () => {
  await using folder = new Folder();
  const job = {
    id: "job",
    after: ["db"],
    command: "sh",
    args: ["-c", 'echo "did $*"; echo "to err" >&2; cat; exit ${1:-0}', "-"],
    restart: "temporary",
  };
  const { after: _, ...free } = { ...job, id: "free", start: false };
  folder.manifest([db, job, free]);
  const verb = (...args: string[]) => outrider(args, { cwd: folder.path });
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/job#1 +finished/);
  const before = up.pids();
  const ran = await fed(["run", "job", "--", "7", "-x"], folder.path, new TextEncoder().encode("in\n"));
  assertEquals([ran.code, new TextDecoder().decode(ran.stdout)], [7, "did 7 -x\nin\n"], ran.stderr);
  assertMatch(ran.stderr, /^Using the running tree 'tree', process \d+; [^\n]*\nto err\n/);
  await up.line(/job-run-1#1 +started/);
  const plain = await verb("run", "job");
  assertEquals([plain.code, plain.stdout], [0, "did \n"], plain.stderr);
  const { children } = JSON.parse((await verb("ps", "--json")).stdout);
  assertEquals(
    children.map(({ path, pid, restarts }: Record<string, unknown>) => [path, pid, restarts]),
    [["db", before[0], 0], ["job", undefined, 0], ["free", undefined, 0]],
  );
  // Nothing else may run: its end is not that of the tree.
  await verb("stop", "all");
  assertEquals((await verb("run", "free", "3")).code, 3);
  assertEquals((await verb("start", "db")).stdout, "db: running, generation 2\n");
  const wrong: [args: string[], code: number, says: string][] = [
    [["run", "db"], 1, "Cannot run 'db': it runs already; with arguments it is run once more, beside that"],
    [["run", "jb"], 2, "did you mean 'job'?"],
  ];
  for (const [args, code, says] of wrong) {
    const told = await verb(...args);
    assertEquals(told.code, code, told.stderr);
    assertStringIncludes(told.stderr, says);
  }
});

Deno.test("a job that is run in a running tree is stopped in order when its caller is interrupted, or killed, and the tree goes on", async () => {
  await using folder = new Folder();
  const job = {
    id: "job",
    restart: "temporary",
    command: "sh",
    args: [
      "-c",
      '[ "$1" = long ] || exit 0; trap "echo bye; exit 3" TERM; echo $$; while :; do sleep 0.05; done',
      "-",
    ],
  };
  folder.manifest([db, job]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    await using run = new Running(["run", "job", "long"], { cwd: folder.path });
    const pid = Number(await run.line(/^\d+$/));
    run.signal(signal);
    const { code, stderr } = await run.ended();
    if (signal === "SIGINT") {
      assertEquals([code, run.lines.at(-1)], [130, "bye"], stderr);
      assertStringIncludes(stderr, "Interrupted");
    }
    await up.line(new RegExp(`job-run-${signal === "SIGINT" ? 1 : 2}#1 +(stopped|ended|failed|finished)`));
    assertEquals(await alive([pid]), []);
  }
  assertMatch((await outrider(["ps"], { cwd: folder.path })).stdout, /^db +running +1 +0 /m);
});

Deno.test("pipe through a stream of a running tree gives back every byte, and leaves the child that runs alone", async () => {
  await using folder = new Folder();
  folder.manifest([db, { id: "cat", command: "cat", protocol: "bytes", after: ["db"] }]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const input = new Uint8Array(3_000_001).map((_, index) => index * 7 + (index >> 8));
  const { code, stdout, stderr } = await fed(["pipe", "cat"], folder.path, input);
  assertEquals(code, 0, stderr);
  assertEquals(stdout.length, input.length);
  assert(stdout.every((byte, index) => byte === input[index]));
  const { children } = JSON.parse((await outrider(["ps", "--json"], { cwd: folder.path })).stdout);
  assertEquals(
    children.map(({ path, state, restarts }: Record<string, unknown>) => [path, state, restarts]),
    [["db", "running", 0], ["cat", "running", 0]],
  );
});

Deno.test("run in a running tree gives both outputs of a job that floods them at once, and counts what of stderr is lost", async () => {
  await using folder = new Folder();
  const flood = "seq 1 200000 & seq 1 200000 | sed 's/^/e/' >&2; wait";
  folder.manifest([db, { id: "job", start: false, command: "sh", args: ["-c", flood] }]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const { code, stdout, stderr } = await outrider(["run", "job"], { cwd: folder.path });
  assertEquals(code, 0, stderr.slice(0, 1_000));
  assertEquals(stdout.trimEnd().split("\n").map(Number), Array.from({ length: 200_000 }, (_, n) => n + 1));
  const told = stderr.trimEnd().split("\n").slice(1);
  const lost = told.reduce(
    (sum, line) => sum + Number(/^Lost ([\d,]+) lines?/.exec(line)?.[1]?.replaceAll(",", "") ?? 0),
    0,
  );
  assertEquals(told.filter((line) => line.startsWith("e")).length + lost, 200_000);
});

Deno.test("run refuses a child with a terminal, with a word about run, whether a tree runs or not", async () => {
  await using folder = new Folder();
  folder.manifest([db, { id: "shell", command: "sh", pty: true, protocol: "lines", start: false }]);
  const run = () => outrider(["run", "shell", "x"], { cwd: folder.path });
  const alone = await run();
  assertEquals([alone.code, alone.stdout], [2, ""]);
  assertMatch(alone.stderr, /^Cannot run 'shell': its `pty` takes a protocol of lines/);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const beside = await run();
  assertEquals([beside.code, beside.stdout], [2, ""]);
  assertStringIncludes(beside.stderr, "Cannot run 'shell': its `pty` takes a protocol of lines");
});

Deno.test("a control socket refuses bytes that are not base64, and arguments with NUL, as a bad request", async () => {
  await using folder = new Folder();
  const cat = { id: "cat", command: "cat", protocol: "lines" };
  const socket = `${folder.path}/s`;
  await using up = new Running(["up", folder.manifest([cat]), "--control", socket]);
  await up.line(/tree +ready/);
  using client = await Deno.connect({ transport: "unix", path: socket });
  const lines = client.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  const replies = lines[Symbol.asyncIterator]();
  for (
    const [request, field] of [
      [{ method: "ask", child: "cat", bytes: "!!!", credit: 1 }, "bytes"],
      [{ method: "feed", child: "cat", bytes: "!!!" }, "bytes"],
      [{ method: "run", child: "cat", args: ["a\0b"], credit: 1 }, "args"],
    ] as const
  ) {
    await client.write(new TextEncoder().encode(`${JSON.stringify({ id: 1, ...request })}\n`));
    const { error } = JSON.parse((await replies.next()).value!);
    assertEquals(error.code, "bad_request");
    assertStringIncludes(error.message, `${field}: it takes`);
  }
  await replies.return?.();
});
