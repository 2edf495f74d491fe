/** Pools that are scaled and replaced while requests come, and a part of a tree. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command, Folder, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

const cat = { id: "cat", command: "cat", protocol: "lines" };

Deno.test("a pool is scaled and replaced while requests come, and every one of them is answered", async () => {
  await using folder = new Folder();
  folder.manifest([{ id: "workers", size: 2, sidecar: { command: "cat", protocol: "lines" } }, cat]);
  const verb = (...args: string[]) => outrider(args, { cwd: folder.path });
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const pipe = command(["pipe", "workers"], { cwd: folder.path }, { stdin: "piped" }).spawn();
  const writer = pipe.stdin.getWriter();
  const output = new Response(pipe.stdout).text();
  let lines = 0;
  let isOver = false;
  const feeding = (async () => {
    while (!isOver) {
      await writer.write(new TextEncoder().encode(`${lines++}\n`));
      if (lines > 200) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await writer.close();
  })();
  const { stdout, stderr } = await verb("scale", "workers", "3");
  assertEquals([stdout, stderr], ["workers: 3 copies now: workers/1, workers/2, workers/3\n", ""]);
  assertEquals(
    (await verb("replace", "workers")).stdout,
    "workers: 3 copies replaced: workers/1, workers/2, workers/3\n",
  );
  assertEquals(
    (await verb("scale", "workers", "1")).stdout.startsWith("workers: 1 copy now: workers/"),
    true,
  );
  isOver = true;
  await feeding;
  assertEquals((await output).trim().split("\n").map(Number), Array.from({ length: lines }, (_, i) => i));
  assertEquals((await pipe.status).code, 0);
  await pipe.stderr.cancel();
  const wrong: [args: string[], code: number, says: string][] = [
    [["scale", "cat", "2"], 1, "Cannot reach the pool 'cat': none runs there\n"],
    [["scale", "wrkers", "2"], 2, "Cannot find the child 'wrkers': did you mean 'workers'?\n"],
    [["scale", "workers", "0"], 2, "it takes a whole number from 1 on"],
    [["replace", "cat"], 1, "none runs there\n"],
  ];
  for (const [args, code, says] of wrong) {
    const told = await verb(...args);
    assertEquals(told.code, code, told.stderr);
    assertStringIncludes(told.stderr, says);
  }
});

Deno.test("run starts a job once with its arguments, in a part of its own, and ends with its exit code", async () => {
  await using folder = new Folder();
  const job = {
    id: "job",
    command: "sh",
    args: ["-c", 'echo "did $*"; echo "to err" >&2; exit ${1:-0}', "-"],
    restart: "temporary",
  };
  folder.manifest([cat, job]);
  const verb = (...args: string[]) => outrider(args, { cwd: folder.path });
  const own = await verb("run", "job", "--", "7", "-x");
  assertEquals([own.code, own.stdout], [7, "did 7 -x\n"], own.stderr);
  assertMatch(own.stderr, /^to err\n/);
  assertStringIncludes(own.stderr, "\nThe job 'job' failed: exit code 7\n");
});

Deno.test("up --only starts a part of a tree with what it needs, and nothing else", async () => {
  await using folder = new Folder();
  const one = (id: string, ...after: string[]) => ({ ...cat, id, after });
  folder.manifest([one("db"), one("web", "db"), one("mail"), {
    id: "team",
    after: ["mail"],
    children: [cat, { ...cat, id: "dog" }],
  }]);
  await using up = new Running(["up", "--only", "web", "--only", "team/dog"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const { stdout } = await outrider(["ps", "--json"], { cwd: folder.path });
  const paths = JSON.parse(stdout).children.map(({ path }: { path: string }) => path);
  assertEquals(paths, ["db", "web", "mail", "team", "team/cat", "team/dog"]);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  await using alone = new Running(["up", "--only", "db"], { cwd: folder.path });
  await alone.line(/tree +ready/);
  assert(!alone.lines.some((line) => /web|mail|team/.test(line)), alone.lines.join("\n"));
  alone.signal("SIGTERM");
  await alone.ended();
  const wrong = await outrider(["up", "--only", "wbe"], { cwd: folder.path });
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "Cannot find the child 'wbe': did you mean 'web'?");
});
