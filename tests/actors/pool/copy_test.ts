/** One copy of a pool, as its router sees it. */
import { assertEquals } from "@std/assert";
import { PoolCopy } from "../../../actors/pool/copy.ts";
import { Publications } from "../../../actors/pool/follow.ts";
import { actor, ActorStoppedError, type Context, type Exit } from "@outrider/outrider";
import type { Incarnation, StartOutcome } from "@outrider/outrider/actor";
import { ActorSystem } from "../../../src/actor/system.ts";

/** A copy whose incarnations start and end by hand. */
function stage() {
  const system = new ActorSystem();
  const address = system.address("w/1");
  const context = {
    path: "w",
    clock: system.clock,
    signal: new AbortController().signal,
    ref: (path: string) => system.ref(path),
  } as unknown as Context<unknown, unknown, unknown>;
  const lives: { started: PromiseWithResolvers<StartOutcome>; ended: PromiseWithResolvers<Exit> }[] = [];
  const spec = {
    ...actor("1", () => ({ receive() {} })),
    start(): Incarnation {
      const started = Promise.withResolvers<StartOutcome>();
      const ended = Promise.withResolvers<Exit>();
      lives.push({ started, ended });
      return { started: started.promise, ended: ended.promise, stop() {}, kill() {} };
    },
  };
  const copy = new PoolCopy(spec, {
    isMember: true,
    context,
    publications: new Publications(context, { isLogged: false }),
    perCopy: 1,
    onChange() {},
    standing: () => "there",
  });
  /** The next incarnation, ready. */
  const start = async () => {
    address.begin();
    copy.spec.start({ path: "w/1", system });
    lives.at(-1)!.started.resolve("ok");
    await new Promise<void>((resolve) => setTimeout(resolve));
  };
  return { copy, start, close: () => system.close() };
}

Deno.test("a copy of a pool stays up when a message reports the end of an older incarnation late", async () => {
  const { copy, start, close } = stage();
  await start();
  await start();
  assertEquals([copy.generation, copy.state], [2, "up"]);
  copy.ended(1, new ActorStoppedError("w/1", "it has ended"));
  assertEquals([copy.state, copy.cause], ["up", undefined]);
  copy.ended(2, new ActorStoppedError("w/1", "it has ended"));
  assertEquals([copy.state, copy.cause?.name], ["down", "ActorStoppedError"]);
  close();
});
