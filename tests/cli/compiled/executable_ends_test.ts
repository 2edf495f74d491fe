/** What becomes of an executable's processes when it is killed, and of a second run of it. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Witness } from "../../containment/witness.ts";
import { compile, ignore, isThere, outcome, pathOf, world } from "./executable.ts";
import { Folder, Running } from "../outrider.ts";

Deno.test(
  "an executable made with --contain refuses a second run, takes over, and ends the orphans of a killed run",
  {
    ignore,
  },
  async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const worker = folder.write("worker", "#!/bin/sh\necho $$\nexec sleep 60\n");
    Deno.chmodSync(worker, 0o755);
    const file = folder.manifest([
      witness.sidecar("worker", "", { command: "./worker", args: [] }),
      witness.sidecar("stubborn", "family_ignores_term"),
      witness.sidecar("leaves", "leaves_its_session"),
    ]);
    const app = `${folder.path}/app`;
    const told = await compile(file, app, "--embed", "--contain", "--unpack-to", folder.path);
    const state = `${folder.path}/outrider`;
    assertMatch(told, new RegExp(`--allow-read --allow-write=[^ ]*,${state} --allow-sys=uid\\n`));
    const unpacked = /--allow-write=([^,\s]+)/.exec(told)![1]!;
    const run = world(app, pathOf(folder, "sh", "sleep", "setsid", "ps"), folder.path);
    assertStringIncludes((await outcome(run("check"))).stdout, "\n  a second run of it is refused\n");

    await using first = new Running(run());
    await first.line(/tree +ready/);
    const second = await outcome(run());
    assertEquals([second.code, second.stdout], [1, ""]);
    assertStringIncludes(
      second.stderr,
      `Cannot start ${app}: process ${first.pid} has been running it since`,
    );
    assertStringIncludes(second.stderr, "or add --take-over");

    const before = new Set((await witness.alive()).map(({ pid }) => pid));
    await using third = new Running(run("--take-over"));
    await third.line(/tree +ready/);
    assertEquals((await first.ended()).code, 0);
    const left = await witness.alive();
    assert(left.length >= 4 && left.every(({ pid }) => !before.has(pid)));

    third.signal("SIGKILL");
    await third.ended();
    assert(isThere(unpacked));
    await using fourth = new Running(run());
    await fourth.line(/tree +ready/);
    assertMatch(
      fourth.lines.join("\n"),
      /worker#1 +swept +process \d+, which the run before had left behind/,
    );
    const swept = new Set(left.map(({ pid }) => pid));
    assertEquals((await witness.alive()).filter(({ pid }) => swept.has(pid)), []);
    fourth.signal("SIGTERM");
    assertEquals((await fourth.ended()).code, 0);
    assertEquals(await witness.alive(), []);
    assertEquals([...Deno.readDirSync(state)], []);
    assert(!isThere(unpacked));
  },
);

Deno.test(
  "its guardian ends all when it is killed, and Ctrl-C twice does so at once",
  { ignore },
  async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const file = folder.manifest([
      witness.sidecar("stubborn", "family_ignores_term", { stop: { term: "1h" } }),
      witness.sidecar("hands_on", "hands_pipes_on"),
    ], { onHostDeath: "guard" });
    const app = `${folder.path}/app`;
    await compile(file, app, "--contain");
    const run = world(app, pathOf(folder, "sh", "sleep", "ps", "kill"), "/");
    await using killed = new Running(run());
    await killed.line(/tree +ready/);
    assert((await witness.alive()).length >= 4);
    killed.signal("SIGKILL");
    await killed.ended();
    assertEquals(typeof await witness.gone(3_000), "number");

    await using forced = new Running(run());
    await forced.line(/tree +ready/);
    forced.signal("SIGINT");
    await forced.line(/tree +stopping/);
    forced.signal("SIGTERM");
    assertEquals((await forced.ended()).code, 130);
    assertEquals(await witness.alive(), []);
  },
);
