/** SIGHUP, and being the first process of a container, with real processes. */
import { assertEquals, assertMatch } from "@std/assert";
import { firstProcessWarnings } from "../../src/process/start/surroundings.ts";
import { Folder, Running, words } from "./outrider.ts";

const CHILD = { id: "cat", command: "cat" };

for (const ignores of [true, false]) {
  Deno.test(`up ${ignores ? "goes on with" : "stops without"} --ignore-hup when it gets SIGHUP`, async () => {
    await using folder = new Folder();
    const file = folder.manifest([CHILD]);
    await using up = new Running(["up", file, ...(ignores ? ["--ignore-hup"] : [])]);
    await up.line(/app +ready|tree +ready|ready/);
    up.signal("SIGHUP");
    if (ignores) up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
    const stdout = up.lines.join("\n");
    assertMatch(stdout, ignores ? /SIGTERM/ : /SIGHUP/);
    assertEquals(stdout.includes("SIGHUP"), !ignores);
  });
}

Deno.test("up goes on when it gets SIGHUP and was started with that ignored, as nohup does, however long it takes to start", async () => {
  await using folder = new Folder();
  // Half a second after its start, Deno listens to SIGHUP itself.
  const text = `await new Promise((go) => setTimeout(go, 1_500));
    export default { name: "slow", children: [${JSON.stringify(CHILD)}] };`;
  const args = ["-c", `trap "" HUP; exec "$0" "$@"`, ...words(["up", folder.write("slow.ts", text)])];
  const pipes = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  await using up = new Running(new Deno.Command("sh", { args, env: { NO_COLOR: "1" }, ...pipes }));
  await up.line(/ready/);
  up.signal("SIGHUP");
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  const stdout = up.lines.join("\n");
  assertMatch(stdout, /SIGTERM/);
  assertEquals(stdout.includes("SIGHUP"), false);
});

Deno.test("process 1 is told that it needs an init, and no other is", () => {
  assertMatch(firstProcessWarnings(1).join(), /runs as process 1.*put an init before it/);
  assertEquals(firstProcessWarnings(), []);
});
