/**
 * In-process `tell`: one sender, one actor that adds up the numbers it gets, from the first `tell` until the actor has
 * had the last number.
 *
 * Ours has a mailbox of 1,024 messages, and the sender waits whenever it is told to. The bare loop has no bound: its
 * sender pushes everything without waiting, and for information also with a pause every 1,024 messages, as bounded
 * memory would need. xstate handles a message within `send`, on the caller's stack; nact takes one each turn of the
 * event loop, so it is given fewer messages.
 */
import { actor, start, supervisor } from "@outrider/outrider";
import { BareLoop } from "./bare_loop.ts";
import type { Benchmark, Running } from "./measure.ts";
import { nactAdder, xstateMachineAdder, xstateTransitionAdder } from "./peers.ts";

const AMOUNT = 2_000_000;
const PAUSE_EVERY = 1_024;

/** Adds up numbers; `arrived` is fulfilled with the sum when so many have come. */
class Adder {
  #sum = 0;
  #missing = 0;
  #arrived: (sum: number) => void = () => {};

  arrived(count: number): Promise<number> {
    this.#sum = 0;
    this.#missing = count;
    return new Promise((resolve) => this.#arrived = resolve);
  }

  receive(number: number): void {
    this.#sum += number;
    if (--this.#missing === 0) this.#arrived(this.#sum);
  }
}

async function ours(): Promise<Running> {
  const adder = new Adder();
  const spec = actor<number>("adder", () => adder, { mailbox: { capacity: 1_024, overflow: "wait" } });
  const system = await start(supervisor("root", [spec]));
  const ref = system.ref<number>("adder");
  return {
    async round(amount) {
      const arrived = adder.arrived(amount);
      for (let i = 1; i <= amount; i++) {
        const full = ref.tell(i);
        if (full !== undefined) await full;
      }
      return arrived;
    },
    close: () => system.stop(),
  };
}

function bare(): Running {
  const adder = new Adder();
  const loop = new BareLoop<number>((number) => adder.receive(number));
  return {
    round(amount) {
      const arrived = adder.arrived(amount);
      for (let i = 1; i <= amount; i++) loop.tell(i);
      return arrived;
    },
  };
}

function bareWithPauses(): Running {
  const adder = new Adder();
  const loop = new BareLoop<number>((number) => adder.receive(number));
  return {
    async round(amount) {
      const arrived = adder.arrived(amount);
      for (let i = 1; i <= amount; i++) {
        loop.tell(i);
        if (i % PAUSE_EVERY === 0) await undefined;
      }
      return arrived;
    },
  };
}

export const tell: Benchmark = {
  work: "tell, in process",
  figure: "rate",
  rounds: 9,
  ours: { name: "ours", amount: AMOUNT, open: ours },
  peers: [
    { name: "bare loop", amount: AMOUNT, toReach: 1, open: bare },
    { name: "bare loop, sender pauses", amount: AMOUNT, open: bareWithPauses },
    { name: "nact 7", amount: 20_000, toReach: 2, open: nactAdder },
    { name: "xstate 5, machine", amount: 200_000, toReach: 2, open: xstateMachineAdder },
    { name: "xstate 5, transition function", amount: AMOUNT, toReach: 2, open: xstateTransitionAdder },
  ],
  expected: (amount) => amount * (amount + 1) / 2,
};
