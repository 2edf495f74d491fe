/**
 * A pool of two workers beside one worker: each request is some milliseconds of work for a processor, in a program in C,
 * and eight callers wait for their answers, so that no worker has to wait for work. On two idle processors the pool does
 * twice as much; what runs beside it, this process included, takes from that.
 */
import { start, supervisor } from "@outrider/outrider";
import { pool } from "@outrider/outrider/actors/pool";
import type { Benchmark, Contender, Running } from "./measure.ts";
import { program } from "./programs.ts";

const CALLERS = 8;

async function open(size: number, kit: string): Promise<Running> {
  const { command, args } = await program("burn", kit);
  const workers = pool("workers", { command, args, protocol: "lines" }, { size, perCopy: 2 });
  const system = await start(supervisor("root", [workers]));
  const ref = system.ref<string, string>("workers");
  return {
    async round(amount) {
      let left = amount;
      let sum = 0;
      const caller = async () => {
        while (left-- > 0) {
          const answer = await ref.ask("burn");
          sum += Number(answer);
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, caller));
      return sum;
    },
    close: () => system.stop(),
  };
}

const contender = (name: string, size: number): Contender => ({
  name,
  amount: 200,
  open: (kit) => open(size, kit),
});

export const pools: Benchmark = {
  work: "pool of 2 CPU-bound workers",
  figure: "rate",
  rounds: 5,
  warmUp: 1,
  ours: contender("2 workers", 2),
  peers: [{ ...contender("one worker", 1), toReach: 1.8 }],
  expected: (amount) => amount,
};
