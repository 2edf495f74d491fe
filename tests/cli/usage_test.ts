/** The command line itself: help, versions, and what is misspelt. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import deno from "../../deno.json" with { type: "json" };
import { VERBS } from "../../src/cli/verbs.ts";
import { Folder, type Outcome, outrider } from "./outrider.ts";
import { Session } from "./session.ts";

const verbs = Object.keys(VERBS);

/** Nothing here needs a permission. */
const session = new Session({ flags: [] });

/** The help of Outrider, or of a verb. */
function help(verb?: string): Promise<Outcome> {
  return session.run(verb === undefined ? ["--help"] : [verb, "--help"]);
}

Deno.test("--help names every verb and all exit codes, and each verb has its own", async () => {
  const { code, stdout, stderr } = await help();
  assertEquals([code, stderr], [0, ""]);
  for (const number of [0, 1, 2, 3, 4, 5, 130]) assertMatch(stdout, new RegExp(`[:;] ${number}\\b`));
  for (const verb of verbs) {
    assertMatch(stdout, new RegExp(`^  ${verb} +\\S`, "m"));
    const [own, behindFile] = await Promise.all([help(verb), session.run([verb, "file", "-h"])]);
    assertEquals([own.code, own.stderr], [0, ""]);
    assert(own.stdout.startsWith(`Usage: outrider ${verb}`));
    assertEquals(behindFile.stdout, own.stdout);
  }
  for (const help of ["-h", "help"]) assertEquals((await session.run([help])).stdout, stdout);
});

Deno.test("no line of a help is wider than a terminal of 80 columns", async () => {
  for (const verb of [undefined, ...verbs]) {
    const { stdout } = await help(verb);
    assertEquals(stdout.split("\n").filter((line) => line.length > 80), []);
  }
});

Deno.test("--version prints the versions of Outrider and Deno", async () => {
  for (const flag of ["--version", "-V"]) {
    const { code, stdout } = await outrider([flag], { flags: [] });
    assertEquals([code, stdout], [0, `outrider ${deno.version} (deno ${Deno.version.deno})\n`]);
  }
});

Deno.test("without a verb the help goes to standard error, with 2", async () => {
  const { code, stdout, stderr } = await outrider([], { flags: [] });
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "Usage: outrider VERB");
});

/** Verbs whose FILE may be left out. */
const leftOut = ["up", "check", "ask", "explain", "status", "down"];

Deno.test("a FILE left out is missed in the same words by every verb when this folder has none", async () => {
  await using folder = new Folder();
  for (const verb of leftOut) {
    const { code, stdout, stderr } = await outrider([verb], { flags: ["--allow-read"], cwd: folder.path });
    assertEquals([code, stdout], [2, ""], verb);
    assertMatch(stderr, /^Cannot go on: there is no outrider\.json or outrider\.jsonc here; name FILE/, verb);
  }
});

Deno.test("a FILE left out is asked for with its flag when it may not be looked for", async () => {
  await using folder = new Folder();
  for (const verb of leftOut) {
    const { code, stdout, stderr } = await outrider([verb], { flags: [], cwd: folder.path });
    assertEquals([code, stdout], [3, ""], verb);
    assertStringIncludes(stderr, `--allow-read=${folder.path}/outrider.json`, verb);
  }
});

const listed = verbs.join(", ");
const wrong: [args: string[], says: string][] = [
  [
    ["upp", "x"],
    `Cannot do 'upp': verbs are ${listed}; did you mean 'up'?\nSee outrider --help`,
  ],
  [
    ["frobnicate"],
    `Cannot do 'frobnicate': verbs are ${listed}\nSee outrider --help`,
  ],
  [
    ["toString"],
    `Cannot do 'toString': verbs are ${listed}\nSee outrider --help`,
  ],
  [
    ["kill"],
    "Cannot do 'kill': 'down' ends a running tree, as Ctrl-C or SIGTERM do; 'stop CHILD' stops one child\nSee outrider --help",
  ],
  [["list"], "Cannot do 'list': 'ps' shows the children of a running tree\nSee outrider --help"],
  [["permissions", "a", "b"], "Cannot use more than one FILE: a, b\nSee outrider permissions --help"],
  [["schema", "a"], "Cannot use 'a': schema takes no FILE\nSee outrider schema --help"],
  [
    ["up", "x", "--log-formt=json"],
    "Cannot use --log-formt: there is no such option; did you mean --log-format?\nSee outrider up --help",
  ],
  [["up", "x", "-q"], "Cannot use -q: there is no such option\nSee outrider up --help"],
  [["check", "x", "--for", "1s"], "Cannot use --for: there is no such option\nSee outrider check --help"],
  [
    ["up", "x", "--for"],
    "Cannot read the options: each of --control, --only, --http, --termination-log, --for, --wait-ready, --stop-within, --exit-code-from, --log-format, --log-level, --time needs a value, and --no-control, --detach, --in-background, --notify, --take-over, --keep-going, --ignore-hup none\nSee outrider up --help",
  ],
  [
    ["up", "x", "--log-format", "xml"],
    "Cannot use --log-format xml: it takes text, json\nSee outrider up --help",
  ],
  [
    ["up", "x", "--log-level", "loud"],
    "Cannot use --log-level loud: it takes error, warn, info, debug\nSee outrider up --help",
  ],
  [
    ["restart", "./s"],
    "Cannot go on: CHILD is missing, its path, such as workers/w1; 'all' is all of them\nSee outrider restart --help",
  ],
  [
    ["signal", "./s", "a", "HUP", "b"],
    "Cannot use 'b': behind FILE or SOCKET there are 2 words\nSee outrider signal --help",
  ],
  [["status", "./s", "a"], "Cannot use 'a': there is one FILE or SOCKET\nSee outrider status --help"],
  [
    ["status", "s", "--timeout"],
    "Cannot read the options: --timeout needs a value, and --json none\nSee outrider status --help",
  ],
  [
    ["restart", "s", "a", "--timeout", "soon"],
    "Cannot use --timeout soon: it takes a time with a unit, such as 10s\nSee outrider restart --help",
  ],
  [["call", "x"], "Cannot go on: CHILD is missing, its path, such as workers/w1\nSee outrider call --help"],
  [
    ["ask", "x", "a"],
    "Cannot go on: MESSAGE is missing; - reads it from standard input\nSee outrider ask --help",
  ],
  [
    ["ask", "x", "a", "two", "words"],
    "Cannot use 'words': there is one MESSAGE; put it in quotes\nSee outrider ask --help",
  ],
  [["call", "x", "a"], "Cannot go on: METHOD is missing, the one to call\nSee outrider call --help"],
  [
    ["call", "x", "a", "m", "[1]", "2"],
    "Cannot use '2': PARAMS is one JSON value; put it in quotes\nSee outrider call --help",
  ],
  [["pipe", "x", "a", "b"], "Cannot use 'b': there is one FILE and one CHILD\nSee outrider pipe --help"],
  [
    ["pipe", "x", "a", "--fail-fats"],
    "Cannot use --fail-fats: there is no such option; did you mean --fail-fast?\nSee outrider pipe --help",
  ],
  [
    ["ask", "x", "a", "m", "--timeout", "soon"],
    "Cannot use --timeout soon: it takes a time with a unit, such as 10s\nSee outrider ask --help",
  ],
  ...["10", "0s", "ten", "-1s"].map((time): [string[], string] => [
    ["up", "x", `--for=${time}`],
    `Cannot use --for ${time}: it takes a time with a unit, such as 10s\nSee outrider up --help`,
  ]),
];

for (const [args, says] of wrong) {
  Deno.test(`a wrong command line ends with 2 and a message: ${args.join(" ")}`, async () => {
    assertEquals(await session.run(args), { code: 2, stdout: "", stderr: `${says}\n` });
  });
}

Deno.test("schema prints JSON Schema, and the one beside the examples is current", async () => {
  const { code, stdout } = await session.run(["schema"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout).$schema, "http://json-schema.org/draft-07/schema#");
  const kept = new URL("../../examples/outrider.schema.json", import.meta.url);
  assertEquals(await Deno.readTextFile(kept), stdout, "run: outrider schema > examples/outrider.schema.json");
});
