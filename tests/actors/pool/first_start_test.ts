/** The first start of a pool's copies, of which some fail. */
import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { StartError, supervisor } from "@outrider/outrider";
import { pool } from "@outrider/outrider/actors/pool";
import { simulate } from "@outrider/outrider/testing";
import { Folder, outrider, Running } from "../../cli/outrider.ts";
import { failureOf } from "../../support/probes.ts";

const COPY = {
  command: "w",
  protocol: "lines",
  ready: { stderr: "up" },
  backoff: { initial: 1_000, factor: 1, max: 1_000, jitter: 0 },
} as const;

const well = (id: string) => ({
  protocol: "lines",
  says: [{ after: 0, stderr: "up" }],
  reply: (line: string) => `${line}@${id}`,
} as const);

/** Of two copies, the first fails to start the first time. */
const processes = {
  "w/1": (life: number) =>
    life === 1 ? { protocol: "lines", dies: { after: 10, with: 3 } } as const : well("1"),
  "w/2": well("2"),
};

Deno.test("a pool serves with its other copies when the first start of one fails and is retried", async () => {
  const root = supervisor("root", [pool("w", COPY, { size: 2, onStartFailure: "retry" })]);
  await using tree = await simulate(root, { processes });
  assertEquals(await tree.settled(Promise.all(["a", "b"].map((line) => tree.ref("w").ask(line)))), [
    "a@2",
    "b@2",
  ]);
  await tree.until(({ type, path }) => type === "ready" && path === "w/1");
  const answers = await tree.settled(Promise.all(["a", "b"].map((line) => tree.ref("w").ask(line))));
  assertEquals(answers.toSorted(), ["a@1", "b@2"]);
});

Deno.test("the start of a pool fails when that of a copy does and nothing is said", async () => {
  const root = supervisor("root", [pool("w", COPY, { size: 2 })]);
  const error = await failureOf(simulate(root, { processes }));
  assertInstanceOf(error, StartError);
  assertEquals(error.path, "w/1");
});

/** A pool of which the copy that starts first fails once. */
const workers = {
  id: "w",
  size: 3,
  sidecar: {
    command: "sh",
    args: ["-c", "mkdir tried 2>&- && exit 3; echo up >&2; exec cat"],
    protocol: "lines",
    ready: { stderr: "up" },
  },
};

Deno.test("the pool of a manifest is degraded, and then whole, when the first start of one copy fails", async () => {
  await using folder = new Folder();
  const placed = { ...workers, sidecar: { ...workers.sidecar, cwd: folder.path } };
  await using up = new Running(["up", folder.manifest([placed])]);
  await up.line(/tree +degraded +2 of 3 ready; not yet: w\/\d$/);
  await up.line(/w\/\d#2 +ready/);
  await up.line(/tree +ready/);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  assertEquals(up.lines.filter((line) => /w\/\d#1 +ready/.test(line)).length, 2, up.lines.join("\n"));
});

Deno.test("ask fails at once when the first start of a copy does", async () => {
  await using folder = new Folder();
  const placed = { ...workers, sidecar: { ...workers.sidecar, cwd: folder.path } };
  const { code, stderr } = await outrider(["ask", folder.manifest([placed]), "w", "hello"]);
  assertEquals(code, 1);
  assertMatch(stderr, /^Cannot start 'w\/\d': exit code 3$/m);
});
