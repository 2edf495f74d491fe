/**
 * Programs that read their stdin to its end before they work, as command lines of agents and compilers do.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { supervisor, System } from "@outrider/outrider";
import { sidecar, type SidecarOptions } from "@outrider/outrider/actors/sidecar";
import { AT_ONCE, Probe } from "../sidecar/health/probe.ts";
import { EventLog } from "../support/probes.ts";
import { testWith } from "./programs.ts";

/** Each says `done` when its stdin has ended. */
const readers: Record<string, Pick<SidecarOptions, "command" | "args">> = {
  "a shell": { command: "sh", args: ["-c", "while read -r line; do :; done; echo done"] },
  "Python": { command: "python3", args: ["-c", "import sys; sys.stdin.read(); print('done')"] },
  "Node": { command: "node", args: ["-e", "require('fs').readFileSync(0); console.log('done')"] },
  "Node's stream": {
    command: "node",
    args: ["-e", "process.stdin.on('end', () => console.log('done')).resume()"],
  },
};

for (const [what, program] of Object.entries(readers)) {
  for (const restart of ["transient", "temporary", "on-abnormal"] as const) {
    const title = `a job of ${what} ends by itself when it reads stdin to its end and is ${restart}`;
    testWith(program.command, title, async () => {
      await using probe = await Probe.start({ ...program, restart });
      await probe.output("done");
      assertEquals((await probe.event("exited")).exit, { reason: "normal" });
    });
  }
}

for (const condition of ["completed", "completed_successfully"] as const) {
  Deno.test(`what waits for a job starts when the job reads stdin to its end, by ${condition}`, async () => {
    const job = sidecar("job", { ...readers["a shell"]!, restart: { on: "permanent", prevent: [0] } });
    const web = sidecar("web", {
      command: "sleep",
      args: ["100"],
      stop: AT_ONCE,
      after: [{ id: "job", condition }],
    });
    const system = new System(supervisor("root", [job, web]));
    const log = new EventLog({ events: () => system.events() });
    await system.start();
    await log.until(({ type, path }) => type === "ready" && path === "web");
    await system.stop();
    await log.ended;
  });
}

Deno.test("a service keeps its stdin when it runs without a protocol", async () => {
  await using probe = await Probe.start({
    command: "sh",
    args: ["-c", "echo up; read -r line; echo ended"],
    stop: { drain: 0, stdin: 5_000, term: 0 },
  });
  await probe.output("up");
  await probe.system.stop();
  await probe.output("ended"); // told by the end of stdin, and in time to say so
});
