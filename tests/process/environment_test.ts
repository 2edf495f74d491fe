import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { readEnvironment } from "../../src/process/environment.ts";
import { EnvFileError, VariableUnsetError } from "../../src/process/environment_errors.ts";
import { requiredForCommand, spawn } from "../../src/process/spawn.ts";
import { command, output } from "./fixture.ts";

const folder = await Deno.makeTempDir();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

function envFile(name: string, text: string): { path: string; required: boolean } {
  Deno.writeTextFileSync(`${folder}/${name}`, text);
  return { path: `${folder}/${name}`, required: true };
}

const SHOWS = command("sh", "-c", 'printf %s "$A|$B|$C|$D"');

Deno.test("environment is read anew at each start, and later files win over earlier ones", async () => {
  const files = [envFile("1", "A=1\nB=1\nC=1"), envFile("2", "B=2\nC=${C}2")];
  const starts = { ...SHOWS, env: { C: "own", D: "own" }, envFile: files };
  for (const [text, shown] of [["A=1\nB=1\nC=1", "1|2|own|own"], ["A=new", "new|2|own|own"]] as const) {
    envFile("1", text);
    const child = spawn(starts);
    assertEquals(await output(child), shown);
    await child.closed;
  }
});

Deno.test("environment has the variable of a file before one of env when the file is said to win over it", () => {
  const file = envFile("over", "A=file\nB=file");
  const sources = { ...SHOWS, env: { A: "env", B: "env" }, envFile: [{ ...file, over: ["B"] }] };
  const { env } = readEnvironment(sources);
  assertEquals([env.A, env.B], ["env", "file"]);
});

Deno.test("environment passes on a variable of the runtime under another name, or its default", () => {
  const env = {
    A: { from: "PATH", default: "unused" },
    B: { from: "OUTRIDER_TEST_UNSET", default: "8080" },
  };
  const read = readEnvironment({ ...SHOWS, env });
  assertEquals([read.env.A, read.env.B], [Deno.env.get("PATH"), "8080"]);
  const needed = requiredForCommand({ ...SHOWS, inheritEnv: [], env }).filter(({ name }) => name === "env");
  assertEquals(needed.map(({ value }) => value), ["PATH", "OUTRIDER_TEST_UNSET"]);
  const error = assertThrows(
    () => spawn({ ...SHOWS, env: { A: { from: "OUTRIDER_TEST_UNSET" } } }),
    VariableUnsetError,
  );
  assertEquals(error.death, { kind: "unstartable" });
  assertMatch(error.message, /A comes from OUTRIDER_TEST_UNSET, which is not set here/);
});

Deno.test("environment joins texts and variables of the runtime, and hides what is marked as a secret", () => {
  const env = {
    A: { join: ["p=", { from: "PATH" }, ";", { from: "OUTRIDER_TEST_UNSET", default: "d" }] },
    B: { from: "OUTRIDER_TEST_UNSET", default: "hidden-b", secret: true },
    C: { join: ["hidden-c"], secret: true },
  };
  const read = readEnvironment({ ...SHOWS, env });
  assertEquals([read.env.A, read.env.B, read.env.C], [`p=${Deno.env.get("PATH")};d`, "hidden-b", "hidden-c"]);
  assertEquals(read.hidden, ["hidden-b", "hidden-c"]);
  const needed = requiredForCommand({ ...SHOWS, inheritEnv: [], env }).filter(({ name }) => name === "env");
  assertEquals(needed.map(({ value }) => value), ["PATH", "OUTRIDER_TEST_UNSET", "OUTRIDER_TEST_UNSET"]);
  const unset = { A: { join: ["a", { from: "OUTRIDER_TEST_UNSET" }] } };
  assertThrows(() => spawn({ ...SHOWS, env: unset }), VariableUnsetError, "A comes from OUTRIDER_TEST_UNSET");
});

Deno.test("environment passes over an inherited name when objects have a property of it, and no variable is set", () => {
  const inheritEnv = ["constructor", "__proto__", "PATH"];
  assertEquals(readEnvironment({ ...SHOWS, inheritEnv }).env, { PATH: Deno.env.get("PATH")! });
  assertEquals(readEnvironment({ ...SHOWS, inheritEnv, instead: { PATH: "/" } }).env, { PATH: "/" });
});

Deno.test("environment refuses a file of variables and says why when it can't be used", () => {
  const refused = (path: string, why: string) => {
    const error = assertThrows(
      () => spawn({ ...SHOWS, envFile: [{ path, required: true }] }),
      EnvFileError,
      why,
    );
    assert(!error.message.includes("hunter2"));
  };
  refused(`${folder}/none`, "there is no such file");
  refused(folder, "it is not a file");
  refused(envFile("path", "KEY=hunter2\nPATH=/opt").path, "it sets PATH");
  refused(envFile("nul", "KEY=hunter2\0").path, "NUL");
  refused(envFile("deep", "KEY=hunter2\n" + "A=${B:-".repeat(60) + "}".repeat(60)).path, "too deep");
  const { env } = readEnvironment({ ...SHOWS, envFile: [{ path: `${folder}/none`, required: false }] });
  assertEquals(env.KEY, undefined);
});

Deno.test("environment hides the values of a file whose names say that they are secrets, and passwords in URLs", () => {
  const text =
    "DB_PASSWORD=hunter2\nAPI_KEY=k-123456\nPORT=8080\nURL=postgres://me:s3cret@db/app\nMONKEY=banana";
  const file = envFile("hidden", text);
  const hiddenBy = (secret?: boolean) =>
    readEnvironment({ ...SHOWS, envFile: [{ ...file, ...(secret !== undefined && { secret }) }] }).hidden;
  assertEquals(hiddenBy(), ["hunter2", "k-123456", "s3cret"]);
  assertEquals(hiddenBy(false), []);
  assertEquals(hiddenBy(true).length, 5);
});

Deno.test("environment warns of lines that are not variables, and of references to nothing", () => {
  const { warnings } = readEnvironment({ ...SHOWS, envFile: [envFile("odd", "A=1\nwhat\nSECRET=a$b")] });
  assertEquals(warnings.length, 2);
  assertMatch(warnings[0]!, /^line 2 of .* is not a variable/);
  assertMatch(warnings[1]!, /^line 3 of .*: SECRET refers to a variable that is not set/);
});
