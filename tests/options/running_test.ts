/** Options of a tree that starts or runs, which the types refuse and JavaScript lets through: each is refused at once. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { actor, launch, OptionError, sidecar, start, supervisor } from "@outrider/outrider";
import { replaceAll } from "@outrider/outrider/actors/pool";

const echo = actor("echo", () => ({ receive: (message: string) => message }));
const root = supervisor("root", [echo]);
// deno-lint-ignore no-explicit-any -- what no type has checked
const loose = (options: object): any => options;

/** What is refused: where, and what is said of it. */
const REFUSED: Readonly<
  Record<string, readonly [call: () => Promise<unknown>, path: string, says: string]>
> = {
  "launch with a misspelt protection": [
    () => launch(root, loose({ onHostDeath: "gaurd" })),
    "onHostDeath",
    `did you mean "guard"?`,
  ],
  "launch with a misspelt way with signals": [
    () => launch(root, loose({ onSignal: "exitt" })),
    "onSignal",
    `did you mean "exit"?`,
  ],
  "launch with an unknown key": [
    () => launch(root, loose({ reports: true })),
    "reports",
    `unknown key; did you mean "report"?`,
  ],
  "launch with an option of a supervisor": [
    () => launch(root, loose({ onLimit: "escalate" })),
    "onLimit",
    `unknown key; it is an option of a supervisor: launch(supervisor("app", [child], { onLimit: … }))`,
  ],
  "launch with a report that is a word": [
    () => launch(root, loose({ report: "json" })),
    "report",
    "expected true, false, an object or a function",
  ],
  "launch with an unknown format of its report": [
    () => launch(root, loose({ report: { format: "jsn" } })),
    "report.format",
    `did you mean "json"?`,
  ],
  "start with an unknown key": [
    () => start(root, loose({ singal: AbortSignal.timeout(1) })),
    "singal",
    `did you mean "signal"?`,
  ],
  "replaceAll with an unknown key": [
    () => replaceAll(loose({}), loose({ drian: "1s" })),
    "drian",
    `did you mean "drain"?`,
  ],
};

for (const [what, [call, path, says]] of Object.entries(REFUSED)) {
  Deno.test(`${what} is refused, with its place and the nearest word`, async () => {
    const error = await assertRejects(call, OptionError);
    assertEquals(error.path, path);
    assertStringIncludes(error.message, says);
  });
}

Deno.test("a running tree refuses options that are unknown or wrong", async () => {
  await using system = await start(root);
  const child = actor("late", () => ({ receive: () => {} }));
  const cases: readonly (readonly [call: () => unknown, says: string])[] = [
    [() => system.events(loose({ types: ["exit"] })), `types[0]: expected`],
    [() => system.events(loose({ types: ["exitd"] })), `did you mean "exited"?`],
    [() => system.events(loose({ types: "exited" })), "types: expected an array, got a string"],
    [() => system.events(loose({ type: ["exited"] })), `did you mean "types"?`],
    [() => system.ref("echo").subscribe(loose({ capactiy: 3 })), `did you mean "capacity"?`],
    [() => system.ref("echo").subscribe(loose({ capacity: "3" })), "expected a whole number, got a string"],
  ];
  for (const [call, says] of cases) {
    assertStringIncludes(assertThrows(call, OptionError).message, says);
  }
  const late = await assertRejects(() => system.startChild("/", child, loose({ singal: 1 })), OptionError);
  assertStringIncludes(late.message, `did you mean "signal"?`);
  assertEquals(system.countChildren().specs, 1);
});

Deno.test("launch warns that its tree gave up when nothing reports it", async () => {
  const warnings: string[] = [];
  const dies = sidecar("dies", { command: "false", backoff: { initial: 0, jitter: 0 } });
  const tree = supervisor("shop", [dies], { intensity: { restarts: 0, within: "1s" } });
  const warn = (warning: string) => void warnings.push(warning);
  const app = await launch(tree, { warn, onHostDeath: "eof" });
  assertEquals((await app.outcome).how, "gave_up");
  const told = warnings.filter((warning) => warning.includes("gave up"));
  assertEquals(told.length, 1);
  assertStringIncludes(told[0]!, "The tree 'shop' gave up: ");
});
