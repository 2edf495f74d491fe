/** The examples, run for real: what they show happens, and nothing they start is left. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import deno from "../deno.json" with { type: "json" };
import { alive, checkout, pidsIn, Running, story } from "./cli/outrider.ts";
import { Session } from "./cli/session.ts";

const { outrider } = new Session();

/** Examples that are programs, and name their sidecars themselves. */
const WITHOUT_MANIFEST = [
  ...[
    "debug_adapter",
    "deno_worker",
    "embed",
    "git_cat_file",
    "language_server",
    "mcp",
    "mcp_session",
    "messagepack",
  ],
];

/** Runs a command in the checkout. */
async function runs(
  program: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { NO_COLOR: "1" };
  const { code, stdout, stderr } = await new Deno.Command(program, { args, cwd: checkout, env }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("demo: a crash and a restart are seen, all is answered, and no process is left", async () => {
  const { code, stdout, stderr } = await runs(Deno.execPath(), "task", "--quiet", "demo");
  assertEquals([code, stderr], [0, ""]);
  const moments = [
    /upper makes of "hello sidecar": HELLO SIDECAR/,
    /workers\/w1#1 +crashed .*13 is unlucky/,
    /workers\/w1#1 +restarting +in \d+ ms \(restart 1 of 5\)/,
    /workers\/w1#2 +started +deno, pid \d+\n/,
    /w1, generation 2, says the square of 13 is 169/,
    /quickstart +stopping +everything, in reverse start order/,
    /quickstart +stopped/,
  ].map((pattern) => stdout.search(pattern));
  assert(!moments.includes(-1), stdout);
  assertEquals(moments.toSorted((a, b) => a - b), moments);
  const pids = pidsIn(stdout);
  assertEquals(pids.length, 4);
  assertEquals(await alive(pids), []);
});

Deno.test("demo runs with no more permission than its manifest needs", async () => {
  const file = "examples/quickstart/outrider.json";
  const { stdout } = await outrider(["permissions", file], { cwd: checkout });
  const granted = deno.tasks.demo.command.match(/--allow-\w+=("[^"]+"|\S+)/g)!.map((flag) =>
    flag.replaceAll('"', "")
  )
    .map((flag) => flag.replace(/\$\(.*\)/, Deno.execPath()));
  assertEquals(granted.join(" "), stdout.trim().replace(checkout, ""));
});

Deno.test("embed: a question that kills the program does not keep the next one from its answer", async () => {
  const { code, stdout } = await runs(
    Deno.execPath(),
    ...["run", "--no-prompt", "--quiet", "--import-map=tests/support/npm/import_map.json"],
    ...["--allow-run=sh", "--allow-env=PATH", "examples/embed/main.ts"],
  );
  assertEquals(code, 0);
  const [first, second, third] = stdout.split("\n");
  assertEquals(first, "6 * 7 = 42, says generation 1");
  assertMatch(second!, /^1 \/ 0: .*'calculator' \(generation 1\)/);
  assertEquals(third, "6 * 9 = 54, says generation 2");
});

/** Runs the example that is a program, with what it needs and no more. */
function example(name: string, ...flags: string[]): ReturnType<typeof runs> {
  return runs(
    Deno.execPath(),
    ...["run", "--no-prompt", "--quiet", "--import-map=tests/support/npm/import_map.json"],
    `--allow-run=${Deno.execPath()}`,
    "--allow-env=PATH,HOME,DENO_DIR,DENO_TLS_CA_STORE,NODE_EXTRA_CA_CERTS,NPM_CONFIG_REGISTRY",
    ...flags,
    `examples/${name}/main.ts`,
  );
}

Deno.test("language_server: prints the diagnostics of the server", async () => {
  const { code, stdout, stderr } = await example("language_server", "--allow-read=examples");
  assertEquals([code, stderr], [0, ""]);
  const readme = await Deno.readTextFile(`${checkout}examples/language_server/README.md`);
  assert(readme.includes(`\`\`\`text\n${stdout}\`\`\``), stdout);
});

Deno.test("mcp: calls tools, reports progress, and answers the server's own request", async () => {
  const { code, stdout, stderr } = await example("mcp");
  assertEquals([code, stderr], [0, ""]);
  const moments = [
    /^connected to Everything Reference Server$/m,
    /^The sum of 19 and 23 is 42\.$/m,
    /^progress \{ progress: 1, total: 4 \}$/m,
    /^progress \{ progress: 4, total: 4 \}$/m,
    /^Long running operation completed\./m,
    /"text": "It depends\."/,
  ].map((pattern) => stdout.search(pattern));
  assert(!moments.includes(-1), stdout);
  assertEquals(moments.toSorted((a, b) => a - b), moments);
});

Deno.test("mcp_session: the SDK's client goes on when its server is killed", async () => {
  const { code, stdout, stderr } = await runs(
    Deno.execPath(),
    ...["run", "--no-prompt", "--quiet", "--import-map=tests/support/npm/import_map.json"],
    ...["--allow-run", "--allow-env", "--allow-read=/proc", "examples/mcp_session/main.ts"],
  );
  assertEquals([code, stderr], [0, ""]);
  const readme = await Deno.readTextFile(`${checkout}examples/mcp_session/README.md`);
  assert(readme.includes(`\`\`\`text\n${stdout}\`\`\``), stdout);
});

Deno.test("gateway: the official client keeps its session when a server dies", async () => {
  const { code, stdout, stderr } = await runs(
    Deno.execPath(),
    ...["run", "--no-prompt", "--quiet", "--import-map=tests/support/npm/import_map.json"],
    ...["--allow-run", "--allow-env", "--allow-read", "examples/gateway/main.ts"],
  );
  assertEquals([code, stderr], [0, ""]);
  const readme = await Deno.readTextFile(`${checkout}examples/gateway/README.md`);
  assert(readme.includes(`\`\`\`text\n${stdout}\`\`\``), stdout);
});

Deno.test("messagepack: bytes and dates go to the worker and come back", async () => {
  const { code, stdout, stderr } = await example("messagepack");
  assertEquals([code, stderr], [0, ""]);
  const readme = await Deno.readTextFile(`${checkout}examples/messagepack/README.md`);
  assert(readme.includes(`\`\`\`text\n${stdout}\`\`\``), stdout);
});

Deno.test("deno_worker: typed calls, a stream, and no more than is allowed", async () => {
  const { code, stdout, stderr } = await runs(
    Deno.execPath(),
    ...["run", "--no-prompt", "--quiet", "--import-map=tests/support/npm/import_map.json"],
    ...[`--allow-run=${Deno.execPath()}`, "--allow-env=PATH", "examples/deno_worker/main.ts"],
  );
  assertEquals([code, stderr], [0, ""]);
  const [sum, primes, denied] = stdout.split("\n");
  assertEquals([sum, primes], ["1 + 2 = 3", "primes: 2 3 5 7 11 13 17 19"]);
  assertMatch(denied!, /Requires read access to "\/etc\/passwd", run again with the --allow-read flag/);
});

/** Who is stopped and started after the crash of `flaky`. */
const strategies: Record<string, string[]> = {
  one_for_one: ["flaky: started"],
  one_for_all: ["after: stopped", "before: stopped", "before: started", "flaky: started", "after: started"],
  rest_for_one: ["after: stopped", "flaky: started", "after: started"],
};

for (const [strategy, expected] of Object.entries(strategies)) {
  Deno.test(`${strategy}: the crash of one restarts whom the strategy says, in order`, async () => {
    const file = `${checkout}examples/${strategy}/outrider.json`;
    const flags = (await outrider(["permissions", file])).stdout.trim().split(" ");
    await using up = new Running(["up", file], { flags });
    await up.line(new RegExp(expected.at(-1)!.replace(": ", "#2 +")));
    up.signal("SIGTERM");
    assertEquals(await up.ended(), { code: 0, stderr: "" });
    const told = story(up.lines).map((line) => line.split(" ").slice(0, 2).join(" "))
      .filter((line) => !/ (ready|waiting)$/.test(line));
    const crash = told.indexOf("flaky: crashed");
    assertEquals(told.slice(0, crash), ["before: started", "flaky: started", "after: started"]);
    assertEquals(told.slice(crash + 1, crash + 2 + expected.length), ["flaky: restarting", ...expected]);
    assertEquals(await alive(up.pids()), []);
  });
}

Deno.test("every example has a README, and every manifest names the schema beside it and has no fault", async () => {
  const examples = [...Deno.readDirSync(`${checkout}examples`)].filter(({ isDirectory }) => isDirectory);
  await Promise.all(examples.map(async ({ name }) => {
    const folder = `${checkout}examples/${name}`;
    assert((await Deno.readTextFile(`${folder}/README.md`)).startsWith(`# ${name}\n`));
    if (WITHOUT_MANIFEST.includes(name)) return;
    assertMatch(
      await Deno.readTextFile(`${folder}/outrider.json`),
      /"\$schema": "\.\.\/outrider\.schema\.json"/,
    );
    assertEquals((await outrider(["check", `${folder}/outrider.json`])).code, 0);
  }));
});
