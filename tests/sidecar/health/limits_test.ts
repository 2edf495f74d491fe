/** Sidecars that use more than they may. */
import { deathOf } from "../../../src/actor/exit.ts";
import {
  type Limits,
  OptionError,
  PermissionMissingError,
  sidecar,
  type SidecarOptions,
  supervisor,
  System,
  type SystemEvent,
} from "@outrider/outrider";
import type { ProcessUsage } from "@outrider/outrider/process";
import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import { LIMITS_TICK_MS } from "../../../src/sidecar/health/limits.ts";
import { SidecarOverLimitError } from "@outrider/outrider/protocol";
import { fakeProcess, simulate, type Simulation } from "@outrider/outrider/testing";
import { failureOf } from "../../support/probes.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { alive } from "../../process/fixture.ts";
import { AT_ONCE, hasty, Probe, sh } from "./probe.ts";

const MB = 1_000_000;

/** A tree of sidecars `a`, `b` … with these limits, on virtual time; `used` says what one uses, by its id. */
async function tree(
  limits: readonly (Limits | undefined)[],
  used: (id: string, simulation: Simulation) => Partial<ProcessUsage>,
) {
  const ids = limits.map((_, index) => "abc"[index]!);
  let readings = 0;
  const specs = ids.map((id, index) => sidecar(id, { command: id, limits: limits[index], stop: AT_ONCE }));
  const simulation = await simulate(supervisor("root", specs), {
    processes: Object.fromEntries(ids.map((id) => [id, {}])),
    usage: () => {
      readings++;
      return ids.map((id) => {
        const { pid } = simulation.process(id).life;
        return { pid, parent: 1, memory: 0, cpu: 0, ...used(id, simulation) };
      });
    },
  });
  return { simulation, readings: () => readings };
}

const isEnd = (event: SystemEvent) => event.type === "exited";

Deno.test("a sidecar over its limit for the allowed time is ended with that cause, and restarted", async () => {
  const { simulation } = await tree(
    [{ memory: 200 * MB, for: 5_000 }, { memory: 200 * MB }],
    (id) => ({ memory: id === "a" ? 250.25 * MB : 150 * MB }),
  );
  const started = simulation.clock.now();
  const end = await simulation.until(isEnd);
  assertEquals([end.path, simulation.clock.now() - started], ["a", 6_000]);
  assert(end.type === "exited" && end.exit.reason === "crash");
  const { cause } = end.exit;
  assertInstanceOf(cause, SidecarOverLimitError);
  assertEquals([cause.code, deathOf(end.exit).kind], ["sidecar_over_limit", "over_limit"]);
  assertEquals(cause.excess, { limit: "memory", allowed: 200 * MB, used: 250.25 * MB, lasted: 5_000 });
  assertEquals(
    cause.message,
    "Cannot go on: 'a' used 250.3 MB, for 5 s more than the 200 MB that its limits allow",
  );
  await simulation.until(({ type, generation }) => type === "ready" && generation === 2);
  assertEquals(["a", "b"].map((id) => simulation.process(id).starts), [2, 1]);
  await simulation.stop();
});

Deno.test("processor time", async () => {
  const { simulation } = await tree(
    [{ cpu: 1.5, for: 5_000 }],
    (_, { clock }) => ({ cpu: clock.now() * 1.75 }),
  );
  const end = await simulation.until(isEnd);
  assert(end.type === "exited" && end.exit.reason === "crash");
  assertMatch(end.exit.cause.message, /'a' used 1\.75 processors, for 5 s more than the 1\.5 processors/);
  await simulation.stop();
});

Deno.test("usage is read once a second for all sidecars of the tree, and not at all without limits", async () => {
  const { simulation, readings } = await tree([{ cpu: 1 }, { memory: 1 }, undefined], () => ({}));
  await simulation.advance(10_000);
  assertEquals(readings(), 10);
  await simulation.system.terminateChild("a");
  await simulation.advance(10_000);
  assertEquals(readings(), 20);
  await simulation.system.terminateChild("b");
  await simulation.advance(10_000);
  assertEquals(readings(), 20);
  await simulation.stop();
});

Deno.test("a failed reading is reported once, and ends no sidecar; later readings count", async () => {
  let readings = 0;
  const { simulation } = await tree([{ memory: 1, for: 1_000 }], () => {
    if (++readings < 4) throw new Error("Cannot fork: out of memory");
    return { memory: 2 };
  });
  await simulation.until(isEnd);
  assertEquals(simulation.events.flatMap((event) => event.type === "warning" ? [event.message] : []), [
    "its limits are not watched: Cannot fork: out of memory",
  ]);
  assertEquals(readings, 5);
  await simulation.stop();
});

Deno.test("a reading that is under way when the last one ends is waited for", async () => {
  const clock = new VirtualClock();
  const reading = Promise.withResolvers<ProcessUsage[]>();
  const fake = fakeProcess();
  const spec = sidecar("s", { command: "s", limits: { cpu: 1 }, spawn: fake.spawn, stop: AT_ONCE });
  const system = new System(supervisor("root", [spec]), {
    clock,
    injected: { readUsage: () => reading.promise },
  });
  await clock.until(system.start());
  await clock.advance(1_000);
  let isOver = false;
  const stopping = system.stop().then(() => void (isOver = true));
  await clock.advance(10);
  assertEquals(isOver, false);
  reading.resolve([{ pid: fake.life.pid, parent: 1, memory: 0, cpu: 0 }]);
  await clock.until(stopping);
  assertEquals(clock.pending, 0);
});

Deno.test("a sidecar that cannot be ended is not read after its stop", async () => {
  const clock = new VirtualClock();
  const never = new Promise<never>(() => {});
  const fake = fakeProcess();
  const spec = sidecar("s", {
    command: "s",
    limits: { cpu: 1 },
    spawn: (...args) => Object.assign(fake.spawn(...args), { exited: never, closed: never }),
    stop: AT_ONCE,
  });
  const system = new System(supervisor("root", [spec]), { clock, injected: { readUsage: () => [] } });
  await clock.until(system.start());
  await clock.until(system.stop());
  assertEquals(clock.pending, 0);
});

/** A real program, read a hundred times a second. */
async function ended(options: SidecarOptions): Promise<SidecarOverLimitError> {
  await using probe = await Probe.start({ stop: AT_ONCE, restart: "temporary", ...options }, {
    clock: hasty(LIMITS_TICK_MS),
  });
  const { exit } = await probe.event("exited");
  assert(exit.reason === "crash");
  assertInstanceOf(exit.cause, SidecarOverLimitError);
  assert(!alive(await probe.pid()));
  return exit.cause;
}

Deno.test("a real program that eats memory, in a process that it started", async () => {
  const eats = 'x=$(head -c 30000000 /dev/zero | tr "\\0" x); while :; do sleep 1; done';
  const { excess } = await ended({
    ...sh('trap "kill $!" EXIT TERM; sh -c "$1" & wait', eats),
    limits: { memory: 25 * MB, for: 1_000 },
  });
  assertEquals([excess.limit, excess.allowed], ["memory", 25 * MB]);
  assert(excess.used > 25 * MB);
});

Deno.test("a real program that burns processor time", async () => {
  const { excess } = await ended({ ...sh("while :; do :; done"), limits: { cpu: 0.05, for: 1_000 } });
  assertEquals(excess.limit, "cpu");
});

Deno.test({
  name: "limits need to run ps, and say so before anything starts",
  permissions: { run: ["cat"], env: true },
  async fn() {
    await using probe = new Probe({ command: "cat", limits: { cpu: 1 } });
    await failureOf(probe.system.start());
    const { cause } = await probe.event("start_failed");
    assertInstanceOf(cause, PermissionMissingError);
    assertEquals([cause.missingFlag, probe.all("spawned").length], ["--allow-run=ps", 0]);
  },
});

Deno.test("limits that make no sense are refused when the sidecar is made", () => {
  assertThrows(
    () => sidecar("s", { command: "x", limits: {} }),
    OptionError,
    `limits: needs "memory" or "cpu", or both`,
  );
});
