import { assertEquals } from "@std/assert";
import { actor, dynamicSupervisor, supervisor } from "@outrider/outrider";
import { replay } from "@outrider/outrider/report";
import { fake, Tree } from "../../support/probes.ts";

Deno.test("replay: the tree at any time, from the events up to then, or from where it stood and those since", async () => {
  const journal: string[] = [];
  const slow = { initial: 1_000, factor: 1, max: 1_000, jitter: 0, resetAfter: 0 };
  const a = fake("a", journal, { backoff: slow });
  const inner = supervisor("inner", [a.spec, fake("b", journal).spec], { strategy: "one_for_all" });
  const tree = await Tree.start(supervisor("root", [inner, dynamicSupervisor("pool")]));
  const { system, log } = tree;
  const compare = () => assertEquals(replay(log.events), system.status());
  compare();
  a.life.crash();
  await tree.settle();
  compare();
  const [from, seen] = [system.status(), log.events.length];
  assertEquals(from[0]?.children?.map(({ state }) => state), ["restarting", "stopped"]);
  void system.startChild("pool", actor("late", () => ({ receive() {} })));
  await tree.settle();
  compare();
  assertEquals(system.status()[1]?.children?.map(({ id }) => id), ["late"]);
  await tree.clock.advance(1_000);
  compare();
  assertEquals(replay(log.events.slice(seen), from), system.status());
  await system.terminateChild("pool/late");
  await tree.settle();
  compare();
  await tree.stop();
  assertEquals(replay(log.events), []);
});

Deno.test("replay: events of places that it does not know are passed over", () => {
  const base = { at: 0, path: "x/y", generation: 1 };
  assertEquals(replay([{ ...base, type: "added", kind: "worker" }, { ...base, type: "starting" }]), []);
});
