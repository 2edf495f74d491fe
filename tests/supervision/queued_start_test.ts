/** Starts beyond the `maxChildren` of a dynamic supervisor that wait for their turn. */
import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { launch, sidecar } from "../../mod.ts";
import { templateOf } from "../../src/manifest/templates/templates.ts";
import { parse } from "../../src/manifest/parse.ts";
import { startSidecar } from "@outrider/outrider/actors/template";
import { SupervisionError } from "../../src/supervision/supervision_errors.ts";
import { dynamicSupervisor, supervisor } from "../../src/supervision/supervisor_spec.ts";
import { failureOf, type Fake, fake, type FakeOptions, Tree } from "../support/probes.ts";

const temporary: FakeOptions = { restart: "temporary" };

/** A supervisor of two, with children that may be started there, and what became of each start. */
async function queueing(
  { ids, maxQueued, options = temporary }: {
    readonly ids: string;
    readonly maxQueued?: number;
    readonly options?: FakeOptions;
  },
) {
  const journal: string[] = [];
  const jobs = dynamicSupervisor("jobs", {
    maxChildren: 2,
    overflow: "queue",
    ...maxQueued && { maxQueued },
  });
  const tree = await Tree.start(supervisor("root", [jobs]));
  const fakes = new Map<string, Fake>([...ids].map((id) => [id, fake(id, journal, options)]));
  const came: string[] = [];
  const add = (id: string, signal?: AbortSignal) => {
    const started = tree.system.startChild(jobs, fakes.get(id)!.spec, { signal });
    void started.then(() => came.push(id), (error) => came.push(`${id}: ${error.code ?? error}`));
    return started;
  };
  const end = async (id: string) => {
    fakes.get(id)!.life.end({ reason: "normal" });
    await tree.settle();
  };
  return { tree, add, end, came, journal, life: (id: string) => fakes.get(id)!.life };
}

Deno.test("starts beyond maxChildren are made in their order when children have ended", async () => {
  const { tree, add, end, came, journal } = await queueing({ ids: "abcdef" });
  for (const id of "abcde") void add(id);
  await tree.settle();
  assertEquals(came, ["a", "b"]);
  await end("b");
  assertEquals(came, ["a", "b", "c"]);
  void add("f");
  await end("a");
  await end("c");
  assertEquals(came, ["a", "b", "c", "d", "e"]);
  await tree.system.terminateChild("jobs/d");
  await tree.settle();
  assertEquals(came.at(-1), "f");
  assertEquals(
    journal.filter((line) => line.startsWith("start")).join(),
    "start a,start b,start c,start d,start e,start f",
  );
  await tree.stop();
});

Deno.test("a start that waits for its turn is withdrawn when its signal aborts, or its id is terminated", async () => {
  const { tree, add, end, came, journal } = await queueing({ ids: "abcde" });
  const control = new AbortController();
  for (const id of "ab") void add(id);
  const c = failureOf(add("c", control.signal));
  const d = failureOf(add("d"));
  void add("e");
  await tree.settle();
  control.abort(new Error("no more"));
  assertEquals((await c).message, "no more");
  await tree.system.terminateChild("jobs/d");
  assertEquals(Reflect.get(await d, "code"), "start_cancelled");
  await end("a");
  assertEquals(came.at(-1), "e");
  assertEquals(journal.includes("start c") || journal.includes("start d"), false);
  await tree.stop();
});

Deno.test("starts that wait for their turn are refused when their supervisor stops, also while it waits for others", async () => {
  const { tree, add, journal, life } = await queueing({ ids: "abc", options: { ...temporary, hangs: true } });
  for (const id of "ab") void add(id);
  const refused = failureOf(add("c"));
  await tree.settle();
  const stopped = tree.system.stop();
  await tree.settle();
  const error = await refused;
  assertInstanceOf(error, SupervisionError);
  assertEquals(error.code, "no_supervisor");
  for (const id of "ab") life(id).end({ reason: "shutdown" });
  await stopped;
  assertEquals(journal.includes("start c"), false);
  await tree.stop();
});

Deno.test("a start is refused when as many wait as may, or one of its id does", async () => {
  const { tree, add } = await queueing({ ids: "abcde", maxQueued: 2 });
  for (const id of "abcd") void add(id).catch(() => {});
  await tree.settle();
  const full = await failureOf(add("e"));
  assert(full instanceof SupervisionError && full.code === "max_children");
  assertEquals(full.message, "Cannot start 'e': 'jobs' has 2 children, and 2 starts wait for their turn");
  const same = await failureOf(add("c"));
  assert(same instanceof SupervisionError && same.code === "already_present", same.message);
  await tree.stop();
});

Deno.test("the next start is made when one before it fails, and when a child dies that is tried again it is not", async () => {
  const { tree, add, life, came } = await queueing({ ids: "abcd", options: {} });
  for (const id of "abc") void add(id);
  await tree.settle();
  life("a").crash();
  await tree.settle();
  assertEquals(came, ["a", "b"]);
  const failing = fake("x", [], { outcomes: [new Error("boom")] });
  const x = failureOf(tree.system.startChild("jobs", failing.spec));
  void add("d");
  await tree.system.terminateChild("jobs/a");
  await tree.settle();
  assertEquals(came, ["a", "b", "c"]);
  await tree.system.terminateChild("jobs/b");
  assertEquals((await x).message.includes("boom"), true);
  await tree.settle();
  assertEquals(came, ["a", "b", "c", "d"]);
  await tree.stop();
});

Deno.test("programs from a template run one after the other when one may run at a time", async () => {
  const manifest = parse(
    `{ "name": "t", "children": [], "templates": [{ "id": "job", "command": "sh", "args": true, "restart": "temporary" }] }`,
    { file: "outrider.json" },
  );
  const template = templateOf(manifest, "job");
  const folder = await Deno.makeTempDir();
  try {
    const jobs = dynamicSupervisor("jobs", { maxChildren: 1, overflow: "queue" });
    await using app = await launch([jobs, sidecar("other", { command: "cat", protocol: "lines" })]);
    const script = `mkdir ${folder}/lock && sleep 0.05 && rmdir ${folder}/lock`;
    const ends = await Promise.all([1, 2, 3, 4].map(async (nth) => {
      const child = await startSidecar(app, {
        template,
        under: "jobs",
        id: `job-${nth}`,
        args: ["-c", script],
      });
      return (await child.ended).reason;
    }));
    assertEquals(ends, ["normal", "normal", "normal", "normal"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
