/** An incarnation that somebody made himself may break its word: its end is told, and its supervisor goes on. */
import { assertEquals } from "@std/assert";
import { actor, supervisor } from "@outrider/outrider";
import type { Incarnation } from "@outrider/outrider/actor";
import { fake, Tree } from "../support/probes.ts";

const boom = () => {
  throw new Error("boom");
};
const well = actor("well", () => ({ receive: () => "well" }));

/** A tree of a child whose first incarnation is made of `own`, and a neighbour. */
async function planted(own: (end: PromiseWithResolvers<never>) => Partial<Incarnation>) {
  const end = Promise.withResolvers<never>();
  const { spec, lives } = fake("own", [], { shutdown: 1_000 });
  let isFirst = true;
  const start = (...args: Parameters<typeof spec.start>): Incarnation => {
    if (!isFirst) return spec.start(...args);
    isFirst = false;
    return { started: Promise.resolve("ok"), ended: end.promise, stop() {}, kill() {}, ...own(end) };
  };
  return { tree: await Tree.start(supervisor("root", [{ ...spec, start }, well])), lives, end };
}

Deno.test("a child crashes and is started again when its end rejects", async () => {
  const { tree, lives, end } = await planted(() => ({}));
  end.reject(new Error("boom"));
  await tree.settle();
  assertEquals([tree.states(), lives.length], [["own running#2", "well running#1"], 1]);
  const exited = tree.log.events.find(({ type }) => type === "exited");
  assertEquals(
    exited?.type === "exited" && exited.exit.reason === "crash" && exited.exit.cause.message,
    "boom",
  );
  assertEquals(await tree.stop(), { reason: "shutdown" });
});

Deno.test("a stop goes to its end when a child throws at being stopped, or at being killed, and rejects", async () => {
  const words: ((end: PromiseWithResolvers<never>) => Partial<Incarnation>)[] = [
    (end) => ({ stop: boom, kill: () => end.reject(new Error("killed")) }),
    (end) => ({
      kill() {
        end.reject(new Error("killed"));
        boom();
      },
    }),
  ];
  for (const own of words) {
    const { tree } = await planted(own);
    assertEquals(await tree.stop(), { reason: "shutdown" });
    assertEquals(tree.log.lines().filter((line) => line.endsWith("stopped")), [
      "well#1 stopped",
      "own#1 stopped",
      "/#1 stopped",
    ]);
  }
});
