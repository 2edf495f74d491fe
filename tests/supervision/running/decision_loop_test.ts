/** What becomes of faults while a supervisor decides. */
import { assertEquals } from "@std/assert";
import { initialState } from "../../../src/supervision/decide/state.ts";
import { DecisionLoop } from "../../../src/supervision/running/decision_loop.ts";
import { supervisor } from "../../../src/supervision/supervisor_spec.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

for (const [which, faults] of [["one", 1], ["each", Infinity]] as const) {
  Deno.test(`a supervisor ends, and decides no more, when ${which} of its decisions has a fault`, () => {
    let left: number = faults;
    const rules = supervisor("root", []).supervises!;
    const loop = new DecisionLoop(initialState("/", { specs: [], rules }), {
      clock: new VirtualClock(),
      carryOut: () => {},
      onDecided: () => {
        if (left-- > 0) throw new Error("a fault");
      },
    });
    loop.take({ type: "began" });
    assertEquals(loop.state.phase.is, "over");
  });
}
