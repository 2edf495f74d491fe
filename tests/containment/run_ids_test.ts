/** The one variable that a sidecar has beside those of its manifest, the mark of its process, and what is found by it. */
import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { MAX_OUTER_RUN_IDS, RUN_ID_VARIABLE } from "../../src/containment/run_ids.ts";
import { processTable } from "../../src/process/ps.ts";
import { Folder, outrider, Running } from "../cli/outrider.ts";
import { Witness } from "./witness.ts";

/** The environment of the one sidecar, as `env` printed it. */
function printed(stdout: string): Record<string, string> {
  return Object.fromEntries(
    [...stdout.matchAll(/stdout +(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
  );
}

Deno.test("a sidecar has the variables of its manifest and its mark when marks are kept, and nothing else", async () => {
  await using folder = new Folder();
  const child = {
    id: "a",
    command: "/usr/bin/env",
    env: { OWN: "1", [RUN_ID_VARIABLE]: "a mark of its own" },
    inheritEnv: ["GIVEN", RUN_ID_VARIABLE],
    restart: "temporary",
  };
  const file = folder.manifest([child]);
  const env = { XDG_STATE_HOME: folder.path, GIVEN: "2", NOT_GIVEN: "3", [RUN_ID_VARIABLE]: "outer:1:1:x" };
  const { code, stdout } = await outrider(["up", file], { env });
  assertEquals(code, 0);
  const { [RUN_ID_VARIABLE]: mark = "", ...others } = printed(stdout);
  assertEquals(others, { OWN: "1", GIVEN: "2" });
  assert(/^outer:1:1:x,[0-9a-f-]{36}:1:1:a$/.test(mark), mark);
});

Deno.test("a sidecar has the variables of its manifest alone when no marks are kept", async () => {
  await using folder = new Folder();
  const child = { id: "a", command: "/usr/bin/env", env: { OWN: "1" }, inheritEnv: [], restart: "temporary" };
  const file = folder.manifest([child]);
  const flags = ["--allow-run=/usr/bin/env", `--allow-read=${file}`];
  const { code, stdout } = await outrider(["up", file], { flags });
  assertEquals([code, printed(stdout)], [0, { OWN: "1" }]);
});

Deno.test("a run passes on the innermost marks alone when more runs are around it than it keeps", async () => {
  await using folder = new Folder();
  const outer = Array.from({ length: MAX_OUTER_RUN_IDS + 2 }, (_, index) => `run${index}:1:1:a`);
  const reads = `
    import { contain } from ${
    JSON.stringify(new URL("../../src/containment/contain.ts", import.meta.url).href)
  };
    const containment = await contain(Deno.args[0], { folder: Deno.args[1] });
    const command = { program: "/usr/bin/env", args: [], cwd: undefined, env: {}, inheritEnv: [] };
    const child = containment.registry.spawn(command, {}, { path: "a", generation: 1 });
    await child.readStdout((bytes) => void Deno.stdout.writeSync(bytes));
    await child.closed;
    await containment.close();`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
      `--import-map=${new URL("../support/npm/import_map.json", import.meta.url).pathname}`,
      "--allow-run",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      folder.write("reads.ts", reads),
      folder.manifest([]),
      folder.path,
    ],
    env: { [RUN_ID_VARIABLE]: outer.join(",") },
  }).output();
  const marks = new TextDecoder().decode(stdout).trim().slice(RUN_ID_VARIABLE.length + 1).split(",");
  assertEquals(marks.slice(0, -1), outer.slice(-MAX_OUTER_RUN_IDS));
});

Deno.test("a run ends the orphans of a probe's command in sessions of their own when the sidecar has ended", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const leaves =
    "setsid sleep 60 >/dev/null 2>&1 </dev/null & while ! ps -o pid= -s $! >/dev/null; do :; done";
  const file = folder.manifest([
    witness.sidecar("a", "cat", {
      args: ["-c", "echo 1; exec cat"],
      probes: { readiness: { command: ["sh", "-c", leaves], period: "1h", timeout: "1h" } },
    }),
  ]);
  await using up = new Running(["up", file], { env: { XDG_STATE_HOME: folder.path } });
  await up.line(/tree +ready/);
  const left = (await witness.alive()).find(({ command }) => command === "sleep")!;
  assert(left.environment!.includes("a%23readiness"), left.environment);
  Deno.kill(Number(/\d+$/.exec(await up.line(/a#1 +started .* pid \d+/))![0]), "SIGKILL");
  const isThere = async () => (await processTable({ pids: [left.pid] }))!.some(({ zombie }) => !zombie);
  while (await isThere()) await delay(20);
  await up.line(/a#2 +ready/);
  up.signal("SIGTERM");
  await up.ended();
  assertEquals((await witness.alive()).map(({ command }) => command), []);
});
