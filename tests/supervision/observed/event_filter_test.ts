/** `system.events` with a filter, and the signals that end what the system hands out. */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { actor, start, supervisor } from "@outrider/outrider";
import { failureOf, fake } from "../../support/probes.ts";

const echo = (id: string) => actor(id, () => ({ receive: (word: string) => word }));
const tree = () => start(supervisor("root", [echo("a"), supervisor("team", [echo("b")])]));

Deno.test("events lets through what happens at a path and below it, and what has one of the types", async () => {
  const system = await tree();
  const collect = (filter: Parameters<typeof system.events>[0]) =>
    Array.fromAsync(system.events(filter), ({ path, type }) => `${path} ${type}`);
  const [a, team, stopped, both] = [
    collect({ path: "a" }),
    collect({ path: "team" }),
    collect({ types: ["stopped"] }),
    collect({ path: "team", types: ["stopping", "forgotten"] }),
  ];
  await system.stop();
  assertEquals(await a, ["a stopping", "a stopped"]);
  assertEquals(await team, ["team stopping", "team/b stopping", "team/b stopped", "team stopped"]);
  assertEquals(await stopped, ["team/b stopped", "team stopped", "a stopped", "/ stopped"]);
  assertEquals(await both, ["team stopping", "team/b stopping"]);
});

Deno.test("events tells a filtered reader that is too slow how many of its own events it lost", async () => {
  const system = await tree();
  const events = system.events({ types: ["dead_letter"] });
  await system.terminateChild("a");
  for (let n = 0; n < 5_000; n++) void system.ref("a").tell("x");
  assertEquals(await events.next().then(({ value }) => value), {
    ...{ path: "/", generation: 0, type: "events_lost", count: 5_000 - 4_096 },
    at: (await events.next()).value!.at,
  });
  await system.stop();
});

Deno.test("events ends when its signal aborts, also while its reader waits", async () => {
  await using system = await tree();
  const abort = new AbortController();
  const events = system.events({ signal: abort.signal });
  const waiting = events.next();
  abort.abort();
  assertEquals((await waiting).done, true);
  assertEquals((await events.next()).done, true);
  const late = system.events({ signal: abort.signal });
  assertEquals((await late.next()).done, true);
});

Deno.test("start rejects with the signal's reason when that aborts while the tree starts, and nothing runs then", async () => {
  const reason = new Error("enough");
  const abort = new AbortController();
  const journal: string[] = [];
  const starting = start(
    supervisor("root", [fake("a", journal).spec, fake("b", journal, { outcomes: ["never"] }).spec]),
    { signal: abort.signal },
  );
  const failure = failureOf(starting);
  while (journal.length < 2) await new Promise((resolve) => setTimeout(resolve));
  abort.abort(reason);
  assertStrictEquals(await failure, reason);
  assertEquals(journal, ["start a", "start b", "stop b", "stop a"]);
  const never = start(supervisor("root", [fake("c", journal).spec]), { signal: abort.signal });
  assertStrictEquals(await failureOf(never), reason);
  assertEquals(journal.length, 4);
});

Deno.test("start stops its tree when its signal aborts later", async () => {
  const abort = new AbortController();
  const system = await start(supervisor("root", [echo("a")]), { signal: abort.signal });
  abort.abort();
  assertEquals(await system.ended, { reason: "shutdown" });
});

Deno.test("a stop is typed so that an object can be disposed by it", async () => {
  const system = await tree();
  {
    await using _owner: AsyncDisposable = { [Symbol.asyncDispose]: () => system.stop() };
  }
  assertEquals(await system.ended, { reason: "shutdown" });
});
