/** A child that a sibling waits for until it completes: what is refused is what would be started again. */
import { assertEquals, assertRejects } from "@std/assert";
import { sidecar as program, StartError, supervisor } from "@outrider/outrider";
import { simulate, type Simulation } from "@outrider/outrider/testing";
import type { DependencyCondition } from "../../../src/supervision/dependencies.ts";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";
import { FILE, resolveManifest, sidecar } from "../probe.ts";

const BOTH = ["completed", "completed_successfully"] as const;

/** What is wrong when `web` waits for `job`; each as `message; hint`, where it is told at the condition. */
function faults(job: Record<string, unknown>, condition: DependencyCondition): string[] {
  const web = { id: "web", command: "web", after: [{ id: "job", condition }] };
  const children = [{ id: "job", ...job }, web];
  try {
    resolveManifest({ name: "t", children }, { file: FILE });
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return error.faults.map(({ path, message, hint }) => {
      assertEquals(path, "children[1].after[0].condition");
      return `${message}; ${hint}`;
    });
  }
  return [];
}

/** A tree that really waits, whatever the manifest says of it; `job` ends with `code`, after 10 ms, in each life. */
function wait(restart: unknown, condition: DependencyCondition, code: number): Promise<Simulation> {
  const { restart: type, rules } = sidecar({ restart });
  const job = program("job", { command: "job", restart: type, rules });
  const web = program("web", { command: "web", after: [{ id: "job", condition }] });
  return simulate(supervisor("t", [job, web]), {
    processes: { job: { dies: { after: 10, with: code } }, web: {} },
  });
}

const permanent = `"job" never completes: it is permanent, so it is started again after an end in order; ` +
  `set its "restart" to "transient" or "temporary"`;
const onSuccess = permanent.replace("it is permanent", "it is on-success");
const forced = `"job" never completes: it is started again after exit code 0, as its restart says; ` +
  `take 0 out of "force"`;

const cases: readonly [restart: unknown, fault?: string][] = [
  [undefined, permanent],
  ["permanent", permanent],
  ["always", permanent],
  ["transient"],
  ["on-failure"],
  ["temporary"],
  ["no"],
  ["on-success", onSuccess],
  ["on-abnormal"],
  ["on-abort"],
  ["on-watchdog"],
  [{ prevent: [0] }],
  [{ prevent: [1] }, permanent],
  [{ on: "transient", force: [0] }, forced],
  [{ on: "transient", force: [0], prevent: [0] }],
  [{ on: "temporary", force: [1, "SIGHUP"] }],
  [{ tallies: [{ of: [0], deaths: 1, within: "1m" }] }],
  [{ tallies: [{ of: [0], deaths: 2, within: "1m" }] }, permanent],
];

for (const [restart, fault] of cases) {
  const told = fault === undefined ? "taken" : "refused";
  Deno.test(`waiting for the end of a child with restart ${JSON.stringify(restart)} is ${told}, as a real run confirms`, async () => {
    for (const condition of BOTH) {
      assertEquals(faults({ command: "job", restart }, condition), fault === undefined ? [] : [fault]);
      await using tree = await wait(restart, condition, 0);
      assertEquals(tree.clock.now(), 10, "web starts when job has ended for the first time");
      await tree.advance(1_000);
      assertEquals(tree.process("job").starts > 1, fault !== undefined);
    }
  });
}

Deno.test("to wait for the start of a child, or until it is ready, asks nothing of its end", () => {
  for (const condition of ["started", "ready"] as const) {
    assertEquals(faults({ command: "job" }, condition), []);
  }
});

Deno.test("a transient job that fails: completed goes on and starts it again, completed_successfully fails", async () => {
  await using tree = await wait("transient", "completed", 1);
  assertEquals([tree.clock.now(), tree.process("job").starts], [10, 1]);
  await tree.advance(500);
  assertEquals(tree.process("job").starts > 1, true);
  await assertRejects(() => wait("transient", "completed_successfully", 1), StartError, "after 'job'");
});

Deno.test("a supervisor completes only with an automatic shutdown, and must not be permanent then", () => {
  const children = [{ id: "a", command: "a", restart: "no", significant: true }];
  const of = (fields: Record<string, unknown>) => ({ children, autoShutdown: "any_significant", ...fields });
  for (const condition of BOTH) {
    assertEquals(faults(of({ restart: "transient" }), condition), []);
    assertEquals(faults(of({}), condition), [permanent]);
    const plain = { children: [{ id: "a", command: "a" }], restart: "transient" };
    assertEquals(faults(plain, condition), [
      `"job" never completes: a supervisor without an automatic shutdown ends only when it gives up; ` +
      `set its "autoShutdown" to "any_significant" or "all_significant"`,
    ]);
  }
});

Deno.test("an invalid restart, or id, is reported without further faults", () => {
  const of = (job: Record<string, unknown>, id = "job") => {
    try {
      const web = { id: "web", command: "web", after: [{ id, condition: "completed" }] };
      resolveManifest({ name: "t", children: [{ id: "job", command: "job", ...job }, web] }, { file: FILE });
    } catch (error) {
      if (error instanceof ManifestError) return error.faults.map(({ path }) => path);
    }
    return [];
  };
  assertEquals(of({ restart: { prevnt: [0] } }), ["children[0].restart.prevnt"]);
  assertEquals(of({}, "jop"), ["children[1].after[0].id"]);
  assertEquals(of({}, "web"), ["children[1].after[0].id"]);
});
