/**
 * Which file a bare name starts, where the PATH of a child is not that of the runtime: what is printed, what is refused
 * without it, and what runs are one and the same file.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findProgram } from "../../../src/permissions/find_program.ts";
import { checkout, Folder, outrider } from "../outrider.ts";

/** A folder in which each of `folders` has a program `tool` that says which one it is, and then does as `cat`. */
function withTools(...folders: readonly string[]): Folder {
  const folder = new Folder();
  for (const name of folders) {
    Deno.mkdirSync(`${folder.path}/${name}`);
    folder.write(`${name}/tool`, `#!/bin/sh\necho "this is $0"\nexec cat\n`);
    Deno.chmodSync(`${folder.path}/${name}/tool`, 0o755);
  }
  return folder;
}

const SYSTEM = "/usr/bin:/bin";

function onSystem(name: string): string {
  const found = findProgram(name, { path: SYSTEM });
  assert(found.state === "found");
  return found.path;
}

/** Runs up for a moment, and says which files ran as which child. */
async function ran(
  file: string,
  options: { flags: readonly string[]; env: Record<string, string>; cwd?: string },
): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await outrider(["up", file, "--for", "200ms"], options);
  assertEquals([code, stderr], [0, ""]);
  const said = [...stdout.matchAll(/^[\d-]+ [\d:.]+ {2}(\S+)#1 +stdout +this is (.*)$/gm)];
  return Object.fromEntries(said.map(([, who, what]) => [who!, what!]));
}

async function printed(file: string, env: Record<string, string>): Promise<string[]> {
  const { code, stdout, stderr } = await outrider(["permissions", file], { env });
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim().split(" ");
}

Deno.test("a name on a child's own PATH is the file that this PATH leads to: printed, granted, and started", async () => {
  await using folder = withTools("parent", "child", "here");
  const at = (name: string) => `${folder.path}/${name}/tool`;
  const file = folder.manifest([
    { id: "both", command: "tool", env: { PATH: `${folder.path}/child:${SYSTEM}` }, inheritEnv: [] },
    { id: "relative", command: "tool", env: { PATH: `nowhere::here:${SYSTEM}` }, inheritEnv: [] },
    { id: "parents", command: "tool", inheritEnv: ["PATH"] },
    { id: "none", command: "tool", inheritEnv: [] },
    {
      id: "helped",
      command: "tail",
      args: ["-f", "/dev/null"],
      launcher: ["nice"],
      env: { PATH: SYSTEM },
      inheritEnv: [],
      probes: { liveness: { command: ["true"] } },
    },
  ]);
  const env = { PATH: `${folder.path}/parent:${SYSTEM}` };
  const flags = await printed(file, env);
  const own = [at("child"), at("here"), "tool", onSystem("nice"), onSystem("true")];
  assertEquals(flags, [`--allow-run=${own.join(",")}`, "--allow-env=PATH", `--allow-read=${file}`]);
  assertEquals(await ran(file, { flags, env }), {
    both: at("child"),
    relative: at("here"),
    parents: at("parent"),
    none: at("parent"),
  });
  await Promise.all(own.map(async (program) => {
    const left = [`--allow-run=${own.filter((other) => other !== program).join(",")}`, ...flags.slice(1)];
    const { code, stdout, stderr } = await outrider(["up", file, "--for", "9s"], { flags: left, env });
    assertEquals([code, stdout], [3, ""], stderr);
    assertStringIncludes(stderr, program);
  }));
});

Deno.test("a relative folder of the runtime's own PATH is one in the child's working directory", async () => {
  await using folder = withTools("here");
  const file = folder.manifest([{ id: "a", command: "tool", inheritEnv: ["PATH"] }]);
  const env = { PATH: `here:${SYSTEM}` };
  const flags = await printed(file, env);
  assertEquals(flags[0], `--allow-run=${folder.path}/here/tool`);
  assertEquals(await ran(file, { flags, env, cwd: "/" }), { a: `${folder.path}/here/tool` });
});

Deno.test("where nothing may be looked at, all that a name may be is named; with all of it, the first that is there runs", async () => {
  await using folder = withTools("last");
  const places = ["none", "no/folder", "last"].map((name) => `${folder.path}/${name}`);
  const file = folder.manifest([
    { id: "a", command: "tool", env: { PATH: places.join(":") }, inheritEnv: [] },
  ]);
  const read = `--allow-read=${file}`;
  const refused = await outrider(["up", file, "--for", "9s"], { flags: [read] });
  const all = `--allow-run=${places.map((place) => `${place}/tool`).join(",")}`;
  assertEquals([refused.code, refused.stdout], [3, ""]);
  assertStringIncludes(refused.stderr, `Add to deno run: ${all}\n`);
  for (const run of [all, "--allow-run"]) {
    assertEquals(await ran(file, { flags: [run, read], env: {} }), { a: `${folder.path}/last/tool` });
  }
});

Deno.test("without the command line it is the same file, and the same flag", async () => {
  await using folder = withTools("parent", "child");
  const program = `${folder.path}/child/tool`;
  const script = folder.write(
    "start.ts",
    `import { requiredForCommand, spawn } from "${checkout}src/process/spawn.ts";
    import { PermissionMissingError } from "${checkout}src/process/process_errors.ts";
    const command = {
      program: "tool", args: [], cwd: undefined, inheritEnv: [],
      env: { PATH: "${folder.path}/child" },
    };
    try {
      const child = spawn(command);
      const text = new TextDecoder();
      const said = Promise.withResolvers();
      const read = child.readStdout((chunk) => said.resolve(text.decode(chunk)));
      console.log(await said.promise);
      await child.stdin.close();
      await read;
      await child.closed;
    } catch (error) {
      if (!(error instanceof PermissionMissingError)) throw error;
      console.log(error.missingFlag, JSON.stringify(requiredForCommand(command)));
    }`,
  );
  const start = async (flag: string) => {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--no-check", `--config=${checkout}deno.json`],
        ...[`--import-map=${checkout}tests/support/npm/import_map.json`, flag, script],
      ],
      env: { PATH: `${folder.path}/parent:${SYSTEM}` },
    }).output();
    const text = new TextDecoder();
    return text.decode(stdout).trim() || text.decode(stderr);
  };
  const needs = JSON.stringify([{ name: "run", value: program }]);
  assertEquals(await start("--allow-run=tool"), `--allow-run=${program} ${needs}`);
  assertEquals(await start(`--allow-run=${program}`), `this is ${program}`);
});

Deno.test("the guardian's shell is the one that the runtime's PATH leads to", async () => {
  await using folder = new Folder();
  for (const name of ["sh", "cat"]) {
    Deno.symlinkSync(name === "sh" ? "/bin/sh" : "/bin/cat", `${folder.path}/${name}`);
  }
  const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: [] }], { onHostDeath: "guard" });
  const env = { PATH: `${folder.path}:${SYSTEM}` };
  const flags = await printed(file, env);
  assertEquals(flags[0], "--allow-run=cat,sh");
  const { code, stdout, stderr } = await outrider(["up", file, "--for", "50ms"], { flags, env });
  assertEquals([code, stderr], [0, ""]);
  assert(stdout.includes("a guardian ends all within a second"));
});
