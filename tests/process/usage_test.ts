import { assert, assertEquals, assertRejects } from "@std/assert";
import { spawn } from "../../src/process/spawn.ts";
import { parseUsage, processTrees, type ProcessUsage, readUsage } from "../../src/process/ps.ts";
import { ended, fixture } from "./fixture.ts";

Deno.test("parseUsage reads the output of ps on Linux and macOS, and skips other lines", () => {
  const linux = "    1     0  1792 00:00:03\n30519 30515 189600 1-02:03:04\n";
  assertEquals(parseUsage(linux), [
    { pid: 1, parent: 0, memory: 1792 * 1024, cpu: 3_000 },
    { pid: 30519, parent: 30515, memory: 189600 * 1024, cpu: 93_784_000 },
  ]);
  assertEquals(parseUsage("  501     1   4096   0:01.25\n  502     1   4096 123:59.07\n"), [
    { pid: 501, parent: 1, memory: 4096 * 1024, cpu: 1_250 },
    { pid: 502, parent: 1, memory: 4096 * 1024, cpu: 7_439_070 },
  ]);
  assertEquals(parseUsage("PID PPID RSS TIME\n\n 7 1 - 00:00:00\n 7 1 12 x\n"), []);
});

Deno.test("processTrees returns a process with its descendants, and ends when they form a circle", () => {
  const process = (pid: number, parent: number): ProcessUsage => ({ pid, parent, memory: 1, cpu: 1 });
  const all = [process(5, 4), process(2, 1), process(4, 2), process(9, 8), process(8, 9), process(3, 1)];
  const families = processTrees([2, 3, 9, 77], all);
  const pids = [...families].map(([pid, family]) => [pid, family.map(({ pid }) => pid).sort()]);
  assertEquals(pids, [[2, [2, 4, 5]], [3, [3]], [9, [8, 9]], [77, []]]);
});

Deno.test("readUsage finds this process and its child, with their memory and processor time", async () => {
  const child = spawn(fixture("ignores_term"));
  const reading = child.readStdout(() => {});
  const all = await readUsage();
  const [own, started] = [Deno.pid, child.pid].map((pid) => all.find((each) => each.pid === pid));
  assert(own !== undefined && own.memory > 10_000_000 && own.cpu >= 0);
  assertEquals(started?.parent, Deno.pid);
  child.signal("SIGKILL");
  await Promise.all([child.closed, reading]);
});

Deno.test({
  name: "readUsage fails when ps may not be run",
  permissions: { run: ["ls"] },
  async fn() {
    await assertRejects(readUsage, Deno.errors.NotCapable);
  },
});

Deno.test("readUsage fails, and leaves no ps behind, when ps has not ended after five seconds", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/ps`, '#!/bin/sh\necho $$ > "$0.pid"\nexec sleep 600\n', {
    mode: 0o755,
  });
  const ps = new URL("../../src/process/ps.ts", import.meta.url).href;
  // In a process of its own: PATH is that of all tests that run beside this one.
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `import { readUsage } from "${ps}"; await readUsage().catch((error) => console.log(error.message))`,
    ],
    env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
  }).output();
  const said = new TextDecoder().decode(stdout);
  assertEquals(said, "Cannot read the processes: ps has not ended after 5 s\n");
  await ended(Number(await Deno.readTextFile(`${folder}/ps.pid`)));
  await Deno.remove(folder, { recursive: true });
});
