/** Starts through `setsid`, and without it: real programs, in runtimes with the permissions and the PATH of each test. */
import { assertEquals, assertMatch } from "@std/assert";
import { startLeader } from "../../../src/process/start/leader.ts";
import { Folder } from "../../cli/outrider.ts";
import { hasSetsid, Runtime } from "./setsid.ts";

const SYSTEM = "/usr/bin:/bin";

/** Programs that can't be run, or not as one might think; by what a start of each is. */
async function unusual(folder: Folder): Promise<Record<string, Record<string, unknown>>> {
  const at = (name: string, text: string | Uint8Array, mode = 0o755) => {
    const path = folder.write(name, text);
    Deno.chmodSync(path, mode);
    return path;
  };
  Deno.mkdirSync(`${folder.path}/directory`);
  const elf = await Deno.readFile("/usr/bin/env");
  const loader = new TextDecoder("latin1").decode(elf).indexOf("/lib");
  const withoutLoader = elf.slice();
  withoutLoader.set(new TextEncoder().encode("/xxx"), loader);
  const otherMachine = elf.slice();
  otherMachine[18] = 0x28;
  const text = at("text", "echo ran as text: $1\n");
  return {
    "no such file": { program: `${folder.path}/none` },
    "no such name": { program: "no-such-program" },
    "a name on a PATH of its own": {
      program: "text",
      env: { PATH: `/nowhere:${folder.path}` },
      args: ["a b"],
    },
    "not executable": { program: at("mode", "#!/bin/sh\n", 0o644) },
    "a directory": { program: `${folder.path}/directory` },
    "a file as a folder": { program: `${text}/x` },
    "an interpreter that is missing": { program: at("lost", "#!/no/such/interpreter\n") },
    "an interpreter that is not executable": { program: at("bad", `#!${folder.path}/mode\n`) },
    "a script of a script": { program: at("nested", `#!${at("outer", "#!/bin/sh\necho ran by $0\n")}\n`) },
    "a loader that is missing": { program: at("unloadable", withoutLoader) },
    "another machine's program": { program: at("foreign", otherMachine) },
    "a text without an interpreter": { program: text, args: ["-x"] },
    "an empty file": { program: at("empty", "") },
    "a folder that is missing": { program: "cat", cwd: `${folder.path}/none` },
    "arguments that are too long": { program: "true", long: 200_000 },
    "a byte that no argument can have": { program: "true", args: ["a\0b"] },
    "a launcher": { program: text, args: ["y"], launcher: ["env", "A=1"] },
    "a launcher that is missing": { program: "cat", launcher: ["no-such-launcher"] },
    "a program of a mode for its owner alone": { program: at("own", "#!/bin/sh\nexit 3\n", 0o700) },
    "a path with dots": { program: `${folder.path}/directory/../text`, args: ["dots"] },
    "an exit code of its own": { program: "sh", args: ["-c", "echo last words >&2; exit 127"] },
    "a name that begins with a dash": { program: at("-dash", "#!/bin/sh\necho $0 $1\n"), args: ["--help"] },
    "no PATH of its own": { program: "sh", args: ["-c", "exit 4"], inheritEnv: [] },
    "a library for the linker": { program: "sh", args: ["-c", "exit 5"], env: { LD_BIND_NOW: "1" } },
  };
}

Deno.test({
  name: "start through setsid reports the same as a start by Deno when a program cannot be run",
  ignore: !hasSetsid,
  async fn() {
    await using folder = new Folder();
    const steps = Object.entries(await unusual(folder));
    const tools = `${folder.path}/tools`;
    Deno.mkdirSync(tools);
    for (const tool of ["cat", "true", "sh", "env"]) Deno.symlinkSync(`/usr/bin/${tool}`, `${tools}/${tool}`);
    // Each is started twice: what is known of it by then must change nothing.
    const run = async (flags: readonly string[], path = SYSTEM) => {
      await using runtime = new Runtime(folder, { flags: [...flags, "--allow-env"], path });
      return await runtime.run(...steps.flatMap(([, step]) => [step, step]));
    };
    const programs = steps.flatMap((
      [, { program, launcher }],
    ) => [program, ...(launcher as string[] ?? []).slice(0, 1)]);
    const list = [...new Set(programs), `${folder.path}/text`, "/nowhere/text"].join(",");
    const [all, seen, blind] = [["--allow-run", "--allow-read"], [`--allow-run=${list}`, "--allow-read"], [
      `--allow-run=${list}`,
    ]] as const;
    const direct = { all: await run(all, tools), seen: await run(seen), blind: await run(blind) };
    Deno.symlinkSync("/usr/bin/setsid", `${tools}/setsid`);
    const through = {
      all: await run(all, tools),
      seen: await run([`${seen[0]},setsid`, seen[1]]),
      blind: await run([`${blind[0]},setsid`]),
    };
    for (const how of ["all", "seen", "blind"] as const) {
      for (const [index, [what]] of steps.flatMap((step) => [step, step]).entries()) {
        assertEquals([how, what, through[how][index]], [how, what, direct[how][index]]);
      }
    }
    assertEquals(direct.all.filter(({ error }) => error === undefined).length, 24);
  },
});

Deno.test({
  name: "start goes through setsid only when setsid may be run",
  ignore: !hasSetsid,
  async fn() {
    await using folder = new Folder();
    const cat = { program: "cat" };
    for (
      const [flags, starts] of [
        [["--allow-run", "--allow-read", "--allow-env"], 2],
        [["--allow-run=cat,setsid", "--allow-read", "--allow-env"], 2],
        [["--allow-run=cat,setsid", "--allow-read", "--allow-env=PATH"], 2],
        [["--allow-run=cat", "--allow-read", "--allow-env"], 0],
        [["--allow-run", `--deny-run=${folder.path}/bin/setsid`, "--allow-read", "--allow-env"], 0],
        // Whose folder it may not look at, and which is not the system's.
        [["--allow-run=cat,setsid", "--allow-env"], 0],
      ] as const
    ) {
      await using runtime = new Runtime(folder, { flags, wrapper: "" });
      for (const outcome of await runtime.run(cat, cat)) {
        assertEquals(outcome.code, 0, JSON.stringify(outcome));
      }
      assertEquals([flags, runtime.starts().length], [flags, starts]);
    }
  },
});

Deno.test({
  name: "start through setsid runs the file that Deno would run",
  ignore: !hasSetsid,
  async fn() {
    await using folder = new Folder();
    await using runtime = new Runtime(folder, { wrapper: "" });
    await runtime.run({ program: "cat", args: ["-u", "--"] }, { program: "/usr/../usr/bin/./cat" });
    assertEquals(runtime.starts(), [`/usr/bin/cat -u --`, "/usr/bin/cat"]);
  },
});

Deno.test({
  name: "start does not go through setsid when it is for another user or has a variable of the linker",
  ignore: !hasSetsid,
  async fn() {
    await using folder = new Folder();
    await using runtime = new Runtime(folder, { wrapper: "" });
    const linked = { program: "cat", env: { LD_BIND_NOW: "1" } };
    const other = Deno.uid() === 0 ? [{ program: "cat", uid: 0 }, { program: "cat", gid: 0 }] : [];
    for (const outcome of await runtime.run(linked, ...other)) assertEquals(outcome.code, 0);
    assertEquals(runtime.starts(), []);
    await runtime.run({ program: "cat", env: { LD_BIND_NOW: "" } });
    assertEquals(runtime.starts().length, 1);
  },
});

Deno.test({
  name: "start does not go through setsid when another user could have put it there",
  ignore: !hasSetsid,
  async fn() {
    const cases: [what: string, spoil: (bin: string) => void][] = [
      ["its file", (bin) => Deno.chmodSync(`${bin}/setsid`, 0o777)],
      ["its folder", (bin) => Deno.chmodSync(bin, 0o777)],
      ["its folder, by a group", (bin) => Deno.chmodSync(bin, 0o775)],
      ["what a link leads to", (bin) => {
        Deno.mkdirSync(`${bin}/open`);
        Deno.renameSync(`${bin}/setsid`, `${bin}/open/setsid`);
        Deno.symlinkSync(`${bin}/open/setsid`, `${bin}/setsid`);
        Deno.chmodSync(`${bin}/open`, 0o777);
      }],
    ];
    for (const [what, spoil] of cases) {
      await using folder = new Folder();
      await using runtime = new Runtime(folder, { wrapper: "" });
      spoil(`${folder.path}/bin`);
      const [outcome] = await runtime.run({ program: "cat" });
      assertEquals([what, outcome!.code, runtime.starts()], [what, 0, []]);
    }
  },
});

Deno.test({
  name: "start is Deno's own when setsid has vanished or can no longer be run",
  ignore: !hasSetsid,
  async fn() {
    await using folder = new Folder();
    await using runtime = new Runtime(folder, { wrapper: "" });
    const cat = { program: "cat" };
    const outcomes = await runtime.run(cat, { program: "rm", args: [`${folder.path}/bin/setsid`] }, cat, cat);
    assertEquals(outcomes.map(({ code }) => code), [0, 0, 0, 0]);
    assertEquals(runtime.starts().length, 2);
  },
});

Deno.test({
  name: "start is Deno's own when setsid itself has failed",
  ignore: !hasSetsid,
  async fn() {
    await using folder = new Folder();
    const wrapper = `echo 'setsid: setsid failed: Operation not permitted' >&2; exit 1`;
    await using runtime = new Runtime(folder, { wrapper });
    const cat = { program: "cat" };
    const outcomes = await runtime.run(cat, cat, cat);
    assertEquals([outcomes.map(({ code }) => code), runtime.starts().length], [[1, 0, 0], 1]);
  },
});

Deno.test({
  name: "start reports a missing program when it vanishes before its first instruction",
  ignore: !hasSetsid,
  async fn() {
    for (
      const [spoil, error] of [
        [`rm -f "$1"`, "program_not_found"],
        [`chmod a-x "$1"`, "program_not_executable"],
      ] as const
    ) {
      await using folder = new Folder();
      const program = folder.write("tool", "#!/bin/sh\necho ran\n");
      Deno.chmodSync(program, 0o755);
      await using runtime = new Runtime(folder, { wrapper: spoil });
      const [first, second] = await runtime.run({ program }, { program });
      assertEquals([first!.refused?.error, second!.error], [error, error]);
      if (error === "program_not_found") assertEquals(first!.refused!.searched, [program]);
    }
  },
});

Deno.test({
  name: "start reports a missing program when it may not be read and has vanished",
  ignore: !hasSetsid,
  async fn() {
    await using folder = new Folder();
    const program = folder.write("tool", "#!/bin/sh\nexit 3\n");
    Deno.chmodSync(program, 0o755);
    const flags = [`--allow-run=${program},rm,setsid`, "--allow-env"];
    await using runtime = new Runtime(folder, { flags, path: SYSTEM });
    const [step, remove] = [{ program }, { program: "rm", args: [program] }];
    const outcomes = await runtime.run(step, step, remove, step, step, step);
    const missing = "program_not_found";
    assertEquals(outcomes.map(({ code, error }) => error ?? code), [3, 3, 0, 127, missing, missing]);
    assertMatch(outcomes[3]!.stderr![0]!, /^setsid: failed to execute .*tool: /);
  },
});

Deno.test({
  name: "start reports the exit code of a program when it exits as setsid does",
  ignore: !hasSetsid,
  async fn() {
    await using folder = new Folder();
    await using runtime = new Runtime(folder, { wrapper: "" });
    for (const code of [126, 127, 1]) {
      const says = `setsid: failed to execute ${folder.path}/liar${code}: No such file or directory`;
      const program = folder.write(`liar${code}`, `#!/bin/sh\necho '${says}' >&2\nexit ${code}\n`);
      Deno.chmodSync(program, 0o755);
      for (const outcome of await runtime.run(...Array(4).fill({ program }))) {
        assertEquals(outcome, { code, stdout: "", stderr: [says] });
      }
    }
    assertEquals(runtime.starts().length, 3);
  },
});

/** Whether a start goes through `setsid`; by all that is known from outside, it makes no difference. */
async function goesThrough(program: string): Promise<boolean> {
  const pipes = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const { process, hasGroup } = startLeader({
    program,
    args: [],
    env: { PATH: SYSTEM },
    forks: false,
    options: pipes,
  });
  await process.status;
  return !hasGroup;
}

Deno.test({
  name: "start goes through setsid at once when the program is the system's and may not be read",
  ignore: !hasSetsid,
  permissions: { run: ["true", "setsid"], env: ["PATH"] },
  async fn() {
    assertEquals(await goesThrough("true"), true);
  },
});

const own = `${await Deno.makeTempDir()}/own`;
await Deno.writeTextFile(own, "#!/bin/sh\n", { mode: 0o755 });
addEventListener("unload", () => Deno.removeSync(own.slice(0, -"/own".length), { recursive: true }));

Deno.test({
  name: "start goes through setsid from the second on when the program may not be read",
  ignore: !hasSetsid,
  permissions: { run: [own, "setsid"], env: ["PATH"] },
  async fn() {
    assertEquals([await goesThrough(own), await goesThrough(own)], [false, true]);
  },
});

Deno.test({
  name: "start is refused when setsid may be run and the program may not",
  ignore: !hasSetsid,
  async fn() {
    await using folder = new Folder();
    const steps = [
      { program: "cat" },
      { program: "/usr/bin/cat" },
      { program: "/usr/bin/../bin/cat" },
      { program: "cat", env: { PATH: "/usr/bin" } },
      { program: "sh", launcher: ["cat"] },
    ];
    const others = ["--allow-env", "--allow-read"];
    for (
      const flags of [
        ["--allow-run=setsid", ...others],
        ["--allow-run=setsid,sh", "--deny-run=cat", ...others],
        ["--allow-run", "--deny-run=cat", ...others],
      ]
    ) {
      await using runtime = new Runtime(folder, { flags, wrapper: "" });
      const outcomes = await runtime.run(...steps);
      assertEquals(outcomes.map(({ error }) => error), steps.map(() => "permission_missing"));
      assertEquals(runtime.starts(), []);
    }
  },
});
