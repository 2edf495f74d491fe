/** Errors on the command line: explained by their code, and as data where JSON is asked for. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { EXPLAINED_CODES } from "../../src/cli/explained_codes.ts";
import { Folder, outrider } from "./outrider.ts";
import { Session } from "./session.ts";

/** Nothing of the verb needs a permission. */
const session = new Session({ flags: [] });

Deno.test("errors lists the codes, one a line, and explains one", async () => {
  const { code, stdout, stderr } = await session.run(["errors"]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.trimEnd().split("\n").map((line) => line.split(" ")[0]), [...EXPLAINED_CODES.keys()]);
  const one = await session.run(["errors", "sidecar_exited"]);
  assertEquals([one.code, one.stderr], [0, ""]);
  assertMatch(
    one.stdout,
    /^sidecar_exited \(SidecarExitedError\)\n\n {2}Cannot go on: the process of 'db' exited/,
  );
  for (const part of ["Likely causes\n  - ", "What to do\n  ", "Fields\n  - exitCode"]) {
    assertStringIncludes(one.stdout, part);
  }
  assertMatch((await session.run(["errors", "-32601"])).stdout, /^-32601 \(JsonRpcError\)\n/);
});

Deno.test("no line of an explanation is wider than a terminal of 80 columns", async () => {
  for (const code of ["not_private", "gave_up", "permission_not_expressible"]) {
    const { stdout } = await session.run(["errors", code]);
    assertEquals(stdout.split("\n").filter((line) => line.length > 80), []);
  }
});

const wrong: [args: string[], says: string][] = [
  [
    ["sidecar_exitd"],
    "Cannot explain 'sidecar_exitd': there is no such code; did you mean 'sidecar_exited'?",
  ],
  [["frobnicate"], "Cannot explain 'frobnicate': there is no such code; 'outrider errors' lists all"],
  [["toString"], "Cannot explain 'toString': there is no such code; 'outrider errors' lists all"],
  [["busy", "usage"], "Cannot explain more than one CODE: busy, usage"],
  [["busy", "--markdown"], "Cannot use --markdown with a CODE: it prints all of them"],
];

for (const [args, says] of wrong) {
  Deno.test(`errors ${args.join(" ")} is 2, and says what is wrong`, async () => {
    assertEquals(await session.run(["errors", ...args]), {
      code: 2,
      stdout: "",
      stderr: `${says}\nSee outrider errors --help\n`,
    });
  });
}

/** The one line of data on standard error. */
function failed(stderr: string): Record<string, unknown> & { cause?: Record<string, unknown> } {
  const lines = stderr.trimEnd().split("\n");
  assertEquals(lines.length, 1, stderr);
  const { time, level, type, error } = JSON.parse(lines[0]!);
  assertEquals([new Date(time).toISOString(), level, type], [time, "error", "failed"]);
  return error;
}

const json = ["--log-format", "json"];

Deno.test("as JSON the error that ends up is data, with its causes, in the event and at the end", async () => {
  await using folder = new Folder();
  const bad = {
    id: "bad",
    command: "sh",
    args: ["-c", "echo no config >&2; exit 9"],
    ready: { stdout: "^r" },
  };
  const file = folder.manifest([{ id: "team", children: [bad] }], { defaults: "otp" });
  const { code, stdout, stderr } = await outrider(["up", file, ...json]);
  assertEquals(code, 1);
  const error = failed(stderr);
  assertEquals([error.name, error.code, error.path], ["StartError", "start_failed", "team/bad"]);
  assert(String(error.message).startsWith("Cannot start 'team/bad': "));
  const chain = (at: Record<string, unknown> | undefined): Record<string, unknown>[] =>
    at === undefined ? [] : [at, ...chain(at.cause as Record<string, unknown> | undefined)];
  const exited = chain(error).find(({ code }) => code === "sidecar_exited")!;
  assertEquals([exited.exitCode, exited.stderrTail], [9, ["no config"]]);
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const event = events.find(({ type, path }) => type === "start_failed" && path === "team/bad");
  assert(chain(event.cause).some(({ code }) => code === "sidecar_exited"));
  for (const at of [...chain(error), ...chain(event.cause)]) {
    assert(EXPLAINED_CODES.has(String(at.code)), JSON.stringify(at));
  }
});

Deno.test("as JSON too many restarts are data at the end; as text the last line leads to more", async () => {
  await using folder = new Folder();
  const bad = { id: "bad", command: "sh", args: ["-c", "exit 4"] };
  const file = folder.manifest([bad], { defaults: "otp", intensity: { restarts: 0, within: "1m" } });
  const error = failed((await outrider(["up", file, ...json])).stderr);
  assertEquals([error.code, error.path], ["gave_up", "/"]);
  assertEquals([error.cause?.code, error.cause?.exitCode], ["sidecar_exited", 4]);
  const { stderr } = await outrider(["up", file]);
  assertEquals(stderr.trimEnd().split("\n").at(-1), "See outrider errors sidecar_exited");
});

Deno.test("as JSON a bad manifest has its faults as data, with 2", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", comand: "cat" }]);
  const { code, stderr } = await outrider(["up", file, "--log-format=json"]);
  assertEquals(code, 2);
  const error = failed(stderr);
  assertEquals([error.code, error.file], ["manifest_invalid", file]);
  const [fault] = error.faults as Record<string, unknown>[];
  assertEquals([fault!.path, fault!.line, fault!.hint], ["children[0].comand", 6, 'did you mean "command"?']);
});

Deno.test("as JSON missing permissions are data, with the flags to add and 3", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: ["HOME"] }]);
  const { code, stderr } = await outrider(["up", file, ...json], { flags: [`--allow-read=${file}`] });
  assertEquals(code, 3);
  const error = failed(stderr);
  assertEquals([error.code, error.missingFlag], [
    "permissions_missing",
    "--allow-run=cat --allow-env=HOME",
  ]);
});

Deno.test("status --json prints a wrong command line, and a socket without a listener, as data", async () => {
  await using folder = new Folder();
  const usage = await session.run(["up", "--no-such-option", ...json]);
  assertEquals([usage.code, failed(usage.stderr).code], [2, "usage"]);
  const status = await outrider(["status", `${folder.path}/none`, "--json"]);
  const error = failed(status.stderr);
  assertEquals([status.code, status.stdout, error.code], [1, "", "unreachable"]);
  assertEquals(error.cause?.name, "NotFound");
});
