/** A tree as a table. */
import { assert, assertEquals } from "@std/assert";
import type { ChildReport } from "../../src/control/protocol.ts";
import { statusTable } from "../../src/report/status_table.ts";

const NOW = 1_000_000;

function table(children: readonly ChildReport[], { color = false, active = true } = {}): string[] {
  return statusTable({ name: "tree", now: NOW, startedAt: NOW - 180_000, active, children }, { color });
}

const child = (path: string, more: Partial<ChildReport> = {}): ChildReport => ({
  path,
  type: "worker",
  state: "running",
  generation: 1,
  since: NOW - 5_000,
  ...more,
});
const exit = {
  generation: 3,
  at: NOW - 2_000,
  how: "exited",
  death: { kind: "exit_code", code: 4 },
} as const;

Deno.test("columns line up, and each child says where it stands and how it ended last", () => {
  assertEquals(
    table([
      child("db"),
      child("team", { type: "supervisor", since: undefined }),
      child("team/w1", { state: "restarting", until: NOW + 4_200, generation: 3, lastExit: exit }),
      child("team/w2", { state: "quarantined", generation: 12, lastExit: { ...exit, generation: 12 } }),
      child("web", { ready: false }),
    ]),
    [
      "tree: up for 3 min",
      "child    state                generation  for  last exit",
      "db       running              1           5 s",
      "team     running              1",
      "team/w1  restarting in 4.2 s  3           5 s  #3, 2 s ago: exit code 4",
      "team/w2  quarantined          12          5 s  #12, 2 s ago: exit code 4",
      "web      running, not ready   1           5 s",
    ],
  );
});

Deno.test("the status table says of a restart that is due no time, and cuts each line to the width it is given", () => {
  const due = child("team/w1", { state: "restarting", until: NOW, generation: 3, lastExit: exit });
  assertEquals(table([due])[2], "team/w1  restarting  3           5 s  #3, 2 s ago: exit code 4");
  const tree = { name: "tree", now: NOW, startedAt: NOW, active: true, children: [due, child("db")] };
  const cut = (width: number, color = false) => statusTable(tree, { color, width }).slice(1);
  assertEquals(cut(40), [
    "child    state       generation  for  l…",
    "team/w1  restarting  3           5 s  #…",
    "db       running     1           5 s",
  ]);
  assertEquals(cut(12, true).slice(1), ["team/w1  \x1b[33mre…\x1b[0m", "db       \x1b[32mru…\x1b[0m"]);
  assertEquals(cut(5, true).slice(1), ["team…", "db  …"]);
});

Deno.test("a last exit in words", () => {
  const said = (lastExit: ChildReport["lastExit"]) => table([child("a", { lastExit })])[2]!.split("ago: ")[1];
  assertEquals(said(exit), "exit code 4");
  assertEquals(said({ ...exit, death: { kind: "signal", code: 137, signal: "SIGKILL" } }), "SIGKILL");
  assertEquals(said({ ...exit, death: { kind: "exception" }, message: "Cannot go on" }), "Cannot go on");
  assertEquals(said({ ...exit, death: { kind: "not_ready" } }), "not ready");
  assertEquals(said({ ...exit, how: "stopped" }), "stopped as told");
  assertEquals(
    said({ ...exit, how: "start_failed", death: { kind: "unstartable" }, message: "no program" }),
    "failed to start, no program",
  );
});

Deno.test("a quarantine with a cool-down says how long it lasts, and a tree that is idle says so", () => {
  const [head, , line] = table([child("a", { state: "quarantined", until: NOW + 240_000 })], {
    active: false,
  });
  assertEquals(head, "tree: up for 3 min; nothing in it runs, and nothing will by itself");
  assert(line!.startsWith("a      quarantined for 4 min more  1 "), line);
});

Deno.test("the status table prints a child's output as text only, and colours states only", () => {
  const lastExit = { ...exit, death: { kind: "exception" }, message: "\x1b[2J\x07" } as const;
  const children = [child("a", { lastExit }), child("b", { state: "stopped" })];
  const [plain, tinted] = [table(children), table(children, { color: true })];
  // deno-lint-ignore no-control-regex -- that is what is looked for
  assert(!/[\x00-\x1f]/.test(plain.join("")), plain.join("\n"));
  assertEquals(tinted[2], plain[2]!.replace("running", "\x1b[32mrunning\x1b[0m"));
  assertEquals(tinted[3], plain[3]);
});
