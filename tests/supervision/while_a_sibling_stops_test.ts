/**
 * What a supervisor whose children are independent does while one of them takes its time to stop.
 */
import { assertEquals } from "@std/assert";
import { pool, replaceAll } from "../../actors/pool/pool.ts";
import { actor, type Exit, NO_BACKOFF, supervisor } from "@outrider/outrider";
import { simulate } from "../../src/testing/mod.ts";
import { Gate } from "../support/probes.ts";

function mortal() {
  return {
    receive(message: string) {
      if (message === "die") throw new Error("die");
      return message;
    },
  };
}

Deno.test("a one_for_one supervisor restarts a child that died when it stops a slow sibling", async () => {
  const gate = new Gate();
  const slow = actor("slow", () => ({ receive() {}, stopped: () => gate.passed }));
  const tree = await simulate(supervisor("root", [actor("a", mortal, { backoff: NO_BACKOFF }), slow]));
  const terminated = tree.system.terminateChild("slow");
  await tree.advance(1);
  await tree.ref("a").ask("die").catch(() => {});
  await tree.advance(1);
  const { generation } = tree.ref("a");
  gate.open();
  await terminated;
  await tree.stop();
  assertEquals(generation, 2);
});

Deno.test("a pool answers when replaceAll stops a slow copy and another one dies", async () => {
  const gate = new Gate();
  const slow = () => ({
    ...mortal(),
    stopped: ({ reason }: Exit) => reason === "shutdown" ? gate.passed : undefined,
  });
  const copies = pool(
    "w",
    (id) => actor(id, slow, { backoff: NO_BACKOFF, shutdown: 60_000 }),
    { size: 2 },
  );
  const tree = await simulate(supervisor("root", [copies]));
  const replaced = replaceAll(tree.ref("w"));
  await tree.advance(1);
  await tree.ref("w").ask("die").catch(() => {});
  let answer: string | undefined;
  void tree.ref("w").ask("hello").then((value) => answer = value, () => {});
  await tree.advance(1);
  const before = answer;
  gate.open();
  await tree.settled(replaced);
  await tree.stop();
  assertEquals(before, "hello");
});
