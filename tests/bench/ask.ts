/**
 * In-process `ask`: an actor answers each number with the next one, first to one caller that waits for each answer,
 * then to 256 callers that each do.
 *
 * Ours has a timeout on each ask, as has nact. The bare loop's ask is a promise whose resolver is in the array, and
 * nothing else. xstate has no ask.
 */
import { actor, start, supervisor } from "@outrider/outrider";
import { BareAskLoop } from "./bare_loop.ts";
import type { Benchmark, Running } from "./measure.ts";
import { nactAsk } from "./peers.ts";

type Ask = (number: number) => Promise<number>;

/** So many callers share a round's numbers; the sum of all answers comes back. */
async function callers(count: number, amount: number, ask: Ask): Promise<number> {
  let next = 1;
  let sum = 0;
  const caller = async () => {
    while (next <= amount) {
      const answer = await ask(next++);
      sum += answer;
    }
  };
  await Promise.all(Array.from({ length: count }, caller));
  return sum;
}

async function ours(inFlight: number): Promise<Running> {
  const next = actor<number, number>("next", () => ({ receive: (number) => number + 1 }));
  const system = await start(supervisor("root", [next]));
  const ref = system.ref<number, number>("next");
  return {
    round: (amount) => callers(inFlight, amount, (number) => ref.ask(number)),
    close: () => system.stop(),
  };
}

function bare(inFlight: number): Running {
  const loop = new BareAskLoop<number, number>((number) => number + 1);
  return { round: (amount) => callers(inFlight, amount, (number) => loop.ask(number)) };
}

function nact(inFlight: number): Running {
  const { ask, close } = nactAsk();
  return { round: (amount) => callers(inFlight, amount, ask), close };
}

function benchmark(work: string, inFlight: number): Benchmark {
  return {
    work,
    figure: "rate",
    rounds: 9,
    ours: { name: "ours", amount: 150_000, open: () => ours(inFlight) },
    peers: [
      { name: "bare loop", amount: 150_000, toReach: 0.8, open: () => bare(inFlight) },
      { name: "nact 7", amount: 10_000, toReach: 2, open: () => nact(inFlight) },
    ],
    expected: (amount) => amount * (amount + 3) / 2,
  };
}

export const asks: readonly Benchmark[] = [
  benchmark("ask, in process, one at a time", 1),
  benchmark("ask, in process, 256 in flight", 256),
];
