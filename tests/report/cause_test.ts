/** Why something ended, in words. */
import { assertEquals } from "@std/assert";
import { crashText, outcomeText, startFailureText } from "../../src/report/cause.ts";
import { GaveUpError, StartError } from "../../src/supervision/supervision_errors.ts";

const INTENSITY = { restarts: 1, within: 5_000 };

function exited(path: string, more: { signal?: string; lastWords?: string } = {}): Error {
  const end = { code: "sidecar_exited", path, exitCode: 3, signal: undefined, lastWords: undefined, ...more };
  return Object.assign(new Error("the whole story"), end);
}

Deno.test("a process's end is its exit code or signal, and its last words", () => {
  assertEquals(crashText(exited("db")), "exit code 3");
  assertEquals(crashText(exited("db", { signal: "SIGSEGV" })), "SIGSEGV");
  assertEquals(
    crashText(exited("db", { lastWords: "\x1b[31mbye\x07" })),
    "exit code 3, last words: bye\\x07",
  );
  assertEquals(crashText(new Error("no luck\x07")), "no luck\\x07");
  assertEquals(crashText(new Error("Cannot go on: 'db' owes a reply")), "'db' owes a reply");
});

Deno.test("a supervisor that failed says which child it was because of", () => {
  const cause = new StartError("team", new StartError("team/db", exited("team/db")));
  assertEquals(startFailureText(cause, "team"), "because of team/db; what had started is stopped again");
  assertEquals(startFailureText(exited("db"), "db"), "exit code 3");
  const late = new Error("Cannot use 'db': it did not get ready within 20 ms");
  assertEquals(startFailureText(late, "db"), "it did not get ready within 20 ms"); // behind its name
});

Deno.test("the verdict on a tree names the child at fault and its cause", () => {
  const nested = new GaveUpError("/", INTENSITY, new GaveUpError("team", INTENSITY, exited("team/db")));
  const cases: [Error, string][] = [
    [new StartError("/", new StartError("db", exited("db"))), "Cannot start 'db': exit code 3"],
    [new StartError("/", new Error("told to stop")), "Cannot start 'tree': told to stop"],
    [nested, "Cannot keep 'tree' running: too many restarts; the last failure was of team/db: exit code 3"],
    [
      new GaveUpError("/", INTENSITY, new StartError("db", new Error("no luck"))),
      "Cannot keep 'tree' running: too many restarts; the last failure was of db: no luck",
    ],
    [
      new GaveUpError("/", INTENSITY, new Error("no luck")),
      "Cannot keep 'tree' running: too many restarts; the last failure: no luck",
    ],
    [
      new GaveUpError("db", INTENSITY, exited("db")),
      "Cannot keep 'db' running: too many restarts; the last failure: exit code 3",
    ],
    [new GaveUpError("/", INTENSITY, undefined), "Cannot keep 'tree' running: too many restarts"],
    [new Error("no luck\x07"), "no luck\\x07"],
  ];
  for (const [cause, text] of cases) assertEquals(outcomeText(cause, "tree"), text);
});
