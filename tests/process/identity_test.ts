/** Users, groups, launchers, and programs that anybody can replace. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { type Command, siblingCommand } from "../../src/process/command.ts";
import { requiredForCommand, spawn } from "../../src/process/spawn.ts";
import * as errors from "../../src/process/process_errors.ts";
import { findProgram } from "../../src/permissions/find_program.ts";
import { hashFile } from "../../src/process/checksum.ts";
import { writableByAll } from "../../src/permissions/trusted_path.ts";
import { command, output } from "./fixture.ts";

const folder = await Deno.realPath(await Deno.makeTempDir());
addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
const ROOT = Deno.uid() === 0;
const NOBODY = 65_534;

async function run(spec: Command): Promise<string> {
  const child = spawn(spec);
  const text = await output(child);
  await child.closed;
  return text.trim();
}

Deno.test({
  name: "spawn starts a program as another user, with that user's group alone, when the runtime is root",
  ignore: !ROOT,
  async fn() {
    const spec = { ...command("sh", "-c", "id -u; id -g; id -G"), uid: NOBODY, gid: NOBODY - 1, cwd: "/" };
    assertEquals(await run(spec), `${NOBODY}\n${NOBODY - 1}\n${NOBODY - 1}`);
  },
});

Deno.test({
  name: "spawn reports a refused identity when that user may not run the program",
  ignore: !ROOT,
  async fn() {
    await Deno.writeTextFile(`${folder}/mine`, "#!/bin/sh\n", { mode: 0o700 });
    await Deno.chmod(folder, 0o755);
    const spec = { ...command(`${folder}/mine`), uid: NOBODY, gid: NOBODY, cwd: "/" };
    const error = assertThrows(() => spawn(spec), errors.IdentityError);
    assertEquals([error.code, error.death.kind], ["identity_refused", "unstartable"]);
    assertMatch(error.message, /^Cannot start ".*" as user 65534 and group 65534: that user may not run/);
  },
});

Deno.test({
  name:
    "spawn starts a program as a user by name, with that user's group and variables, when the runtime is root",
  ignore: !ROOT,
  async fn() {
    const ask = { ...command("sh", "-c", "id -u; id -g; id -G; echo $HOME $USER"), cwd: "/" };
    const inheritEnv = ["PATH", "HOME", "USER"];
    const [name, , uid, gid, , home] = Deno.readTextFileSync("/etc/passwd").split("\n")
      .map((line) => line.split(":")).find(([name]) => name === "daemon")!;
    assertEquals(
      await run({ ...ask, inheritEnv, user: name }),
      [uid, gid, gid, `${home} ${name}`].join("\n"),
    );
    const [group, , number] = Deno.readTextFileSync("/etc/group").split("\n").map((line) => line.split(":"))
      .find(([group]) => group === "mail")!;
    const env = { HOME: "/own" };
    assertEquals(
      await run({ ...ask, inheritEnv, env, user: name, group }),
      [uid, number, number, `/own ${name}`].join("\n"),
    );
  },
});

Deno.test("spawn names the account and the way out when there is none of that name", () => {
  const none = assertThrows(() => spawn({ ...command("true"), user: "no-such" }), errors.IdentityError);
  assertMatch(
    none.message,
    /^Cannot start "true" as user no-such: there is no user "no-such" in \/etc\/passwd; create it, or/,
  );
  assertEquals([none.code, none.death.kind], ["identity_refused", "unstartable"]);
  const group = assertThrows(() => spawn({ ...command("true"), group: "no-such" }), errors.IdentityError);
  assertMatch(group.message, /as group no-such: there is no group "no-such" in \/etc\/group; .*"gid"$/);
});

Deno.test("a priority and a umask hold for the program alone, whose pid, group, exit code and variables stay", async () => {
  const script = "echo $$; umask; nice; ps -o pgid= -p $$ | tr -d ' '; exit 7";
  const spec = { ...command("sh", "-c", script), nice: 7, umask: "027" };
  const own = Number(await run(command("nice")));
  for (const launcher of [undefined, ["env"]]) {
    const child = spawn({ ...spec, launcher });
    const lines = (await output(child)).trim().split("\n");
    assertEquals(lines, [`${child.pid}`, "0027", `${Math.min(19, own + 7)}`, `${child.pid}`]);
    assertEquals((await child.exited).code, 7);
    await child.closed;
  }
  const plain = await run({ ...command("env"), inheritEnv: ["HOME"] });
  assertEquals(await run({ ...command("env"), inheritEnv: ["HOME"], nice: 1, umask: "077" }), plain);
  assertEquals(requiredForCommand({ ...spec, inheritEnv: [] }), [{ name: "run", value: "nice" }]);
  assertEquals(requiredForCommand({ ...spec, nice: undefined, inheritEnv: [] }), [{
    name: "run",
    value: "sh",
  }]);
  const env = { PATH: "/usr/bin:/bin" };
  assertThrows(() => spawn({ ...spec, program: "no-such", env }), errors.ProgramNotFoundError);
});

const SOURCE = new URL("../../src/process/spawn.ts", import.meta.url);

/** Whether who is not root gets at the sources: not so in a checkout in the home of root. */
function nobodyMayRead(): boolean {
  const { success } = new Deno.Command("test", {
    args: ["-r", fileURLToPath(SOURCE)],
    uid: NOBODY,
    gid: NOBODY,
    cwd: "/",
  }).outputSync();
  return success;
}

/** A runtime that is not root: what it finds when it starts a program as root. */
async function asNobody(): Promise<string> {
  // The one that runs this may be in the home of root as well.
  const deno = ROOT ? `${folder}/deno` : Deno.execPath();
  if (ROOT) await Deno.copyFile(Deno.execPath(), deno);
  const script = `import { spawn } from "${SOURCE}";
    try {
      spawn({ program: "id", args: [], cwd: "/", env: {}, inheritEnv: ["PATH"], uid: 0 });
    } catch (error) { console.log(error.code, error.message); }`;
  const { stdout, stderr } = await new Deno.Command(deno, {
    args: ["eval", "--no-config", script],
    ...(ROOT && { uid: NOBODY, gid: NOBODY }),
    cwd: "/",
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, DENO_DIR: `${folder}/cache`, HOME: folder, NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test({
  name: "spawn reports a refused identity when the runtime is not root",
  ignore: ROOT && !nobodyMayRead(),
  async fn() {
    await Deno.chmod(folder, 0o777);
    try {
      assertMatch(
        await asNobody(),
        /^identity_refused Cannot start "id" as user 0: the system lets only root/,
      );
    } finally {
      await Deno.chmod(folder, 0o755);
    }
  },
});

Deno.test("launcher starts the program, found by our rules, with its arguments behind the launcher's", async () => {
  await Deno.writeTextFile(`${folder}/show`, '#!/bin/sh\nfor each; do echo "[$each]"; done\n', {
    mode: 0o755,
  });
  const launcher = ["env", "LAUNCHED=yes"];
  const spec = { ...command("./show", "a b", "$x"), cwd: folder, launcher };
  assertEquals(await run(spec), "[a b]\n[$x]");
  assertEquals(await run({ ...command("sh", "-c", "echo $LAUNCHED"), launcher }), "yes");
  const sha256 = hashFile(`${folder}/show`);
  assertEquals(await run({ ...spec, sha256 }), "[a b]\n[$x]");
  assertThrows(() => spawn({ ...spec, sha256: "0".repeat(64) }), errors.ProgramChangedError);
});

Deno.test("launcher keeps the pid when it becomes the program", async () => {
  const all = [["nice", "-n", "1"], ["env"], ["prlimit", "--nofile=64"], ["setpriv", "--no-new-privs"]];
  for (const launcher of [...all, ["taskset", "-c", "0"], ["ionice", "-c", "3"]]) {
    if (findProgram(launcher[0]!, { path: Deno.env.get("PATH")! }).state !== "found") continue;
    const child = spawn({ ...command("sh", "-c", "echo $$"), launcher });
    assertEquals(Number(await output(child)), child.pid);
    await child.closed;
  }
});

Deno.test("launcher is the program that needs permission, and a missing one is reported before it runs", () => {
  const spec = { ...command("worker"), launcher: ["nice", "-n", "1"], inheritEnv: [] };
  assertEquals(requiredForCommand(spec), [{ name: "run", value: "nice" }]);
  const lost = assertThrows(
    () => spawn({ ...spec, env: { PATH: "/usr/bin:/bin" } }),
    errors.ProgramNotFoundError,
  );
  assertEquals([lost.program, lost.searched], ["worker", ["/usr/bin", "/bin"]]);
  const none = { ...command("sh"), launcher: ["no-such-launcher"] };
  assertEquals(assertThrows(() => spawn(none), errors.ProgramNotFoundError).program, "no-such-launcher");
});

Deno.test("alongside keeps the folder, environment and user of a command, not its launcher, checksum and input", () => {
  const spec = {
    ...command("x"),
    launcher: ["nice"],
    sha256: "0",
    uid: 1,
    gid: 2,
    cwd: "/a",
    nice: 1,
    umask: "077",
  };
  assertEquals(siblingCommand(spec, ["y", "z"]), {
    ...command("y", "z"),
    ...{ uid: 1, gid: 2, cwd: "/a", launcher: undefined, pty: undefined, sha256: undefined, stdin: "null" },
    ...{ nice: undefined, umask: undefined },
  });
});

Deno.test("writableByAll names the file, folder or link target that any user may replace, unless its folder is sticky", async () => {
  const at = `${folder}/open/bin/tool`;
  await Deno.mkdir(`${folder}/open/bin`, { recursive: true });
  await Deno.writeTextFile(at, "", { mode: 0o755 });
  await Deno.symlink(at, `${folder}/link`);
  assertEquals([writableByAll(at), writableByAll(`${folder}/none`)], [undefined, undefined]);
  await Deno.chmod(at, 0o777);
  for (const path of [at, `${folder}/link`]) assertMatch(writableByAll(path)!, /^anybody may write to /);
  await Deno.chmod(at, 0o755);
  await Deno.chmod(`${folder}/open`, 0o777);
  for (const path of [at, `${folder}/link`]) {
    assertEquals(writableByAll(path), `anybody may exchange what is in ${folder}/open`);
  }
  await Deno.chmod(`${folder}/open`, 0o1777);
  assertEquals(writableByAll(at), undefined);
});

Deno.test("spawn warns and starts when any user may replace the program", async () => {
  const warnings: string[] = [];
  await Deno.writeTextFile(`${folder}/loose`, "#!/bin/sh\n");
  await Deno.chmod(`${folder}/loose`, 0o777);
  const child = spawn(command(`${folder}/loose`), { onWarning: (warning) => warnings.push(warning) });
  await child.closed;
  assertEquals(warnings, [
    `the program "${folder}/loose" can be replaced: anybody may write to ${folder}/loose`,
  ]);
  const launched = { ...command("sh", "-c", ""), launcher: [`${folder}/loose`] };
  await spawn(launched, { onWarning: (warning) => warnings.push(warning) }).closed;
  assertEquals(warnings.length, 2);
});
