/** Who stops itself, or what it is part of, from within its handler, is stopped when that handler has returned. */
import { assertEquals } from "@std/assert";
import { actor, type ActorSpec, IGNORE, supervisor, type System } from "@outrider/outrider";
import { Gate, Tree } from "../support/probes.ts";

/** What is done in the synchronous part of a handler. */
const deeds: Readonly<Record<string, (system: System) => void>> = {
  "stops its tree": (system) => void system.stop(),
  "kills its tree": (system) => void system.kill(),
  "terminates itself": (system) => void system.terminateChild("a"),
  "restarts itself": (system) => void system.terminateChild("a").then(() => system.restartChild("a")),
  "terminates the supervisor above": (system) => void system.terminateChild("above"),
};

interface Played {
  readonly spec: ActorSpec<string, string, never>;
  readonly log: string[];
  readonly gate: Gate;
}

/** An actor that does `deed` in its handler, or at the end of another, and notes what is called when. */
function player(deed: () => void, kind: "async" | "sync" | "throws"): Played {
  const log: string[] = [];
  const gate = new Gate();
  let running = 0;
  const note = (what: string, generation: number) => log.push(`${what}#${generation}`);
  const spec = actor<string, string>("a", () => ({
    started({ generation }) {
      if (++running > 1) log.push("overlap");
      note("started", generation);
    },
    receive(_, { generation }) {
      note("begins", generation);
      deed();
      note("goes on", generation);
      if (kind === "throws") throw new Error("boom");
      if (kind === "sync") return "done";
      return gate.passed.then(() => (note("ends", generation), "done"));
    },
    stopped(_, { generation }) {
      running--;
      note("stopped", generation);
    },
  }), { shutdown: 2_000 });
  return { spec, log, gate };
}

for (const [what, deed] of Object.entries(deeds)) {
  for (const kind of ["async", "sync", "throws"] as const) {
    Deno.test(`stopped is called behind the handler when an actor ${what} in it (${kind})`, async () => {
      const { spec, log, gate } = player(() => deed(tree.system), kind);
      const isAbove = what.endsWith("above");
      const child = isAbove ? supervisor("above", [spec]) : spec;
      const tree = await Tree.start(supervisor("root", [child]));
      const asked = tree.system.ref<string, string>(isAbove ? "above/a" : "a").ask("go").catch(() =>
        "failed"
      );
      await tree.settle();
      const begun = ["started#1", "begins#1", "goes on#1"];
      const isKilled = what === "kills its tree";
      if (kind === "async" && !isKilled) assertEquals(log, begun);
      gate.open();
      await tree.settle();
      const ends = kind === "async" ? ["ends#1"] : [];
      const again = what === "restarts itself" ? ["started#2"] : [];
      // By force, a handler that still runs is left behind, and `stopped` is not called for it any more.
      const expected = kind === "async" && isKilled
        ? [...begun, ...ends]
        : [...begun, ...ends, "stopped#1", ...again];
      assertEquals(log, expected);
      const answered = kind !== "throws" && !(kind === "async" && isKilled);
      assertEquals(await asked, answered ? "done" : "failed");
      await tree.stop();
      assertEquals(log.includes("overlap"), false);
    });
  }
}

Deno.test("stopped is called behind the handler when an actor ends itself by exit in it", async () => {
  const log: string[] = [];
  const spec = actor<string>("a", () => ({
    receive(_, context) {
      context.exit({ reason: "normal" });
      log.push("goes on");
    },
    stopped: () => void log.push("stopped"),
  }), { restart: "temporary" });
  const tree = await Tree.start(supervisor("root", [spec]));
  void tree.system.ref("a").tell("go");
  await tree.settle();
  assertEquals(log, ["goes on", "stopped"]);
  await tree.stop();
});

Deno.test("stopped is called behind terminated when an actor stops itself in that", async () => {
  const log: string[] = [];
  const watched = actor("w", () => ({ receive: (_, context) => context.exit({ reason: "normal" }) }), {
    restart: "temporary",
  });
  const spec = actor("a", () => ({
    started: (context) => context.watch(context.ref("w")),
    receive() {},
    terminated() {
      log.push("begins");
      void tree.system.terminateChild("a");
      log.push("goes on");
    },
    stopped: () => void log.push("stopped"),
  }));
  const tree = await Tree.start(supervisor("root", [watched, spec]));
  void tree.system.ref("w").tell("go");
  await tree.settle();
  assertEquals(log, ["begins", "goes on", "stopped"]);
  await tree.stop();
});

Deno.test("stopped is called behind started when an actor stops its tree in that", async () => {
  for (const outcome of [undefined, IGNORE] as const) {
    const log: string[] = [];
    const spec = actor("a", () => ({
      started() {
        void tree.system.stop();
        log.push("goes on");
        return outcome;
      },
      receive() {},
      stopped: () => void log.push("stopped"),
    }));
    const tree = new Tree(supervisor("root", [spec]));
    await tree.clock.until(tree.system.start().catch(() => {}));
    await tree.stop();
    assertEquals(log, ["goes on", "stopped"]);
  }
});
