/** What `check` says of programs that may hold their output back. */
import { assertEquals, assertMatch } from "@std/assert";
import { checkIssues } from "../../../../src/cli/checks/issues/issues.ts";
import { heldOutputHint } from "../../../../src/cli/checks/issues/held_output.ts";
import { parse } from "../../../../src/manifest/parse.ts";
import { programsOf } from "../../../../src/manifest/resolve/children.ts";

function manifestOf(fields: Record<string, unknown>) {
  return parse(JSON.stringify({ name: "t", children: [{ id: "a", ...fields }] }), { file: "/srv/t.json" });
}

function hintOf(fields: Record<string, unknown>, os = "linux"): string | undefined {
  return heldOutputHint(programsOf(manifestOf(fields))[0]!.entry, os);
}

const READY = { ready: { stdout: "^listening" } };
const WAITS = "may hold its output back, as stdout is not a terminal, and";

const HINTS: readonly [when: string, fields: Record<string, unknown>, remedy: string][] = [
  [
    "readiness waits for a line",
    { command: "python3", args: ["a.py"], ...READY },
    `"python3" ${WAITS} its readiness waits for a line of that: set "env": { "PYTHONUNBUFFERED": "1" }`,
  ],
  [
    "each answer is awaited",
    { command: "/usr/bin/python3.11", args: ["a.py"], protocol: "ndjson" },
    `"/usr/bin/python3.11" ${WAITS} each answer is awaited: set "env": { "PYTHONUNBUFFERED": "1" }`,
  ],
  [
    "a probe waits for lines",
    { command: "jq", args: ["."], probes: { liveness: { heartbeat: { stdout: "tick" } } } },
    `"jq" ${WAITS} a probe waits for lines of that: add "--unbuffered" to its args`,
  ],
  [
    "stdbuf helps it",
    { command: "tr", args: ["a-z", "A-Z"], protocol: "lines" },
    `"tr" ${WAITS} each answer is awaited: set "launcher": ["stdbuf", "-oL"]`,
  ],
  [
    "only a terminal reaches its buffer",
    { command: "perl", args: ["-ne", "print"], protocol: "lines" },
    `"perl" ${WAITS} each answer is awaited: have it flush each line, or set "pty": true`,
  ],
  [
    "a terminal can't be, as it has a launcher",
    { command: "ruby3.1", args: ["a.rb"], launcher: ["nice"], ...READY },
    `"ruby3.1" ${WAITS} its readiness waits for a line of that: have it flush each line`,
  ],
  [
    "a terminal can't be, as its frames are not lines",
    { command: "ruby", args: ["a.rb"], protocol: { type: "jsonrpc", framing: "headers" } },
    `"ruby" ${WAITS} each answer is awaited: have it flush each line`,
  ],
  [
    "sed is used",
    { command: "sed", args: ["s/a/b/"], protocol: "lines" },
    `"sed" ${WAITS} each answer is awaited: add "-u" to its args`,
  ],
];

for (const [when, fields, remedy] of HINTS) {
  Deno.test(`check says what makes a program write each line at once when ${when}`, () => {
    assertEquals(hintOf(fields), remedy);
  });
}

const SILENT: Readonly<Record<string, Record<string, unknown>>> = {
  "nothing depends on its lines": { command: "python3", args: ["a.py"] },
  "its bytes are piped": { command: "tr", args: ["a", "b"], protocol: "bytes" },
  "readiness waits for a line of stderr": { command: "python3", ready: { stderr: "up" } },
  "an argument says so": { command: "python3", args: ["-u", "a.py"], ...READY },
  "a variable says so": { command: "python3", env: { PYTHONUNBUFFERED: "1" }, ...READY },
  "a variable that it inherits says so": {
    command: "python3",
    inheritEnv: ["PATH", "PYTHONUNBUFFERED"],
    ...READY,
  },
  "a script in its arguments flushes": { command: "perl", args: ["-ne", "$| = 1; print"], protocol: "lines" },
  "its launcher sees to it": { command: "tr", launcher: ["/usr/bin/stdbuf", "-oL"], protocol: "lines" },
  "it has a terminal": { command: "tr", pty: true, protocol: "lines" },
  "the program is not known to": { command: "node", args: ["a.mjs"], ...READY },
};

for (const [when, fields] of Object.entries(SILENT)) {
  Deno.test(`check says nothing of a program's buffer when ${when}`, () => {
    assertEquals(hintOf(fields), undefined);
  });
}

Deno.test("check names what there is on a system when stdbuf is not", () => {
  const fields = { command: "tr", args: ["a-z", "A-Z"], protocol: "lines" };
  assertEquals(
    hintOf(fields, "darwin"),
    `"tr" ${WAITS} each answer is awaited: set "pty": true`,
  );
  assertEquals(hintOf(fields, "windows"), undefined);
});

Deno.test("check warns of a program that may hold its output back when readiness waits for it", () => {
  const issues = checkIssues(manifestOf({ command: "python3", args: ["a.py"], cwd: "/", ...READY }));
  const [hint] = issues.filter(({ kind }) => kind === "warning");
  assertEquals(hint?.path, "a");
  assertMatch(hint!.text, /PYTHONUNBUFFERED/);
});
