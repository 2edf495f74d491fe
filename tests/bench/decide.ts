/**
 * How long a supervisor takes from a child's death to its replacement, by the number of its children: under
 * `one_for_one` the others must not count. The children are fakes that start at once and die when told, so that what
 * is timed is the supervisor's part alone: the death's way to it, the verdict, the budget, the start.
 *
 * The limit of the intensity is far away and its window short: what has to be remembered of earlier restarts is the same
 * for all contenders.
 */
import { type ChildSpec, type Exit, NO_BACKOFF, start, supervisor } from "@outrider/outrider";
import type { Incarnation, StartOutcome } from "@outrider/outrider/actor";
import type { Benchmark, Contender, Running } from "./measure.ts";

/** How much slower 1,000 or 10,000 children may be than 10: what a shared machine needs to say "the same". */
const AS_GOOD_AS_EQUAL = 1.25;

class FakeLife implements Incarnation {
  readonly started: Promise<StartOutcome> = Promise.resolve("ok");
  readonly #ended = Promise.withResolvers<Exit>();
  readonly ended: Promise<Exit> = this.#ended.promise;

  crash(cause: Error): void {
    this.#ended.resolve({ reason: "crash", cause });
  }

  stop(): void {
    this.#ended.resolve({ reason: "shutdown" });
  }

  kill(): void {
    this.#ended.resolve({ reason: "killed", abandoned: false });
  }
}

/** How many of the children die, in turn: the same number for all, so that the processor's caches have no say. */
const VICTIMS = 10;

/** `count` children; a round kills those in the middle of the list, each as soon as the one before is back. */
async function open(count: number): Promise<Running> {
  const lives: FakeLife[] = [];
  let onStart: (() => void) | undefined;
  const child = (at: number): ChildSpec => ({
    id: `c${at}`,
    type: "worker",
    restart: "permanent",
    significant: false,
    shutdown: "brutal_kill",
    backoff: NO_BACKOFF,
    mailbox: {},
    children: [],
    start() {
      lives[at] = new FakeLife();
      onStart?.();
      return lives[at];
    },
  });
  const intensity = { restarts: 1_000_000, within: 1, per: "supervisor" } as const;
  const children = Array.from({ length: count }, (_, at) => child(at));
  const system = await start(supervisor("root", children, { intensity }));
  const cause = new Error("told to");
  const first = (count - VICTIMS) >> 1;
  return {
    async round(amount) {
      let started = 0;
      for (let i = 0; i < amount; i++) {
        const at = first + i % VICTIMS;
        await new Promise<void>((resolve) => {
          onStart = resolve;
          lives[at]!.crash(cause);
        });
        started++;
      }
      return started;
    },
    close: () => system.stop(),
  };
}

function contender(count: number): Contender {
  return { name: `${count.toLocaleString("en")} children`, amount: 5_000, open: () => open(count) };
}

/** Ours is the large supervisor, its peers are smaller ones. */
export const decisions: readonly Benchmark[] = [1_000, 10_000].map((count) => ({
  work: `a restart decided, one_for_one, ${count.toLocaleString("en")} children`,
  figure: "time",
  runs: 1,
  rounds: 7,
  ours: contender(count),
  peers: [
    { ...contender(10), toReach: AS_GOOD_AS_EQUAL },
    contender(100),
  ],
  expected: (amount) => amount,
}));
