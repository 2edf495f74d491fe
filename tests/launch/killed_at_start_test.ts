/** SIGKILL in the turn in which a program starts its first sidecar: before that is on any list. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { checkout, command, Folder, Running } from "../cli/outrider.ts";
import { Witness } from "../containment/witness.ts";

/** A program that is killed when `spawn` has returned for its sidecar, or, told to live, stops its tree. */
const PROGRAM = `
  const { onHostDeath, lives, sidecar: options } = JSON.parse(Deno.args[0]);
  const Real = Deno.Command;
  Deno.Command = class {
    constructor(program, options) {
      this.command = new Real(program, options);
      this.isSidecar = JSON.stringify(options.args ?? []).includes("sleep 601");
    }
    output() {
      return this.command.output();
    }
    spawn() {
      const child = this.command.spawn();
      if (!this.isSidecar || lives) return child;
      Deno.kill(Deno.pid, "SIGKILL");
      for (;;);
    }
  };
  const { launch, sidecar } = await import("${checkout}mod.ts");
  const app = await launch(sidecar("db", options), { onHostDeath, report: { to: "stdout" } });
  await app.stop();`;

function program(folder: Folder, options: Record<string, unknown>): Running {
  const flags = ["--allow-run", "--allow-env", "--allow-read", "--allow-write"];
  const program = { program: folder.write("program.js", PROGRAM) };
  const env = { XDG_STATE_HOME: folder.path };
  return new Running(command([JSON.stringify(options)], { flags, env }, program));
}

function family(witness: Witness): Record<string, unknown> {
  const { id: _, ...options } = witness.sidecar("db", "cat", {
    ready: "started",
    args: ["-c", "exec sleep 601"],
  });
  return options;
}

Deno.test("the guardian ends a first sidecar when the program is killed in the turn that started it", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  await using killed = program(folder, { onHostDeath: "guard", sidecar: family(witness) });
  assertEquals((await killed.ended()).code, 137);
  assertEquals(typeof await witness.gone(10_000), "number");
});

Deno.test("the next start ends a first sidecar when the program was killed in the turn that started it", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  await using killed = program(folder, { onHostDeath: "eof", sidecar: family(witness) });
  assertEquals((await killed.ended()).code, 137);
  assert((await witness.alive()).length > 0);
  await using next = program(folder, { onHostDeath: "eof", lives: true, sidecar: family(witness) });
  assertEquals((await next.ended()).code, 0);
  assertMatch(next.lines.join("\n"), /swept +process \d+, which the run before had left behind, was ended/);
  assertEquals((await witness.alive()).map(({ command }) => command), []);
});
