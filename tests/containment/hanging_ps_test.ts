/** A `ps` that never answers, as where it reads the memory of a process on a file system that hangs. */
import { assertEquals } from "@std/assert";
import { Folder, Running } from "../cli/outrider.ts";

Deno.test("up starts and stops its sidecars when ps never ends, be it from the start on or at the stop alone", async () => {
  const found = new Deno.Command("sh", { args: ["-c", "command -v ps"] }).outputSync();
  const real = new TextDecoder().decode(found.stdout).trim();
  await Promise.all([true, false].map(async (fromStart) => {
    await using folder = new Folder();
    const path = folder.path;
    Deno.mkdirSync(`${path}/bin`);
    const script = `#!/bin/sh\nif [ -e '${path}/hang' ]; then echo $$ >> '${path}/pids'; ` +
      `exec sleep 600; fi\nexec ${real} "$@"\n`;
    Deno.chmodSync(folder.write("bin/ps", script), 0o755);
    const hang = () => void folder.write("hang", "");
    if (fromStart) hang();
    const file = folder.manifest([{ id: "a", command: "sleep", args: ["1000"] }]);
    const env = { XDG_STATE_HOME: path, PATH: `${path}/bin:${Deno.env.get("PATH")}` };
    await using up = new Running(["up", file], { env });
    await up.line(/a#1 .*started/);
    hang();
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
    // None of them is left behind.
    const pids = Deno.readTextFileSync(`${path}/pids`).trim().split("\n").map(Number);
    while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20));
  }));
});

function isAlive(pid: number): boolean {
  return new Deno.Command("sh", { args: ["-c", `kill -0 ${pid}`], stderr: "null" }).outputSync().success;
}
