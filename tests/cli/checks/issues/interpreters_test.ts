/** What `check` says of interpreters whose replies are paired in order. */
import { assertEquals } from "@std/assert";
import { checkIssues } from "../../../../src/cli/checks/issues/issues.ts";
import { interpreterHint } from "../../../../src/cli/checks/issues/interpreters.ts";
import { parse } from "../../../../src/manifest/parse.ts";
import { programsOf } from "../../../../src/manifest/resolve/children.ts";

function manifestOf(fields: Record<string, unknown>) {
  return parse(JSON.stringify({ name: "t", children: [{ id: "a", ...fields }] }), { file: "/srv/t.json" });
}

function hintOf(command: string, args: string[] = [], fields: object = { protocol: "lines" }) {
  return interpreterHint(programsOf(manifestOf({ command, args, ...fields }))[0]!.entry);
}

Deno.test("check names the line for a mark when an interpreter's replies are paired in order", () => {
  const marks: readonly [command: string, args: string[], mark: string][] = [
    ["bc", ["-q"], `"print \\"{mark}\\\\n\\""`],
    ["/usr/bin/python3.11", ["-u", "-i"], `"print(\\"{mark}\\")"`],
    ["sh", [], `"echo {mark}"`],
    ["bash", ["-eu"], `"echo {mark}"`],
    ["sqlite3", ["a.db"], `".print {mark}"`],
    ["psql", ["-XqAt", "shop"], `"\\\\echo {mark}"`],
  ];
  for (const [command, args, mark] of marks) {
    assertEquals(
      hintOf(command, args),
      `"${command}" answers some lines with nothing, after which each reply is taken for that to the line before: ` +
        `set "pairing": { "mark": ${mark} } in its "protocol"`,
    );
  }
  const texts = checkIssues(manifestOf({ command: "bc", args: ["-q"], protocol: "lines" })).map(({ text }) =>
    text
  );
  assertEquals(texts.filter((text) => text === hintOf("bc", ["-q"])).length, 1);
});

Deno.test("check names no line for a mark when a script answers, a mark is there, or nothing is asked", () => {
  const silent = [
    hintOf("sh", ["-c", "while read -r a; do echo $a; done"]),
    hintOf("bash", ["answers.sh"]),
    hintOf("python3", ["-u", "answers.py"]),
    hintOf("sqlite3", ["a.db", "select 1"]),
    hintOf("psql", ["-f", "a.sql"]),
    hintOf("cat"),
    hintOf("bc", [], { protocol: { type: "lines", pairing: { mark: "print {mark}" } } }),
    hintOf("bc", [], { protocol: { type: "lines", pairing: "none" } }),
    hintOf("bc", [], { protocol: "lines", until: { mark: "print {mark}" } }),
    hintOf("bc", [], { protocol: "bytes" }),
    hintOf("bc", [], {}),
  ];
  assertEquals(silent, silent.map(() => undefined));
});
