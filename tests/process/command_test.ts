import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { type Command, DEFAULT_INHERIT_ENV } from "../../src/process/command.ts";
import { requiredForCommand, spawn } from "../../src/process/spawn.ts";
import * as errors from "../../src/process/process_errors.ts";
import { command, output } from "./fixture.ts";

async function run(spec: Command): Promise<string> {
  const child = spawn(spec);
  const text = await output(child);
  await child.closed;
  return text;
}

const sh = "/bin/sh";
const folder = await Deno.makeTempDir();
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
await Deno.writeTextFile(`${folder}/where`, "#!/bin/sh\npwd\n", { mode: 0o755 });
await Deno.writeTextFile(`${folder}/plain`, "text", { mode: 0o644 });
const real = await Deno.realPath(folder);

Deno.test("spawn passes arguments on as they are, without a shell", async () => {
  const args = ["a b", "$HOME", "*", "'\"\\", "", ";ls", "é\n🦕"];
  assertEquals(await run(command("printf", "[%s]", ...args)), args.map((arg) => `[${arg}]`).join(""));
});

Deno.test("spawn builds the environment from nothing, and explicit variables override inherited ones", async () => {
  const inheritEnv = ["PATH", "HOME", "OUTRIDER_TEST_UNSET"];
  const spec = { ...command("/usr/bin/env"), inheritEnv, env: { HOME: "set", EMPTY: "" } };
  const variables = (await run(spec)).trim().split("\n").sort();
  assertEquals(variables, ["EMPTY=", "HOME=set", `PATH=${Deno.env.get("PATH")}`]);
});

Deno.test("spawn passes on the variables that programs expect by default", () => {
  for (const name of ["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER"]) {
    assert(DEFAULT_INHERIT_ENV.includes(name));
  }
});

Deno.test("spawn looks a name up in the child's PATH, and a relative path in its working directory", async () => {
  assertEquals(await run({ ...command("where"), env: { PATH: `/nowhere:${folder}` }, cwd: "/" }), "/\n");
  assertEquals(await run({ ...command("./where"), cwd: folder }), real + "\n");
  assertEquals(await run({ ...command(`${folder}/where`), cwd: "/" }), "/\n");
});

Deno.test("spawn runs this deno when the program is deno", async () => {
  assertEquals(await run(command("deno", "eval", "console.log(Deno.execPath())")), Deno.execPath() + "\n");
});

Deno.test("spawn names the places it searched when the program does not exist", () => {
  const bare = assertThrows(
    () => spawn({ ...command("no-such-program"), env: { PATH: "/usr/bin:/bin" } }),
    errors.ProgramNotFoundError,
  );
  assertEquals([bare.code, bare.program, bare.searched], [
    "program_not_found",
    "no-such-program",
    ["/usr/bin", "/bin"],
  ]);
  const path = assertThrows(() => spawn({ ...command("./nope"), cwd: folder }), errors.ProgramNotFoundError);
  assertEquals([path.program, path.searched], ["./nope", [`${folder}/nope`]]);
  assert(path.cause instanceof Deno.errors.NotFound);
  assertThrows(() => spawn(command("")), errors.ProgramNotFoundError);
});

Deno.test("spawn reports a missing working directory when the program exists", () => {
  for (const cwd of [`${folder}/nope`, `${folder}/plain`, `${folder}/plain/x`]) {
    const error = assertThrows(() => spawn({ ...command("ls"), cwd }), errors.WorkingDirectoryError);
    assertEquals([error.code, error.program, error.cwd], ["working_directory_missing", "ls", cwd]);
  }
});

Deno.test("spawn reports a program that is not executable when it is a plain file or a folder", () => {
  for (const program of [`${folder}/plain`, folder]) {
    const error = assertThrows(() => spawn(command(program)), errors.ProgramNotExecutableError);
    assertEquals([error.code, error.program], ["program_not_executable", program]);
    const why = program === folder
      ? "it is a directory; name the program in it"
      : "make it executable (chmod +x)";
    assert(error.message.endsWith(why), error.message);
  }
});

Deno.test("spawn rethrows Deno's error when the cause is unknown", () => {
  assertThrows(() => spawn(command("echo", "a\0b")), TypeError);
});

Deno.test("spawn names the way out when the system refuses a start, which may succeed later", () => {
  const long = command("true", "x".repeat(3_000_000));
  const error = assertThrows(() => spawn(long), errors.SystemRefusedError);
  assertEquals([error.code, error.program, error.errno], ["system_refused", "true", "E2BIG"]);
  assertEquals(
    error.message,
    'Cannot start "true": Argument list too long; shorten its arguments and its environment',
  );
  assert(!("death" in error));
  const cause = Object.assign(new Error("Failed to spawn '/x y': Too many open files (os error 24)"), {
    code: "EMFILE",
  });
  assertMatch(
    new errors.SystemRefusedError("x", { cause }).message,
    /^Cannot start "x": Too many open files; raise /,
  );
});

Deno.test({
  name: "spawn names all missing permissions before it starts anything",
  permissions: { run: ["ls"], env: ["HOME"] },
  fn() {
    const spec = { ...command("tr"), inheritEnv: ["HOME", "LANG", "TERM"] };
    const error = assertThrows(() => spawn(spec), errors.PermissionMissingError);
    assertEquals([error.code, error.program], ["permission_missing", "tr"]);
    assertEquals(error.missingFlag, "--allow-run=tr --allow-env=LANG --allow-env=TERM");
    assertEquals(
      error.message,
      'Cannot start "tr": a permission is missing; add --allow-run=tr --allow-env=LANG,TERM; if that is there ' +
        'already, "tr" is not on the PATH, and Deno drops such a name: install it or correct the name',
    );
    assertStringIncludes(
      assertThrows(() => spawn(command("cat -u")), errors.PermissionMissingError).message,
      `add '--allow-run=cat -u'`,
    );
    const linker = { ...command("ls"), inheritEnv: [], env: { LD_PRELOAD: "x" } };
    assertEquals(
      assertThrows(() => spawn(linker), errors.PermissionMissingError).missingFlag,
      "--allow-run",
    );
  },
});

Deno.test({
  name: "spawn requires permission for the file when the child has another PATH",
  permissions: { run: ["ls"], env: ["PATH"] },
  fn() {
    const other = { ...command("ls"), env: { PATH: folder } };
    const missing = assertThrows(() => spawn(other), errors.PermissionMissingError);
    assertEquals(missing.missingFlag, `--allow-run=${folder}/ls`);
    const error = assertThrows(
      () => spawn({ ...command("ls"), cwd: `${folder}/nope` }),
      errors.ProgramNotFoundError,
    );
    assertMatch(error.message, /--allow-read/); // which of the two is missing can't be known
  },
});

Deno.test("requiredForCommand lists the program and only the variables that are read", () => {
  const spec = { ...command(sh), inheritEnv: ["PATH", "HOME"], env: { HOME: "/x" } };
  assertEquals(requiredForCommand(spec), [{ name: "run", value: sh }, { name: "env", value: "PATH" }]);
  assertEquals(requiredForCommand({ ...spec, inheritEnv: ["DYLD_X"] })[0], { name: "run", value: "" });
  assertEquals(requiredForCommand({ ...command("./x"), cwd: "/a/b" })[0], { name: "run", value: "/a/b/x" });
});
