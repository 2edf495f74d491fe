import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { ProgramNotExecutableError, WorkingDirectoryError } from "@outrider/outrider/process";
import { ProgramNotFoundError, StartError } from "@outrider/outrider";
import { failureOf } from "../support/probes.ts";
import { AT_ONCE, Probe, sh } from "./health/probe.ts";

for (
  const [what, options, type, code] of [
    [
      "a program that is not there",
      { command: "no-such-program" },
      ProgramNotFoundError,
      "program_not_found",
    ],
    ["a path that is not there", { command: "./no/such" }, ProgramNotFoundError, "program_not_found"],
    [
      "a file that is not executable",
      { command: new URL(import.meta.url).pathname },
      ProgramNotExecutableError,
      "program_not_executable",
    ],
    ["a folder", { command: "/" }, ProgramNotExecutableError, "program_not_executable"],
    [
      "a working directory that is missing",
      { command: "cat", cwd: "/no/such/folder" },
      WorkingDirectoryError,
      "working_directory_missing",
    ],
  ] as const
) {
  Deno.test(`${what} is a failed start without another try`, async () => {
    await using probe = new Probe({ protocol: "lines", ...options });
    const queued = failureOf(probe.ref.ask("x"));
    const error = await failureOf(probe.system.start());
    assertInstanceOf(error, StartError);
    assertEquals(error.path, "s");
    const { cause } = await probe.event("start_failed");
    assertInstanceOf(cause, type);
    assertEquals(cause.code, code);
    assertEquals([probe.all("starting").length, probe.all("spawned").length], [1, 0]);
    await queued; // refused: nothing will ever answer it
  });
}

Deno.test("a program that has gone when it is to be restarted is not tried again, and burns no budget", async () => {
  const folder = await Deno.makeTempDir();
  const command = `${folder}/program`;
  await Deno.writeTextFile(command, "#!/bin/sh\nexec cat\n", { mode: 0o755 });
  await using probe = await Probe.start({ command, protocol: "lines", stop: AT_ONCE }, {
    intensity: { restarts: 1, within: 60_000 },
  });
  assertEquals(await probe.ref.ask("x"), "x");
  await Deno.remove(folder, { recursive: true });
  Deno.kill(await probe.pid(), "SIGKILL");
  const { cause } = await probe.event("start_failed");
  assertInstanceOf(cause, ProgramNotFoundError);
  await probe.event("finished");
  assertEquals([probe.all("start_failed").length, probe.all("restarting").length], [1, 1]); // the one for SIGKILL
  const refused = await failureOf(probe.ref.ask("x"));
  assert(refused.message.includes("there is no such file"), refused.message);
});

Deno.test("arguments, environment and working directory are handed over as they are", async () => {
  await using probe = await Probe.start({
    ...sh('printf "%s|" "$@" "$A" "$HOME" "$OUTRIDER_SECRET"; pwd', "a b", "$A", "*"),
    cwd: "/",
    env: { A: "1" },
    inheritEnv: ["PATH"],
    restart: "temporary",
  });
  assertEquals((await probe.event("output")).line, "a b|$A|*|1|||/");
});

Deno.test("a permission that is missing is a failed start that names the flag", async () => {
  const root = new URL("../../", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...[
        "run",
        "--no-prompt",
        "--quiet",
        `--config=${root}deno.json`,
        `--import-map=${root}tests/support/npm/import_map.json`,
      ],
      ...["--allow-run=cat", "--allow-env=PATH,HOME,LANG,TERM,TMPDIR,USER"],
      `${root}tests/fixtures/starts_tr.ts`,
    ],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assertEquals([code, text(stderr)], [0, ""]);
  const { name, codes, flag, started } = JSON.parse(text(stdout));
  assertEquals([name, codes, started], ["StartError", ["start_failed", "permission_missing"], 1]);
  assertMatch(flag, /^--allow-run=tr$/);
});
