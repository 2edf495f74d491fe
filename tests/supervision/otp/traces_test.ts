/**
 * Every recorded scenario of Erlang/OTP's supervisor, against ours.
 *
 * `OUTRIDER_OTP_TRACES=FILE` plays another file of the same format instead.
 */

import { assertEquals } from "@std/assert";
import { Player } from "./player.ts";
import type { Event, Observation, Scenario } from "./trace.ts";

const file = Deno.env.get("OUTRIDER_OTP_TRACES") || new URL("./traces.json", import.meta.url);
const scenarios: Scenario[] = JSON.parse(await Deno.readTextFile(file));

for (const scenario of scenarios) {
  Deno.test(`OTP: ${scenario.name ?? `seed ${scenario.seed}`}`, async () => {
    const player = new Player(scenario);
    compare(await player.start(), scenario.initial, "start");
    for (const [index, step] of scenario.steps.entries()) {
      compare(
        await player.step(step),
        step,
        `step ${index + 1}: ${JSON.stringify({ ...step, ...outcomeless })}`,
      );
    }
  });
}

/** What an action says is not its outcome. */
const outcomeless = { result: undefined, events: undefined, children: undefined, alive: undefined };

function compare(actual: Observation, expected: Observation, what: string): void {
  const { result, queued_results, events, max_intensity, children, alive, exit_reason, failed_child } =
    expected;
  assertEquals(
    { ...actual, events: ordered(actual.events, events) },
    without({ result, queued_results, events, max_intensity, children, alive, exit_reason, failed_child }),
    what,
  );
  // Objects are equal whatever the order of their keys; here it is the start order.
  if (children !== null) assertEquals(JSON.stringify(actual.children), JSON.stringify(children), what);
}

/** `actual` with those events grouped and sorted that `expected` has as a group without order. */
function ordered(actual: readonly Event[], expected: readonly Event[]): readonly Event[] {
  const rest = [...actual];
  const grouped = expected.map((event): Event | undefined =>
    event[0] === "unordered" ? ["unordered", sorted(rest.splice(0, event[1].length))] : rest.shift()
  );
  return [...grouped.filter((event) => event !== undefined), ...rest];
}

function sorted(events: readonly Event[]): readonly Event[] {
  return [...events].sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}

function without(observation: Partial<Observation>): unknown {
  return Object.fromEntries(Object.entries(observation).filter(([, value]) => value !== undefined));
}
