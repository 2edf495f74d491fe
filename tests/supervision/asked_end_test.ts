/** An end that was asked for by who talks to a child is no failure: it costs nothing, and harms no sibling. */
import { assertEquals } from "@std/assert";
import { actor, type RestartType, type Strategy, supervisor } from "@outrider/outrider";
import { Planted } from "../actors/planted.ts";

function leaving(restart: RestartType = "permanent") {
  return actor<string, number>("s", () => ({
    receive(message, context) {
      if (message === "go") context.exit({ reason: "normal", isAsked: true });
      return context.generation;
    },
  }), { restart });
}

for (const strategy of ["one_for_one", "one_for_all"] as const satisfies Strategy[]) {
  for (const onLimit of ["escalate", { quarantine: { coolDown: "10m" } }] as const) {
    const limit = onLimit === "escalate" ? "gives up" : "quarantines";
    Deno.test(`a ${strategy} supervisor that ${limit} at once starts a child anew, alone, when it was to end`, async () => {
      const sibling = actor<string, number>("t", () => ({
        receive: (_message, { generation }) => generation,
      }));
      const options = { strategy, onLimit, intensity: { restarts: 0, within: "1m" } } as const;
      await using planted = await Planted.start(supervisor("g", [leaving(), sibling], options));
      const ref = planted.system.ref("g/s") as typeof planted.ref;
      for (let generation = 1; generation <= 5; generation++) {
        assertEquals(await ref.ask("which"), generation);
        await ref.ask("go").catch(() => {});
        await planted.event("ready", (event) => event.path === "g/s" && event.generation === generation + 1);
      }
      assertEquals(await (planted.system.ref("g/t") as typeof planted.ref).ask("which"), 1);
      assertEquals([planted.all("restarting"), planted.all("quarantined")], [[], []]);
    });
  }
}

Deno.test("a transient child that was to end stays ended", async () => {
  await using planted = await Planted.start(leaving("transient"));
  await planted.ref.ask("go").catch(() => {});
  assertEquals((await planted.event("finished")).restartType, "transient");
});
