/** Every exit code: those of `up` are provoked, one for each row of the table in docs/cli.md; those of other verbs are in their help. */

import { assertEquals } from "@std/assert";
import { checkout, Folder, outrider, Running, runs } from "./outrider.ts";
import { Session } from "./session.ts";

const page = Deno.readTextFileSync(`${checkout}docs/cli.md`);
const session = new Session();
const cat = { id: "cat", command: "cat", protocol: "lines" };
const job = (script: string, more: object = {}) => ({
  id: "job",
  command: "sh",
  args: ["-c", script],
  restart: "temporary",
  ...more,
});
/** It takes an hour to stop. */
const slow = {
  ...runs("slow", "ignores_term"),
  ready: { stdout: "^ready" },
  stop: { stdin: "1h", term: "1h" },
};

/** The cells of the table below a heading of level 3, without its head. */
function rowsBelow(heading: string): string[][] {
  const [, part = ""] = page.split(`### ${heading}\n`);
  const [lines = ""] = part.split(/^#/m);
  return lines.split("\n").filter((line) => line.startsWith("|")).slice(2)
    .map((line) => line.slice(1, -1).split(" | ").map((cell) => cell.trim()));
}

/** Runs `up` to its end, in the process of the session: what it returns. */
async function ends(children: readonly unknown[], more: object = {}, ...args: string[]): Promise<number> {
  await using folder = new Folder();
  return (await session.run(["up", folder.manifest(children, { ...more }), ...args])).code;
}

/** The same in a process of its own, which ends with what it returns: once for each code. */
async function endsAlone(children: readonly unknown[], ...args: string[]): Promise<number> {
  await using folder = new Folder();
  return (await outrider(["up", folder.manifest(children), ...args])).code;
}

/** Runs `up` until its tree is ready, does `act`, and waits for its end. */
async function endsAfter(
  act: (up: Running, socket: string) => Promise<unknown>,
  children: readonly unknown[] = [cat],
  more: object = {},
): Promise<number> {
  await using folder = new Folder();
  const socket = `${folder.path}/s`;
  await using up = new Running(["up", folder.manifest(children, { ...more }), "--control", socket]);
  await up.line(/tree +ready/);
  await act(up, socket);
  return (await up.ended()).code;
}

/** Runs `up` of `child` until its tree is ready, and what `act` does beside it, in the same folder of what runs leave. */
async function endsBeside(
  child: object,
  act: (first: Running, file: string, env: Record<string, string>) => Promise<number>,
): Promise<number> {
  await using folder = new Folder();
  const env = { XDG_STATE_HOME: folder.path };
  const file = folder.manifest([child]);
  await using first = new Running(["up", file], { env });
  await first.line(/tree +ready/);
  return await act(first, file, env);
}

/** What has each code of `up`, by the row of the table. */
const CASES: readonly [code: string, when: string, provoke: readonly (() => Promise<number>)[]][] = [
  ["0", "it was stopped: SIGTERM, SIGINT, SIGHUP, SIGQUIT, `down`, `--for`, `--take-over` of another run", [
    // The other signals: stop_reasons_test.ts, tree_phases_test.ts.
    () => endsAfter((up) => Promise.resolve(up.signal("SIGTERM"))),
    () => ends([cat], {}, "--for", "200ms"),
    () => endsAfter((_, socket) => session.run(["down", socket])),
    () =>
      endsBeside(cat, async (first, file, env) => {
        assertEquals((await outrider(["up", file, "--take-over", "--for", "100ms"], { env })).code, 0);
        return (await first.ended()).code;
      }),
  ]],
  ["0", "each child has ended for good, as a job does, and none that is significant has failed", [
    () => endsAlone([job("exit 0")]),
    () => ends([job("exit 3")]),
  ]],
  ["1", "a child can't be started, and nothing else runs", [
    () => endsAlone([{ id: "gone", command: "no-such-program" }]),
  ]],
  ["1", 'it gave up, or was rolled back, as `"defaults": "otp"` has it', [
    () =>
      ends([{ id: "bad", command: "false" }], { defaults: "otp", intensity: { restarts: 0, within: "1m" } }),
    () => ends([{ id: "bad", command: "false", ready: { stdout: "never" } }], { defaults: "otp" }),
  ]],
  ["1", "a significant child has failed", [
    () => ends([cat, job("exit 3", { significant: true })], { autoShutdown: "any_significant" }),
  ]],
  ["1", "not all are ready within `--wait-ready`", [
    () =>
      ends(
        [{ id: "slow", command: "sleep", args: ["60"], ready: { stdout: "never" } }],
        {},
        "--wait-ready",
        "300ms",
      ),
  ]],
  ["1", "the stop was not over in time, and the rest was ended by force", [
    () => {
      // Its grandchild holds the pipes: its sequence is over, and the stop is not.
      const args = ["-c", "sleep 60 & trap 'exit 0' TERM; echo up; wait"];
      const holds = { id: "holds", command: "sh", args, ready: { stdout: "up" }, stop: { scope: "process" } };
      return endsAfter((up) => Promise.resolve(up.signal("SIGTERM")), [holds], { stopWithin: "500ms" });
    },
  ]],
  ["1", "another process runs FILE, has its log or its address, or a log can't be written", [
    () =>
      endsBeside(cat, async (first, file, env) => {
        const { code } = await outrider(["up", file], { env });
        first.signal("SIGTERM");
        await first.ended();
        return code;
      }),
    async () => {
      using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      return await ends([cat], {}, "--http", `127.0.0.1:${(taken.addr as Deno.NetAddr).port}`);
    },
    () => ends([cat], { log: { file: "/dev/null/log" } }),
  ]],
  ["2", "FILE is wrong, or is not there; the command line is wrong, or names a child that is not there", [
    () => endsAlone([{ id: "cat", comand: "cat" }]),
    async () => (await session.run(["up", "/nowhere/outrider.json"])).code,
    () => ends([cat], {}, "--for", "soon"),
    () => ends([cat], {}, "--only", "dog"),
  ]],
  ["3", "a permission is missing, or one too many is granted to a strict FILE", [
    async () => {
      await using folder = new Folder();
      return (await outrider(["up", folder.manifest([cat])], { flags: ["--allow-read"] })).code;
    },
    () => ends([cat], { permissions: "strict" }),
  ]],
  ["130", "a second signal has ended the rest by force", [
    () =>
      endsAfter(async (up) => {
        up.signal("SIGTERM");
        await up.line(/tree +stopping/);
        up.signal("SIGINT");
      }, [slow]),
  ]],
  ["143", "SIGTERM while `--take-over` waits, and nothing was started; with SIGINT it is 130", [
    () =>
      endsBeside(slow, async (first, file, env) => {
        await using second = new Running(["up", file, "--take-over"], { env });
        await first.line(/tree +stopping/);
        second.signal("SIGTERM");
        return (await second.ended()).code;
      }),
  ]],
  ["CHILD's", "`--exit-code-from CHILD` has ended for good; 128 and its number for a signal", [
    () => endsAlone([cat, job("exit 7")], "--exit-code-from", "job"),
    () => ends([cat, job("kill -9 $$")], {}, "--exit-code-from", "job"),
  ]],
];

Deno.test("docs/cli.md has each exit code of up that is provoked here, and no other", () => {
  assertEquals(rowsBelow("Of `up`"), CASES.map(([code, when]) => [code, when]));
});

for (const [code, when, provoke] of CASES) {
  Deno.test(`up exits with ${code} when ${when.replaceAll("`", "")}`, async () => {
    const codes: number[] = [];
    for (const one of provoke) codes.push(await one());
    assertEquals(codes, code === "CHILD's" ? [7, 137] : provoke.map(() => Number(code)));
  });
}

Deno.test("docs/cli.md has the exit codes of every other verb, as the help of each has them", async () => {
  const rows = rowsBelow("Of other verbs");
  const verbs = new Map(
    rows.flatMap(([names = "", ...codes]) =>
      [...names.matchAll(/`([a-z]+)`/g)].map(([, verb = ""]) => [verb, codes] as const)
    ),
  );
  const { stdout } = await session.run(["--help"]);
  const known = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb = ""]) => verb);
  assertEquals([...verbs.keys(), "up"].toSorted(), known.toSorted());
  for (const [verb, [well = "", failed = "", others = ""]] of verbs) {
    const { stdout: help } = await session.run([verb === "terminate" ? "stop" : verb, "--help"]);
    const [, text = "0 done"] = /Exit code: (.*)\.(?: |$)/.exec(help.replaceAll(/\s+/g, " ")) ?? [];
    const inHelp = [...text.matchAll(/(?:^|[;,]? )(\d+)(?= )/g)].map(([, code]) => Number(code));
    const inTable = [
      ...well === "" ? [] : [0],
      ...failed === "" ? [] : [1],
      ...[...others.matchAll(/\d+/g)].map(([code]) => Number(code)),
    ];
    const own = new Set(inHelp.filter((code) => code !== 2 && code !== 3));
    assertEquals([verb, inTable.toSorted()], [verb, [...own].toSorted()]);
  }
});
