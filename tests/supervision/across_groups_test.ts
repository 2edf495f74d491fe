/** `after` with a path: a child that starts after one of another group. */
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import type { ChildSpec } from "../../src/supervision/child_spec.ts";
import type { Dependency } from "../../src/supervision/dependencies.ts";
import { explain } from "../../src/supervision/explain/explain.ts";
import { NO_BACKOFF } from "../../src/supervision/restart/restart_limits.ts";
import { StartError, SupervisionError } from "../../src/supervision/supervision_errors.ts";
import { supervisor, type SupervisorOptions } from "../../src/supervision/supervisor_spec.ts";
import { System } from "../../src/supervision/tree.ts";
import { failureOf, type Fake, fake, type FakeOptions, Tree } from "../support/probes.ts";

const retry: SupervisorOptions = {
  onStartFailure: "retry",
  intensity: { restarts: 2, within: 180_000, per: "child" },
  onLimit: { quarantine: { coolDown: 30_000 } },
};

function on(id: string, more: Partial<Dependency> = {}): Dependency {
  return { id, condition: "ready", ...more };
}

function after(child: Fake, ...names: readonly Dependency[]): ChildSpec {
  return { ...child.spec, after: names };
}

/** Two groups; `web` of the first starts after `db` of the second. */
function twoGroups(
  { rules = retry, db: options, named = on("../infra/db") }: {
    readonly rules?: SupervisorOptions;
    readonly db?: FakeOptions;
    readonly named?: Dependency;
  } = {},
) {
  const journal: string[] = [];
  const db = fake("db", journal, { backoff: NO_BACKOFF, ...options });
  const slow = fake("slow", journal, { outcomes: ["never"] });
  const web = fake("web", journal);
  const app = supervisor("app", [after(web, named)], rules);
  const infra = supervisor("infra", [db.spec, { ...slow.spec, after: [] }], rules);
  return { journal, db, slow, web, root: supervisor("root", [app, infra], rules) };
}

function statesOf(tree: Tree, group: string): readonly string[] {
  return tree.system.whichChildren(group).map(({ id, state, waitsFor }) =>
    waitsFor === undefined ? `${id} ${state}` : `${id} ${state} for ${waitsFor}`
  );
}

for (const [name, rules] of [["retried", retry], ["rolled back", {}]] as const) {
  Deno.test(`a child starts when the one that it names is ready, before that one's group is, when starts are ${name}`, async () => {
    const { journal, db, slow, root } = twoGroups({ rules, db: { outcomes: ["never"] } });
    const tree = new Tree(root);
    const started = tree.system.start();
    await tree.settle();
    assertEquals(journal, ["start db", "start slow"]);
    db.life.ready();
    await tree.settle();
    assertEquals(journal, ["start db", "start slow", "start web"]);
    slow.life.ready();
    await started;
    journal.length = 0;
    await tree.stop();
    assertEquals(journal, ["stop web", "stop slow", "stop db"]);
  });
}

Deno.test("a tree is degraded, and no more than that, when a child waits for one of another group that is held back", async () => {
  const boom = new Error("boom");
  const { slow, root } = twoGroups({ db: { outcomes: [boom, boom, boom, "ok"] } });
  const tree = new Tree(root);
  const started = tree.system.start();
  await tree.settle();
  slow.life.ready();
  await tree.clock.until(started);
  assertEquals(statesOf(tree, "app"), ["web waiting for ../infra/db"]);
  assertEquals(statesOf(tree, "infra"), ["db quarantined", "slow running"]);
  await tree.clock.advance(30_000);
  assertEquals(statesOf(tree, "app"), ["web running"]);
  assertEquals(tree.log.events.at(-1)?.type, "ready");
  assertEquals(tree.log.events.at(-1)?.path, "/");
  await tree.stop();
});

Deno.test("a group that is all or nothing fails when the job of another group fails that it waits for", async () => {
  const { root, db } = twoGroups({
    rules: {},
    db: { restart: "temporary" },
    named: on("../infra/db", { condition: "completed_successfully" }),
  });
  const tree = new Tree(root);
  const failure = failureOf(tree.system.start());
  await tree.settle();
  db.life.crash();
  const error = await tree.clock.until(failure);
  assertInstanceOf(error, StartError);
  assert(error.message.includes("it starts after '../infra/db', which failed: boom"), error.message);
  await tree.system.ended;
});

Deno.test("a child that follows one of another group stops before that is stopped or started again, by hand, of a death, or with its group", async () => {
  const { journal, db, slow, root } = twoGroups({ named: on("../infra/db", { restart: true }) });
  const tree = new Tree(root);
  const started = tree.system.start();
  await tree.settle();
  slow.life.ready();
  await started;
  const inTurn = async (act: () => unknown): Promise<string> => {
    journal.length = 0;
    await act();
    await tree.settle();
    return journal.join(", ");
  };
  assertEquals(await inTurn(() => db.life.crash()), "stop web, start db, start web");
  assertEquals(await inTurn(() => tree.system.terminateChild("infra/db")), "stop web, stop db");
  assertEquals(statesOf(tree, "app"), ["web waiting for ../infra/db"]);
  assertEquals(await inTurn(() => tree.system.restartChild("infra/db")), "start db, start web");
  assertEquals(await inTurn(() => tree.system.terminateChild("infra")), "stop slow, stop web, stop db");
  assertEquals(await inTurn(() => tree.system.restartChild("infra")), "start db, start slow, start web");
  assertEquals(await inTurn(() => tree.system.terminateChild("app")), "stop web");
  assertEquals(await inTurn(() => tree.system.terminateChild("infra/db")), "stop db");
  await tree.stop();
});

Deno.test("a child that follows a job of another group starts once when the job fails, and again with the job", async () => {
  const journal: string[] = [];
  const job = fake("job", journal, {
    restart: "transient",
    backoff: { ...NO_BACKOFF, initial: 200, max: 200 },
  });
  const web = fake("web", journal);
  const app = supervisor(
    "app",
    [after(web, on("../infra/job", { condition: "completed", restart: true }))],
    retry,
  );
  const tree = new Tree(supervisor("root", [app, supervisor("infra", [job.spec], retry)], retry));
  const started = tree.system.start();
  await tree.settle();
  job.life.crash();
  await started;
  assertEquals(journal, ["start job", "start web"]);
  journal.length = 0;
  await tree.clock.advance(200);
  assertEquals(journal, ["stop web", "start job"]);
  await tree.stop();
});

Deno.test("a child waits for the one that is about to stop when both that it names change in one decision", async () => {
  const journal: string[] = [];
  const backoff = { ...NO_BACKOFF, initial: 200, max: 200 };
  const db = fake("db", journal);
  const job = fake("job", journal, { restart: "transient", backoff });
  const web = fake("web", journal);
  const app = supervisor(
    "app",
    [after(web, on("../infra/job", { condition: "completed" }), on("../infra/db"))],
    retry,
  );
  const infra = supervisor("infra", [
    { ...job.spec, after: [] },
    after(db, on("job", { condition: "started" })),
  ], {
    ...retry,
    strategy: "one_for_all",
  });
  const tree = new Tree(supervisor("root", [app, infra], retry));
  void tree.system.start().catch(() => {});
  await tree.settle();
  journal.length = 0;
  job.life.crash();
  await tree.settle();
  assertEquals(journal, ["stop db"]);
  assertEquals(statesOf(tree, "app"), ["web waiting for ../infra/db"]);
  await tree.stop();
});

Deno.test("a child that names one of another group lives on when that is restarted, unless it follows it", async () => {
  const { journal, db, slow, root } = twoGroups();
  const tree = new Tree(root);
  void tree.system.start();
  await tree.settle();
  slow.life.ready();
  await tree.settle();
  journal.length = 0;
  db.life.crash();
  await tree.settle();
  assertEquals(journal, ["start db"]);
  await tree.stop();
});

Deno.test("the stop of a tree comes to its end when followers of another group hang or have not started", async () => {
  const { db, slow, root } = twoGroups({
    db: { outcomes: ["never"] },
    named: on("../infra/db", { condition: "started", restart: true }),
  });
  const tree = new Tree(root);
  void tree.system.start().catch(() => {});
  await tree.settle();
  assertEquals(statesOf(tree, "app"), ["web running"]);
  db.life.fail(new Error("boom"));
  await tree.settle();
  slow.life.ready();
  await tree.stop();
});

Deno.test("all followers stop before the first child of a chain when that leads through 2,000 groups", async () => {
  const journal: string[] = [];
  const groups = Array.from({ length: 2_000 }, (_, at) => {
    const names = at === 0 ? [] : [on(`../g${at - 1}/c${at - 1}`, { restart: true })];
    return supervisor(`g${at}`, [after(fake(`c${at}`, journal), ...names)], retry);
  });
  const tree = new Tree(supervisor("root", groups, retry));
  await tree.system.start();
  journal.length = 0;
  await tree.system.terminateChild("g0/c0");
  assertEquals(journal, groups.map((_, at) => `stop c${groups.length - 1 - at}`));
  assertEquals(statesOf(tree, "g1"), ["c1 waiting for ../g0/c0"]);
  await tree.stop();
});

Deno.test("a name across groups is refused when it leads to no child, out of the tree, or round in a circle", () => {
  const groups = (web: Dependency, db: Dependency[] = []) =>
    supervisor("root", [
      supervisor("app", [after(fake("web", []), web), fake("mail", []).spec]),
      supervisor("infra", [after(fake("db", []), ...db)]),
    ]);
  const codeOf = (act: () => unknown) => {
    const error = assertThrows(act, SupervisionError);
    return `${error.code}: ${error.message}`;
  };
  assertEquals(
    codeOf(() => groups(on("../infra/dd"))),
    "unknown_dependency: Cannot start 'web' after '../infra/dd': the tree has no such child; where it leads there are db",
  );
  assertEquals(
    codeOf(() => groups(on("../infra"), [on("../app/mail")])),
    "dependency_cycle: Cannot start app → infra → app: each waits for the next",
  );
  assertEquals(
    codeOf(() => groups(on("../app/mail"))),
    "dependency_cycle: Cannot start app → app: each waits for the next",
  );
  assertEquals(
    codeOf(() => new System(groups(on("../../db")))),
    "unknown_dependency: Cannot start 'web' after '../../db': the tree has no such child",
  );
});

Deno.test("a child that is added may name one of another group, which has to be so already", async () => {
  const { slow, root } = twoGroups();
  const tree = new Tree(root);
  void tree.system.start();
  await tree.settle();
  const add = (name: string) => tree.system.startChild("app", after(fake("x", []), on(name)));
  assertEquals(
    (await failureOf(add("../infra/slow"))).message.includes("'../infra/slow', which is not ready"),
    true,
  );
  const unknown = await failureOf(add("../infra/nothing"));
  assert(unknown instanceof SupervisionError && unknown.code === "unknown_dependency");
  await add("../infra/db");
  slow.life.ready();
  await tree.settle();
  assertEquals(statesOf(tree, "app"), ["web running", "x running"]);
  await tree.stop();
});

Deno.test("explain stops and starts a child with the one of another group that it follows", () => {
  const { root } = twoGroups({ named: on("../infra/db", { restart: true }) });
  const { decisions } = explain(root, "infra/db", { death: { kind: "exception" } })!;
  assertEquals(decisions[0]!.steps.map((step) => "path" in step ? `${step.do} ${step.path}` : step.do), [
    "stop app/web",
    "start infra/db",
    "start app/web",
  ]);
});
