/** The trips of docs/architecture.md, run under a coverage profile: the files that they name are passed. */
import { assert, assertEquals } from "@std/assert";
import { checkout, Folder } from "../cli/outrider.ts";

const page = await Deno.readTextFile(`${checkout}docs/architecture.md`);

/** The files of a trip's list, in order. */
function trip(heading: string): { listed: string[] } {
  const section = page.split(`\n### ${heading}`)[1]!.split("\n##")[0]!;
  return { listed: [...section.matchAll(/^\d+\. `(src\/[\w./]+)`/gm)].map(([, path]) => path!) };
}

/** Runs a program that calls `mark` twice, and gives the files of the checkout whose functions ran in between. */
async function filesBetween(program: string): Promise<string[]> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      file,
      `
import { Session } from "node:inspector/promises";
const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
const mark = async () => (await session.post("Profiler.takePreciseCoverage")).result
  .filter(({ functions }) => functions.some(({ functionName, ranges }) => functionName !== "" && ranges[0].count > 0))
  .map(({ url }) => url);
${program}
`,
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--quiet", "--no-check", `--config=${checkout}deno.json`],
        ...[`--import-map=${checkout}tests/support/npm/import_map.json`, file],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const urls = JSON.parse(new TextDecoder().decode(stdout)) as string[];
    const root = new URL(`file://${checkout}`).href;
    return urls.filter((url) => url.startsWith(root)).map((url) => url.slice(root.length)).toSorted();
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("a message passes the files that docs/architecture.md lists, and no others", async () => {
  const { listed } = trip("A message");
  assert(listed.length > 10 && listed.length <= 18, `${listed.length}`);
  const passed = await filesBetween(`
import { start, supervisor, sidecar } from "@outrider/outrider";
const echo = sidecar("echo", { command: "cat", protocol: "lines" });
const system = await start(supervisor("app", [echo]));
const ref = system.ref("echo");
for (const warm of ["a", "b"]) await ref.ask(warm);
await new Promise((resolve) => setTimeout(resolve, 100));
await mark();
await ref.ask("c");
const files = await mark();
await system.stop();
console.log(JSON.stringify(files));
`);
  assertEquals(passed, listed.toSorted());
});

Deno.test("a death passes the files that docs/architecture.md lists", async () => {
  const { listed } = trip("A death");
  const files = [...new Set(listed)];
  assert(files.length > 15 && files.length <= 25, `${files.length}`);
  const passed = await filesBetween(`
import { supervisor, System, sidecar } from "@outrider/outrider";
const backoff = { initial: 20, factor: 1, max: 20, jitter: 0, resetAfter: 60_000 };
const echo = sidecar("echo", { command: "cat", protocol: "lines", backoff });
const system = new System(supervisor("app", [echo]));
const events = system.events();
await system.start();
await system.ref("echo").ask("warm");
for await (const event of events) {
  if (event.type === "spawned" && event.generation === 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await mark();
    Deno.kill(event.pid, "SIGKILL");
  }
  if (event.type === "spawned" && event.generation === 2) break;
}
const files = await mark();
await system.stop();
console.log(JSON.stringify(files));
`);
  assertEquals(files.filter((file) => !passed.includes(file)), [], "listed, and not passed");
});

Deno.test("a manifest passes the files that docs/architecture.md lists on its way to a running tree", async () => {
  const { listed } = trip("A manifest");
  assert(listed.length > 15, `${listed.length}`);
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "cat", protocol: "lines" }, { id: "b", command: "cat" }]);
  const passed = await filesBetween(`
import { main } from ${JSON.stringify(`file://${checkout}src/cli/main.ts`)};
await mark();
const log = console.log;
console.log = () => {};
const code = await main(["up", ${JSON.stringify(file)}, "--for", "1s", "--log-level", "error"]);
console.log = log;
if (code !== 0) throw new Error(String(code));
console.log(JSON.stringify(await mark()));
`);
  assertEquals(listed.filter((file) => !passed.includes(file)), [], "listed, and not passed");
});

Deno.test("a stop passes the files that docs/architecture.md lists", async () => {
  const { listed } = trip("A stop");
  assert(listed.length > 10, `${listed.length}`);
  const passed = await filesBetween(`
import { launch, sidecar } from "@outrider/outrider";
// Ends by SIGTERM, behind the end of its stdin.
const args = ["-c", "while read -r line; do echo $line; done; exec sleep 1000"];
const echo = sidecar("echo", { command: "sh", args, protocol: "lines", stop: { drain: 10, stdin: 10, term: 60_000 } });
const app = await launch(echo, { onSignal: "stop", warn: () => {} });
await app.ref("echo").ask("warm");
await mark();
Deno.kill(Deno.pid, "SIGTERM");
await app.outcome;
console.log(JSON.stringify(await mark()));
`);
  assertEquals(listed.filter((file) => !passed.includes(file)), [], "listed, and not passed");
});
