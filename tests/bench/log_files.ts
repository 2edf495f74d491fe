/**
 * A million lines of 90 bytes of one sidecar under `outrider up`: into log files that are rotated at 10 MB, beside standard
 * output that is a file. A round is a whole run, its boot and the count of the lines included; none may be missing.
 */
import { outrider } from "./boot_commands.ts";
import type { Benchmark, Running } from "./measure.ts";
import { said } from "./pids.ts";

const LINES = 1_000_000;

async function upWith(log: object | undefined, output: string): Promise<Running> {
  const folder = await Deno.makeTempDir({ prefix: "outrider_bench_" });
  const program = `seq -f ${"x".repeat(80)}%09g ${LINES}`;
  const web = { id: "web", command: "sh", args: ["-c", program], restart: "temporary" };
  await Deno.writeTextFile(`${folder}/outrider.json`, JSON.stringify({ name: "app", log, children: [web] }));
  const up = outrider("up", `${folder}/outrider.json`);
  const script =
    `rm -f app.log*; "$@" > ${output} 2> errors || cat errors; cat app.log* | grep -c "  stdout  "`;
  return {
    round: async () => Number(await said("sh", ["-c", `cd ${folder}; ${script}`, "sh", ...up])),
    close: () => Deno.remove(folder, { recursive: true }),
  };
}

export const logFiles: Benchmark = {
  work: "log: 1,000,000 lines of 90 bytes into rotated files",
  figure: "rate",
  rounds: 5,
  warmUp: 1,
  ours: {
    name: "rotated at 10 MB",
    amount: LINES,
    open: () => upWith({ file: "app.log", keep: 100 }, "/dev/null"),
  },
  peers: [{ name: "up > file", amount: LINES, toReach: 0.9, open: () => upWith(undefined, "app.log") }],
  expected: (amount) => amount,
};
