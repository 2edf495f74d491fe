/** Events that pass a place's censor. */
import { assert, assertEquals } from "@std/assert";
import { actor, start, supervisor, type SystemEvent } from "@outrider/outrider";
import { EventLog } from "../support/probes.ts";

/** Takes the word out of what is told in three ways. */
function hide(event: SystemEvent): SystemEvent {
  if (event.type === "output") return { ...event, line: "***" };
  if (event.type === "dead_letter") return { ...event, message: "***" };
  return event.type === "gave_up" ? { ...event, cause: new Error("***") } : event;
}

const careless = (id: string, isCensored: boolean) =>
  actor(id, () => ({
    started(context) {
      if (isCensored) context.redact(hide);
    },
    receive(message: string, context): void {
      context.emit({ type: "output", stream: "stdout", line: message });
      if (message === "key and die") throw new Error(message);
    },
  }), { restart: "permanent" });

Deno.test("a redact function sees events of its address and of those above when it is set", async () => {
  const strict = { intensity: { restarts: 0, within: 1_000 }, restart: "temporary" } as const;
  const root = supervisor("root", [
    supervisor("s", [careless("a", true)], strict),
    supervisor("t", [careless("a", false)], strict),
  ]);
  const system = await start(root);
  const log = new EventLog({ events: (filter) => system.events(filter) });
  for (const above of ["s", "t"]) {
    const ref = system.ref<string>(`${above}/a`);
    ref.tell("key and die");
    await log.until(({ type, path }) => type === "gave_up" && path === above);
    await log.until(({ type, path }) => type === "forgotten" && path === above);
    await ref.tell("key")?.catch(() => {});
  }
  await system.stop();
  await log.ended;
  const told = (above: string) =>
    log.events.flatMap((event) => {
      if (!event.path.startsWith(above)) return [];
      if (event.type === "output") return [event.line];
      if (event.type === "dead_letter") return [String(event.message)];
      return event.type === "gave_up" ? [String(event.cause?.message)] : [];
    });
  assertEquals(new Set(told("s")), new Set(["***"]));
  assert(told("t").length >= 2 && told("t").every((text) => text.startsWith("key")));
  assertEquals(told("s").length, told("t").length);
});
