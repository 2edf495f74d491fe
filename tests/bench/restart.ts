/**
 * From a crash to the replacement: a process is killed with SIGKILL, and the time runs until the next one is there. No
 * backoff.
 *
 * Beside the bare loop, which does by hand what no restart can leave out (kill, wait for the end, spawn with three
 * pipes, in a group of its own as ours; and, beside another measure, without a group), "there" means spawned and, for ours, told as ready. Beside pm2, "there" means that the program itself has
 * said so: it writes its pid to a named pipe. See `pm2.ts`.
 */
import { NO_BACKOFF, sidecar, start, supervisor, type System } from "@outrider/outrider";
import type { Benchmark, Running } from "./measure.ts";
import { Pids } from "./pids.ts";
import { missingPm2, pm2 } from "./pm2.ts";

const RESTARTS = 40;
/** Never reached: what is timed is one restart after another. */
const intensity = { restarts: 1_000_000, within: 1 };

async function supervised(): Promise<Running> {
  const cat = sidecar("cat", { command: "cat", protocol: "lines", backoff: NO_BACKOFF });
  const root = supervisor("root", [cat], { intensity });
  const system = await start(root);
  const events = system.events();
  // A process that is there before its events are read is replaced by one that is not.
  await system.terminateChild("cat");
  const restarted = system.restartChild("cat");
  let pid = await nextReady(events);
  await restarted;
  return {
    async round(amount) {
      const pids = new Set([pid]);
      for (let i = 0; i < amount; i++) {
        Deno.kill(pid, "SIGKILL");
        pids.add(pid = await nextReady(events));
      }
      return pids.size - 1;
    },
    close: () => system.stop(),
  };
}

/** The pid of the incarnation that gets ready next. */
async function nextReady(events: ReturnType<System["events"]>): Promise<number> {
  let pid = 0;
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error("Cannot go on: the tree has ended");
    if (value.type === "spawned") pid = value.pid;
    if (value.type === "ready" && value.path === "cat") return pid;
  }
}

function bare({ detached }: { readonly detached: boolean }): Running {
  const pipes = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const spawn = () => new Deno.Command("cat", { ...pipes, detached }).spawn();
  const end = async (child: Deno.ChildProcess) => {
    child.kill("SIGKILL");
    await child.status;
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
    await child.stdin.abort().catch(() => {}); // It may have noticed the end by itself.
  };
  let child = spawn();
  return {
    async round(amount) {
      const pids = new Set([child.pid]);
      for (let i = 0; i < amount; i++) {
        child.kill("SIGKILL");
        await child.status;
        const dead = child;
        child = spawn();
        pids.add(child.pid);
        // Its pipes are nobody's any more; letting go of them is not part of the way to the next one.
        void Promise.all([dead.stdout.cancel(), dead.stderr.cancel()]);
        dead.stdin.abort().catch(() => {});
      }
      return pids.size - 1;
    },
    close: () => end(child),
  };
}

/** Our part beside pm2: the same program. */
async function saying(): Promise<Running> {
  const pids = await Pids.open();
  const { command, args } = pids.program;
  const spec = sidecar("said", { command, args, backoff: NO_BACKOFF });
  const system = await start(supervisor("root", [spec], { intensity }));
  const restarts = await pids.restarts();
  return {
    round: (amount) => restarts(amount),
    async close() {
      await system.stop();
      await pids.close();
    },
  };
}

/** Crash to replacement, beside the loop that does no more than it must. */
export const besideLoop: Benchmark = {
  work: "crash → replacement spawned",
  figure: "time",
  rounds: 9,
  ours: { name: "ours", amount: RESTARTS, open: supervised },
  peers: [
    {
      name: "bare kill-wait-spawn loop",
      amount: RESTARTS,
      toReach: 1.5,
      open: () => bare({ detached: true }),
    },
    { name: "bare loop, no groups", amount: RESTARTS, toReach: 2, open: () => bare({ detached: false }) },
  ],
  expected: (amount) => amount,
};

/** Crash to replacement, beside pm2. */
export const besidePm2: Benchmark = {
  work: "crash → replacement has said so",
  figure: "time",
  runs: 1,
  rounds: 5,
  ours: { name: "ours", amount: RESTARTS, open: saying },
  peers: [{ name: "pm2 7", amount: RESTARTS, toReach: 0.35, missing: missingPm2, open: pm2 }],
  expected: (amount) => amount,
};
