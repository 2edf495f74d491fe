/**
 * Random messages, random deaths: every message is accounted for, once.
 *
 * `OUTRIDER_RUNS` is how many scenarios are tried (default 1,500), `OUTRIDER_SEED` which ones; a failure prints the seed and
 * the smallest scenario that fails.
 */

import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { DEFAULT_ATTEMPTS, type DeliveryOptions } from "../../../src/actor/mailbox/delivery.ts";
import type { Overflow } from "../../../src/actor/mailbox/options.ts";
import { actor } from "../../../src/supervision/child_spec.ts";
import { supervisor } from "../../../src/supervision/supervisor_spec.ts";
import { type AnyContext, Tree } from "../../support/probes.ts";

const seed = Number(Deno.env.get("OUTRIDER_SEED") || 20_300_101);
const numRuns = Number(Deno.env.get("OUTRIDER_RUNS") || 1_500);

/** What the actor does with a message. */
type Treatment = "answer" | "work" | "defer" | "throw" | "give back" | "abandon";

/** What is done to the tree, one after the other. */
type Step =
  | {
    readonly do: "ask";
    readonly treatment: Treatment;
    readonly timeout: number;
    readonly options: DeliveryOptions;
  }
  | { readonly do: "tell"; readonly treatment: Treatment; readonly options: DeliveryOptions | undefined }
  | {
    readonly do:
      | "settle"
      | "finish"
      | "crash"
      | "crash sibling"
      | "end normally"
      | "restart by hand"
      | "advance";
  };

interface Scenario {
  readonly steps: readonly Step[];
  readonly own: DeliveryOptions;
  readonly capacity: number;
  readonly overflow: Overflow;
  readonly permanent: boolean;
}

/** One message, and all that became of it. */
interface Message {
  readonly id: number;
  readonly kind: "ask" | "tell";
  readonly treatment: Treatment;
  /** How many incarnations may have it. */
  readonly most: number;
  /** Generations that had it. */
  readonly had: number[];
  /** What became of it: `done` by the actor, `answered`, failed or refused (the error's code), or a dead letter (its reason). */
  readonly ends: string[];
}

const delivery: fc.Arbitrary<DeliveryOptions> = fc.record({
  onDeath: fc.constantFrom("fail", "replay", "dead-letter"),
  attempts: fc.integer({ min: 1, max: 4 }),
}, { requiredKeys: [] });
const treatment = fc.constantFrom<Treatment>("answer", "work", "defer", "throw", "give back", "abandon");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      treatment,
      timeout: fc.constantFrom(64, 6_400),
      options: delivery,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("tell" as const),
      treatment,
      options: fc.option(delivery, { nil: undefined }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "settle" as const,
        "finish" as const,
        "crash" as const,
        "crash sibling" as const,
        "end normally" as const,
        "restart by hand" as const,
        "advance" as const,
      ),
    }),
  },
);
const scenario: fc.Arbitrary<Scenario> = fc.record({
  steps: fc.array(step, { maxLength: 40 }),
  own: delivery,
  capacity: fc.integer({ min: 1, max: 6 }),
  overflow: fc.constantFrom<Overflow>("wait", "drop-oldest", "drop-newest", "fail"),
  permanent: fc.boolean(),
});

/** The messages of a scenario, with what became of each. */
async function run({ steps, own, capacity, overflow, permanent }: Scenario): Promise<Message[]> {
  const messages: Message[] = [];
  const unfinished: (() => void)[] = [];
  let context: AnyContext | undefined;
  const tested = () => ({
    started: (own: AnyContext) => void (context = own),
    receive(message: Message, own: AnyContext) {
      message.had.push(own.generation);
      const reply = own.deferReply();
      const finish = () => reply === undefined ? void message.ends.push("done") : reply.resolve(message.id);
      switch (message.treatment) {
        case "answer":
          return finish();
        case "throw":
          throw new Error("boom");
        case "defer":
          // A tell has nothing to defer: it is done with.
          return reply === undefined ? finish() : void unfinished.push(finish);
        case "give back":
          // Once, for who takes it next: with an end of its own accord, as a program's exit is.
          if (message.had.length > 1) return finish();
          own.giveBack([own.taken()]);
          return own.exit({ reason: "crash", cause: new Error("given back") });
        case "abandon":
          own.abandon([own.taken()]);
          return own.exit({ reason: "crash", cause: new Error("abandoned") });
        case "work":
          return new Promise<void>((resolve) =>
            unfinished.push(() => {
              // Whatever an incarnation does that is over is of no account.
              if (ref.isAlive && ref.generation === own.generation) finish();
              resolve();
            })
          );
      }
    },
  });
  const restart = permanent ? "permanent" as const : "transient" as const;
  const sibling = actor("sibling", () => ({
    receive() {
      throw new Error("boom");
    },
  }));
  const tree = await Tree.start(supervisor("root", [
    actor("tested", tested, { ...own, mailbox: { capacity, overflow }, restart }),
    sibling,
  ], { strategy: "one_for_all", intensity: { restarts: 1_000, within: 1 } }));
  const ref = tree.system.ref<Message, unknown>("tested");
  const made = ({ do: kind, treatment, options = {} }: Step & { do: Message["kind"] }): Message => {
    const { onDeath, attempts = DEFAULT_ATTEMPTS } = { ...own, ...options };
    // What is given back once is had once more.
    const most = (onDeath === "replay" ? attempts : 1) + (treatment === "give back" ? 1 : 0);
    const message = { id: messages.length, kind, treatment, most, had: [], ends: [] };
    messages.push(message);
    return message;
  };
  for (const step of steps) {
    switch (step.do) {
      case "ask": {
        const message = made(step);
        const { ends } = message;
        ref.ask(message, { ...step.options, timeout: step.timeout })
          .then(() => ends.push("answered"), (error) => ends.push(error.code));
        break;
      }
      case "tell": {
        const message = made(step);
        // Refused, a message is a dead letter as well, which is what counts.
        void ref.tell(message, step.options);
        break;
      }
      case "settle":
        await tree.settle();
        break;
      case "finish":
        unfinished.shift()?.();
        break;
      case "crash":
        context!.exit({ reason: "crash", cause: new Error("boom") });
        break;
      case "crash sibling":
        void tree.system.ref("sibling").tell("crash");
        break;
      case "end normally":
        context!.exit({ reason: "normal" });
        break;
      case "restart by hand":
        await tree.settle();
        void tree.clock.until(tree.system.restartChild("tested")).catch(() => {});
        break;
      case "advance":
        await tree.clock.advance(6_000);
    }
  }
  await tree.settle();
  await tree.stop();
  for (const finish of unfinished) finish();
  await tree.settle();
  for (const event of tree.log.events) {
    if (event.type !== "dead_letter" || event.reason === "late_reply") continue;
    if (event.path === "tested") (event.message as Message).ends.push(event.reason);
  }
  return messages;
}

/** What can be true in the end; of all of it a run must have some. */
const ACCOUNTS: readonly string[] = [
  "ask: answered",
  "ask: ask_timeout",
  "ask: incarnation_ended",
  "ask: in_flight incarnation_ended", // as it was to be a dead letter
  "ask: actor_stopped",
  "ask: mailbox_full",
  "ask: mailbox_full message_dropped",
  "tell: done",
  "tell: in_flight",
  "tell: actor_stopped",
  "tell: mailbox_full",
];

Deno.test("every message is accounted for once, within its attempts, when incarnations die at random", async () => {
  const reached = new Set<string>();
  const property = fc.asyncProperty(scenario, async (scenario) => {
    for (const message of await run(scenario)) {
      const account = `${message.kind}: ${message.ends.toSorted().join(" ")}`;
      reached.add(account);
      assertEquals(ACCOUNTS.includes(account), true, `${JSON.stringify(message)} came to '${account}'`);
      assertEquals(message.had.length <= message.most, true, JSON.stringify(message));
    }
  });
  await fc.assert(property, { seed, numRuns });
  assertEquals([...reached].sort(), ACCOUNTS.toSorted());
});
