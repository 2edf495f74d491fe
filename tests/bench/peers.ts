/** Actors from npm that do what ours does. These two packages are used here and nowhere else. */
import { dispatch, query, type Ref, spawn, start, stop } from "npm:nact@^7";
import { assign, createActor, createMachine, fromTransition } from "npm:xstate@^5";
import type { Running } from "./measure.ts";

const TIMEOUT_MS = 5_000;

/** nact: adds up; the last number has arrived when an ask behind it is answered. */
export function nactAdder(): Running {
  const system = start();
  type Message = number | { readonly sumTo: Ref<number> };
  const adder = spawn(
    system,
    (sum: number, message: Message) => {
      if (typeof message === "number") return sum + message;
      dispatch(message.sumTo, sum);
      return 0;
    },
    "adder",
    { initialState: 0 },
  );
  return {
    round(amount) {
      for (let i = 1; i <= amount; i++) dispatch(adder, i);
      return query(adder, (sumTo: Ref<number>) => ({ sumTo }), 12 * TIMEOUT_MS);
    },
    close: () => stop(system),
  };
}

/** nact: answers a number with the next one. */
export function nactAsk(): { ask(number: number): Promise<number>; close(): void } {
  const system = start();
  type Message = { readonly number: number; readonly replyTo: Ref<number> };
  const next = spawn(system, (_: unknown, { number, replyTo }: Message) => {
    dispatch(replyTo, number + 1);
  }, "next");
  return {
    ask: (number) => query(next, (replyTo: Ref<number>) => ({ number, replyTo }), TIMEOUT_MS),
    close: () => stop(system),
  };
}

/** xstate: a state machine with one state that adds up in its context. */
export function xstateMachineAdder(): Running {
  const machine = createMachine({
    types: {} as { context: { sum: number }; events: { type: "add"; number: number } | { type: "clear" } },
    context: { sum: 0 },
    on: {
      add: { actions: assign({ sum: ({ context, event }) => context.sum + event.number }) },
      clear: { actions: assign({ sum: 0 }) },
    },
  });
  const adder = createActor(machine).start();
  return {
    round(amount) {
      adder.send({ type: "clear" });
      for (let i = 1; i <= amount; i++) adder.send({ type: "add", number: i });
      return adder.getSnapshot().context.sum;
    },
    close: () => void adder.stop(),
  };
}

/** xstate: its lightest actor, a pure function of state and event. */
export function xstateTransitionAdder(): Running {
  type Event = { type: "add"; number: number } | { type: "clear" };
  const logic = fromTransition(
    (sum: number, event: Event) => event.type === "add" ? sum + event.number : 0,
    0,
  );
  const adder = createActor(logic).start();
  return {
    round(amount) {
      adder.send({ type: "clear" });
      for (let i = 1; i <= amount; i++) adder.send({ type: "add", number: i });
      return adder.getSnapshot().context;
    },
    close: () => void adder.stop(),
  };
}
