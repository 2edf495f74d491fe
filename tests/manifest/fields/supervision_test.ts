/** What a manifest says about supervision: restart rules, dependencies, significance, and what happens at the limit. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { factories } from "@outrider/outrider/actors/factories";
import { parse } from "../../../src/manifest/parse.ts";
import { buildTree } from "../../../src/manifest/resolve/child_specs.ts";
import { SIGNALS } from "../../../src/options/fields/signals.ts";
import type { RestartType } from "../../../src/supervision/restart/restart_rules.ts";
import {
  asSidecar,
  asSupervisor,
  faultsOf,
  FILE,
  resolveManifest,
  sidecar,
  sidecarFaults,
  treeOf,
} from "../probe.ts";

const leaf = (id: string, fields: Record<string, unknown> = {}) => ({ id, command: "cat", ...fields });

/** What is wrong with a tree of these fields, without places. */
function faults(fields: Record<string, unknown>): string[] {
  return faultsOf(JSON.stringify({ name: "t", ...fields })).map((fault) => fault.replace(/^\S+ /, ""));
}

const names: Readonly<Record<string, RestartType>> = {
  "permanent": "permanent",
  "transient": "transient",
  "temporary": "temporary",
  "on-success": "on-success",
  "on-abnormal": "on-abnormal",
  "on-abort": "on-abort",
  "on-watchdog": "on-watchdog",
  "always": "permanent",
  "on-failure": "transient",
  "no": "temporary",
};

for (const [name, type] of Object.entries(names)) {
  Deno.test(`restart ${name} is ${type}, for a sidecar in both forms and for a supervisor`, () => {
    assertEquals(sidecar({ restart: name }).restart, type);
    assertEquals(sidecar({ restart: { on: name } }).restart, type);
    const { children } = parse(treeOf({ id: "s", restart: name, children: [leaf("a")] }), { file: FILE });
    assertEquals(asSupervisor(children[0]).restart, type);
  });
}

Deno.test("restart as an object sets the named rules only", () => {
  const tallies = [{ of: [78, "SIGABRT"], deaths: 3, within: "1m" }];
  const { restart, rules } = sidecar({
    restart: { on: "on-failure", prevent: [78, "SIGABRT"], force: [0], tallies },
  });
  assertEquals(restart, "transient");
  assertEquals(rules, {
    prevent: [78, "SIGABRT"],
    force: [0],
    tallies: [{ of: [78, "SIGABRT"], deaths: 3, within: 60_000 }],
  });
  assertEquals(sidecar({ restart: { prevent: [1] } }).restart, "permanent");
  assertEquals("rules" in sidecar({ restart: { on: "always" } }), false);
  assertEquals("rules" in sidecar(), false);
});

Deno.test("a signal of two names is the one that processes are said to have died of", () => {
  assertEquals(sidecar({ restart: { force: ["SIGPOLL", "SIGUNUSED"] } }).rules?.force, ["SIGIO", "SIGSYS"]);
  assert(SIGNALS.includes("SIGKILL"));
  assertEquals(sidecar({ restart: { force: SIGNALS } }).rules?.force?.length, SIGNALS.length);
});

Deno.test("exit codes, signals and numbers of deaths have bounds, and wrong ones are named", () => {
  assertEquals(sidecar({ restart: { prevent: [0, 255] } }).rules?.prevent, [0, 255]);
  const expected = `expected an exit code, 0 to 255, or a signal such as "SIGABRT", got`;
  assertEquals(sidecarFaults({ restart: { prevent: [-1, 256, 1.5, "SIGABORT", "78", null] } }), [
    `children[0].restart.prevent[0]: must be 0 or more, got -1`,
    `children[0].restart.prevent[1]: must be 255 or less, got 256`,
    `children[0].restart.prevent[2]: ${expected} 1.5`,
    `children[0].restart.prevent[3]: ${expected} "SIGABORT"; did you mean "SIGABRT"?`,
    `children[0].restart.prevent[4]: ${expected} "78"`,
    `children[0].restart.prevent[5]: ${expected} null`,
  ]);
  const tally = { of: [1], deaths: 64, within: 1 };
  assertEquals(sidecar({ restart: { tallies: [tally] } }).rules?.tallies, [tally]);
  assertEquals(
    sidecarFaults({
      restart: { tallies: [{ of: [], deaths: 65, within: 0, deats: 1 }, { within: 1, deaths: 0 }] },
    }),
    [
      "children[0].restart.tallies[0].of: needs at least one exit code or signal",
      "children[0].restart.tallies[0].deaths: must be 64 or less, got 65",
      "children[0].restart.tallies[0].within: must be 1 millisecond or more, got 0",
      `children[0].restart.tallies[0].deats: unknown key; did you mean "deaths"?`,
      "children[0].restart.tallies[1].of: missing; expected an array",
      "children[0].restart.tallies[1].deaths: must be 1 or more, got 0",
    ],
  );
});

Deno.test("restart says which key and which word is wrong", () => {
  const [type, key] = sidecarFaults({ restart: { on: "sometimes", prevnt: [1] } });
  assertStringIncludes(type!, `children[0].restart.on: expected "permanent", "transient", `);
  assertEquals(key, `children[0].restart.prevnt: unknown key; did you mean "prevent"?`);
  const of = { id: "s", restart: { on: "no" }, children: [leaf("a")] };
  assertEquals(faults({ children: [of] }).length, 1);
  assert(faults({ children: [of] })[0]!.startsWith("children[0].restart: expected"));
});

Deno.test("onLimit and autoShutdown, at the root and nested", () => {
  const { children, ...root } = parse(
    JSON.stringify({
      name: "t",
      onLimit: { quarantine: { coolDown: "30s" } },
      autoShutdown: "any_significant",
      children: [{
        id: "s",
        onLimit: { quarantine: {} },
        autoShutdown: "all_significant",
        children: [leaf("a", { restart: "temporary", significant: true })],
      }],
    }),
    { file: FILE },
  );
  assertEquals(root.onLimit, { quarantine: { coolDown: 30_000, factor: 2, max: 600_000 } });
  assertEquals(root.autoShutdown, "any_significant");
  const nested = asSupervisor(children[0]);
  assertEquals(nested.onLimit, { quarantine: { factor: 2, max: 600_000 } });
  assertEquals(nested.autoShutdown, "all_significant");
  assertEquals(asSidecar(nested.children[0]).significant, true);
});

Deno.test("a wrong onLimit is reported with the valid forms", () => {
  const children = [leaf("a")];
  const expected = `onLimit: expected "escalate", or an object with "quarantine", got`;
  assertEquals(faults({ onLimit: "giveup", children }), [`${expected} "giveup"`]);
  assertEquals(faults({ onLimit: [], children }), [`${expected} an array`]);
  assertEquals(faults({ onLimit: { quarantin: {} }, children }), [
    `onLimit.quarantin: unknown key; did you mean "quarantine"?`,
  ]);
  assertEquals(faults({ onLimit: {}, children }), ["onLimit.quarantine: missing; expected an object"]);
  assertEquals(faults({ onLimit: { quarantine: { cooldwn: 1 } }, children }), [
    `onLimit.quarantine.cooldwn: unknown key; did you mean "coolDown"?`,
  ]);
});

Deno.test("significant is for children that are not permanent, under a supervisor that shuts down", () => {
  const never = `children[0].significant: its supervisor never shuts down by itself; set the supervisor's ` +
    `"autoShutdown" to "any_significant" or "all_significant"`;
  const permanent = "children[0].significant: a permanent child, which is always started again, can't be " +
    `significant; set "restart" to "transient" or "temporary"`;
  const of = (restart: unknown) => [leaf("a", { restart, significant: true })];
  assertEquals(faults({ children: of("transient") }), [never]);
  assertEquals(faults({ autoShutdown: "never", children: of("permanent") }), [never]);
  for (const restart of [undefined, "permanent", "always", { on: "always" }, { prevent: [1] }]) {
    assertEquals(faults({ autoShutdown: "any_significant", children: of(restart) }), [permanent]);
  }
  for (const restart of ["transient", "no", { on: "on-success" }]) {
    resolveManifest({ name: "t", autoShutdown: "all_significant", children: of(restart) }, { file: FILE });
  }
});

Deno.test("a fault of significance has its line, in a supervisor inside the tree too", () => {
  const text =
    `{"name":"t","children":[\n{"id":"s","children":[\n{"id":"a","command":"x",\n"significant":true}]}]}`;
  assertEquals(faultsOf(text).map((fault) => fault.slice(0, 41)), [
    "4:15 children[0].children[0].significant:",
  ]);
});

Deno.test("after takes ids and objects, and may be empty", () => {
  const { children } = parse(
    treeOf(leaf("a"), leaf("b", { after: ["a", { id: "c", condition: "completed" }, { id: "a" }] }), {
      ...leaf("c", { restart: "no" }),
      after: [],
    }),
    { file: FILE },
  );
  assertEquals(children.map(({ after }) => after), [
    undefined,
    [{ id: "a", condition: "ready" }, { id: "c", condition: "completed" }, { id: "a", condition: "ready" }],
    [],
  ]);
});

Deno.test("after names siblings: not itself, not others, the nearest is suggested", () => {
  const text =
    `{"name":"t","children":[\n{"id":"db","command":"x"},\n{"id":"web","command":"x",\n"after":["bd",\n` +
    `{"id":"web"}, "elsewhere"]},\n{"id":"s","children":[{"id":"a","command":"x","after":["db"]}]}]}`;
  assertEquals(faultsOf(text), [
    `4:10 children[1].after[0]: it has no sibling "bd"`,
    `5:7 children[1].after[1].id: it can't start after itself`,
    `5:15 children[1].after[2]: it has no sibling "elsewhere"`,
    `6:56 children[2].children[0].after[0]: it has no sibling "db"; did you mean "../db"?`,
  ]);
  assertEquals(faults({ children: [leaf("database"), leaf("web", { after: ["databse"] })] }), [
    `children[1].after[0]: it has no sibling "databse"; did you mean "database"?`,
  ]);
});

Deno.test("a cycle is named, where it closes", () => {
  assertEquals(
    faults({ children: [leaf("a", { after: ["b"] }), leaf("b", { after: [{ id: "a" }] }), leaf("c")] }),
    ["children[1].after[0].id: each waits for the next: a → b → a"],
  );
  const ring = ["a", "b", "c", "d"].map((id, i) => leaf(id, { after: [["b", "c", "d", "b"][i]] }));
  assertEquals(faults({ children: ring }), [
    "children[3].after[0]: each waits for the next: b → c → d → b",
  ]);
});

Deno.test("two cycles are both named", () => {
  const of = (id: string, other: string) => leaf(id, { after: [other] });
  assertEquals(faults({ children: [of("a", "b"), of("b", "a"), of("c", "d"), of("d", "c")] }).length, 2);
});

Deno.test("a wrong form of after is reported", () => {
  assertEquals(sidecarFaults({ after: "b" }), ["children[0].after: expected an array, got a string"]);
  assertEquals(sidecarFaults({ after: [1, { condition: "ready" }, { id: "a", conditon: "ready" }] }), [
    `children[0].after[0]: expected the id of a sibling, a path such as "../db", or an object with "id", got 1`,
    "children[0].after[1].id: missing; expected a string",
    "children[0].after[2].id: it can't start after itself",
    `children[0].after[2].conditon: unknown key; did you mean "condition"?`,
  ]);
});

Deno.test("ten thousand children in one chain, last first, are put in order", () => {
  const children = Array.from(
    { length: 9_999 },
    (_, i) => leaf(`c${i}`, i < 9_998 ? { after: [`c${i + 1}`] } : {}),
  );
  const spec = buildTree(resolveManifest({ name: "t", children }, { file: FILE }), factories);
  assertEquals(spec.children[0]?.id, "c9998");
});

Deno.test("everything gets to the child specs", () => {
  const spec = buildTree(
    resolveManifest({
      name: "t",
      strategy: "rest_for_one",
      onLimit: { quarantine: { coolDown: 5 } },
      autoShutdown: "any_significant",
      children: [
        leaf("a", { restart: { on: "no", prevent: [1] }, significant: true, after: ["s"] }),
        {
          id: "s",
          restart: "on-failure",
          significant: true,
          after: [],
          onLimit: { quarantine: {} },
          children: [leaf("x")],
        },
      ],
    }, { file: FILE }),
    factories,
  );
  assertEquals(spec.supervises, {
    strategy: "rest_for_one",
    intensity: { restarts: 5, within: 180_000, per: "child" },
    onLimit: { quarantine: { coolDown: 5, factor: 2, max: 600_000 } },
    onStartFailure: "retry",
    autoShutdown: "any_significant",
    maxChildren: undefined,
  });
  const [s, a] = spec.children; // s first: a starts after it
  assertEquals([a?.restart, a?.rules, a?.significant, a?.after], [
    "temporary",
    { prevent: [1] },
    true,
    [{ id: "s", condition: "ready" }],
  ]);
  assertEquals([s?.restart, s?.significant, s?.after], ["transient", true, []]);
  assertEquals(s?.supervises?.onLimit, { quarantine: { factor: 2, max: 600_000 } });
});
