/** What a user's code throws, sends or answers is that actor's business: every neighbour lives on, and the tree stops. */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  actor,
  type Behavior,
  type ChildSpec,
  GaveUpError,
  IncarnationEndedError,
  start,
  supervisor,
  type System,
  type SystemEvent,
} from "@outrider/outrider";
import { causeOf } from "../../src/actor/exit.ts";
import { jsonLine } from "../../src/log.ts";
import { ChildHistory } from "../../src/supervision/observed/history.ts";
import { crashText, outcomeText } from "../../src/report/cause.ts";
import { BITING, revoked, trapped } from "../actor/biting.ts";
import { failureOf } from "../support/probes.ts";

// deno-lint-ignore no-explicit-any -- what is sent is anything at all
type Any = any;

const well = actor("well", () => ({ receive: () => "well" }));

/** A tree of `spec` and a neighbour, whose events are written down in every form that there is. */
async function tree(spec: ChildSpec): Promise<
  { system: System; events: SystemEvent[]; over(): Promise<void> }
> {
  const system = await start(supervisor("root", [spec, well], { intensity: { restarts: 1_000, within: 1 } }));
  const events: SystemEvent[] = [];
  const chronicle = new ChildHistory();
  const reading = (async () => {
    for await (const event of system.events()) {
      events.push(event);
      assertEquals(typeof JSON.parse(jsonLine(event)).type, "string");
      chronicle.see(event);
      const cause = event.type === "exited" && event.exit.reason === "crash" ? event.exit.cause : undefined;
      if (cause !== undefined) {
        assertEquals([typeof crashText(cause), typeof outcomeText(cause, "t")], ["string", "string"]);
      }
    }
  })();
  return {
    system,
    events,
    async over() {
      assertEquals(await system.ref(well).ask(1), "well");
      await system.stop();
      assertEquals(await system.ended, { reason: "shutdown" });
      await reading;
    },
  };
}

const hooks: Readonly<Record<string, (value: unknown) => Behavior<Any, Any>>> = {
  "thrown by a handler": (value) => ({
    receive() {
      throw value;
    },
  }),
  "rejected by a handler": (value) => ({ receive: () => Promise.reject(value) }),
  "refused by a reply": (value) => ({
    receive: (_, context) => context.deferReply()!.reject(value as Error),
  }),
  "given as a cause to exit": (value) => ({
    receive: (_, context) => context.exit({ reason: "crash", cause: value as Error }),
  }),
  "given to exit": (value) => ({ receive: (_, context) => context.exit(value as Any) }),
  "thrown by stopped": (value) => ({
    receive: (_, context) => context.exit({ reason: "normal" }),
    stopped() {
      throw value;
    },
  }),
};

for (const [how, make] of Object.entries(hooks)) {
  Deno.test(`a tree lives on when something that bites is ${how}`, async () => {
    for (const [name, value] of Object.entries(BITING)) {
      const { system, over } = await tree(actor("bad", () => make(value())));
      const outcome = await system.ref("bad").ask(1, { timeout: Infinity }).catch((error) => error);
      assert(outcome === undefined || outcome instanceof Error, name);
      await over();
    }
  });
}

Deno.test("a start fails and its tree is told when something that bites is thrown by started", async () => {
  for (const [name, value] of Object.entries(BITING)) {
    const bad = actor("bad", () => ({
      started() {
        throw value();
      },
      receive() {},
    }));
    const error = await failureOf(start(supervisor("root", [bad])));
    assertEquals([error.name, typeof error.message], ["StartError", "string"], name);
    assertEquals(typeof outcomeText(error, "t"), "string");
  }
});

Deno.test("a message reaches its actor when nobody can look at it, and so does the answer of another", async () => {
  for (const make of [revoked, trapped]) {
    const had: unknown[] = [];
    const { system, over, events } = await tree(actor("any", () => ({
      receive(message: unknown) {
        had.push(message);
        return had.length;
      },
    }), { mailbox: { capacity: 1, overflow: "drop-oldest" } }));
    const ref = system.ref<Any, Any>("any");
    const message = make();
    assertEquals(await ref.ask(message), 1);
    ref.tell(message);
    ref.tell(message); // drops the one before
    assertEquals(await ref.ask(0).catch(() => ref.ask(0)), had.length);
    assertEquals(had[0] === message, true);
    await over();
    assert(events.some(({ type }) => type === "dead_letter"));
  }
});

Deno.test("an actor crashes and the others go on when it looks at a message that can't be looked at", async () => {
  const { system, over } = await tree(actor("looks", () => ({ receive: (message: Any) => message.x })));
  const error = await failureOf(system.ref("looks").ask(revoked()));
  assertInstanceOf(error, IncarnationEndedError);
  await over();
});

Deno.test("an actor crashes and the others go on when it answers with what can't be looked at", async () => {
  const { system, over } = await tree(actor("answers", () => ({ receive: () => revoked() as Any })));
  assertInstanceOf(await failureOf(system.ref("answers").ask(1)), IncarnationEndedError);
  await over();
});

Deno.test("an actor crashes, ends and the others go on when it watches what is not an address", async () => {
  for (const address of [undefined, {}, revoked()]) {
    const { system, over } = await tree(actor("watches", () => ({
      receive: (_: unknown, context) => context.watch(address as Any),
    })));
    assertInstanceOf(await failureOf(system.ref("watches").ask(1)), IncarnationEndedError);
    await over();
  }
});

Deno.test("subscribers go on when a size that is none is published", async () => {
  const { system, over } = await tree(actor<Any, Any, Any>("publishes", () => ({
    receive: (size, context) => void context.publish("item", size),
  })));
  const ref = system.ref("publishes");
  const read = ref.subscribe();
  for (const size of [NaN, -1, Infinity]) {
    assertInstanceOf(await failureOf(ref.ask(size)), IncarnationEndedError);
  }
  await ref.ask(1);
  assertEquals((await read.next()).value, "item");
  await read.return();
  await over();
});

Deno.test("a supervisor gives up with an error of its own when a child ended with one that is its own cause", async () => {
  const ring = new GaveUpError("inner", { restarts: 1, within: 1 }, undefined);
  ring.cause = ring;
  const child = actor("child", () => ({
    receive() {
      throw ring;
    },
  }));
  const system = await start(supervisor("root", [child], { intensity: { restarts: 0, within: 1_000 } }));
  await failureOf(system.ref(child).ask(1));
  const error = causeOf(await system.ended);
  assertInstanceOf(error, GaveUpError);
  assert(error.message.includes("'inner' gave up, too"), error.message);
});
