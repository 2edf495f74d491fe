/**
 * What one item costs in a `for await` loop: a subscription whose items are all there already, beside the least that a
 * `for await` loop can run over, an iterator that returns one promise, fulfilled long ago, every time.
 *
 * What is left between the two is all that a faster subscription could gain. The rest is the language's: each step
 * awaits. Where that is too much, `batches()` with a loop within awaits once for all that has come.
 */
import { Subscription } from "@outrider/outrider";
import type { Benchmark, Running } from "./measure.ts";

const AMOUNT = 300_000;

async function sumOf(numbers: AsyncIterable<number>): Promise<number> {
  let sum = 0;
  for await (const number of numbers) sum += number;
  return sum;
}

function filled(amount: number): Subscription<number> {
  const subscription = new Subscription<number>("bench", { capacity: Infinity }, () => {});
  for (let i = 0; i < amount; i++) void subscription.push(1, 1);
  subscription.end();
  return subscription;
}

function oneByOne(): Running {
  return { round: (amount) => sumOf(filled(amount)) };
}

function inBatches(): Running {
  return {
    async round(amount) {
      let sum = 0;
      for await (const numbers of filled(amount).batches()) for (const number of numbers) sum += number;
      return sum;
    },
  };
}

function leastIterator(): Running {
  const step = Promise.resolve({ value: 1, done: false });
  return {
    round(amount) {
      // As much is queued and taken as by the others, so that nothing but the steps differs.
      const queued = filled(amount);
      let left = amount;
      const next = (): Promise<IteratorResult<number>> => left-- > 0 ? step : queued.return();
      return sumOf({ [Symbol.asyncIterator]: () => ({ next }) });
    },
  };
}

export const forAwait: Benchmark = {
  work: "an item in a for await loop",
  figure: "rate",
  rounds: 9,
  ours: { name: "ours", amount: AMOUNT, open: oneByOne },
  peers: [
    { name: "the least iterator", amount: AMOUNT, toReach: 0.6, open: leastIterator },
    { name: "ours, in batches", amount: AMOUNT, open: inBatches },
  ],
  expected: (amount) => amount,
};
