/** The traps of Deno's permissions, each walked into with a real process. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, type Outcome, outrider } from "../outrider.ts";

const SYSTEM = "/usr/bin:/bin";

/** Folders `a` and `b` with a program `tool` in each; `link` leads to that in `a`. It says what is in its environment. */
class Tools extends Folder {
  readonly a = `${this.path}/a/tool`;
  readonly b = `${this.path}/b/tool`;
  readonly link = `${this.path}/link`;

  constructor() {
    super();
    for (const name of ["a", "b"]) {
      Deno.mkdirSync(`${this.path}/${name}`);
      this.write(`${name}/tool`, `#!/bin/sh\nenv\necho "this is $0"\nexec cat\n`);
      Deno.chmodSync(`${this.path}/${name}/tool`, 0o755);
    }
    Deno.symlinkSync(this.a, this.link);
  }

  /** Runs `command` under `flags` for a moment; on the runtime's PATH, `tool` is that in `folder`. */
  up(
    command: string,
    flags: readonly string[],
    { folder = "a", sidecar = {}, env = {} }: {
      folder?: string;
      sidecar?: Record<string, unknown>;
      env?: Record<string, string>;
    } = {},
  ): Promise<Outcome> {
    const file = this.write(`${crypto.randomUUID()}.json`, {
      name: "tree",
      children: [{ id: "it", command, inheritEnv: [], ...sidecar }],
    });
    return outrider(["up", file, "--for", "150ms"], {
      flags: [...flags, `--allow-read=${file}`],
      env: { PATH: `${this.path}/${folder}:${SYSTEM}`, ...env },
    });
  }
}

function runs({ code, stdout, stderr }: Outcome, program: string): void {
  assertEquals([code, stderr], [0, ""]);
  assert(stdout.split("\n").some((line) => line.endsWith(` this is ${program}`)), stdout);
}

function refused({ code, stdout, stderr }: Outcome, flag: string, more: readonly string[] = []): void {
  assertEquals([code, stdout], [3, ""], stderr);
  const lines = stderr.trimEnd().split("\n");
  assertEquals(lines.slice(1), [`  ${flag}  needed by it`, `Add to deno run: ${flag}`, ...more]);
}

Deno.test("names against paths: a name is the file that it is on the runtime's PATH, and no other", async () => {
  await using tools = new Tools();
  const { a, link } = tools;
  await Promise.all([
    tools.up(a, ["--allow-run=tool"]).then((it) => runs(it, a)),
    tools.up("tool", [`--allow-run=${a}`]).then((it) => runs(it, a)),
  ]);
  const elsewhere = { folder: "b" };
  const dropped = [
    'If that is there already, "tool" is not on the PATH, and Deno drops such a name: install it or correct the name',
  ];
  await Promise.all([
    tools.up(a, ["--allow-run=tool"], elsewhere).then((it) => refused(it, `--allow-run=${a}`)),
    tools.up("tool", [`--allow-run=${a}`], elsewhere).then((it) => refused(it, "--allow-run=tool", dropped)),
    tools.up("tool", ["--allow-run=tool"], { folder: "none" })
      .then((it) => refused(it, "--allow-run=tool", dropped)),
  ]);
  // A link is a path of its own, to Deno; what it leads to is not asked.
  await Promise.all([
    tools.up(link, [`--allow-run=${link}`]).then((it) => runs(it, link)),
    tools.up(link, [`--allow-run=${a}`]).then((it) => refused(it, `--allow-run=${link}`)),
    tools.up(a, [`--allow-run=${link}`]).then((it) => refused(it, `--allow-run=${a}`)),
  ]);
});

Deno.test("up names a denied permission that no added flag grants, while a more specific allow beats a deny", async () => {
  await using tools = new Tools();
  const { a } = tools;
  await Promise.all([
    tools.up("tool", [`--allow-run=${a}`, "--deny-run=tool"]).then((it) => runs(it, a)),
    tools.up(a, ["--allow-run=tool", "--deny-run=tool"]).then((it) => runs(it, a)),
    tools.up(a, ["--allow-run=tool", "--deny-run"]).then((it) => runs(it, a)),
  ]);
  const forbids = (value: string) => [`That alone is not enough: --deny-run forbids ${value}`];
  await Promise.all([
    tools.up("tool", ["--allow-run", "--deny-run=tool"])
      .then((it) => refused(it, "--allow-run=tool", forbids("tool"))),
    tools.up(a, ["--allow-run", "--deny-run=tool"])
      .then((it) => refused(it, `--allow-run=${a}`, forbids(a))),
    tools.up("tool", ["--allow-run=tool", `--deny-run=${a}`])
      .then((it) => refused(it, "--allow-run=tool", forbids("tool"))),
  ]);
});

Deno.test("variables of the linker in the runtime's environment neither reach a sidecar nor cost anything", async () => {
  await using tools = new Tools();
  const { a } = tools;
  const env = { LD_LIBRARY_PATH: "/nowhere", DYLD_LIBRARY_PATH: "/nowhere", LD_OUTRIDER_TEST: "1" };
  const scoped = await tools.up("tool", ["--allow-run=tool"], { env });
  runs(scoped, a);
  assert(!scoped.stdout.includes("LD_"), scoped.stdout);
  // Everything that Outrider starts for itself is free of them, too.
  const guarded = await outrider(
    [
      "up",
      tools.manifest([{ id: "it", command: a, inheritEnv: [] }], { onHostDeath: "guard" }),
      "--for",
      "9ms",
    ],
    { flags: [`--allow-run=${a},sh,kill,ps`, "--allow-env", "--allow-read", "--allow-write"], env },
  );
  assertEquals([guarded.code, guarded.stderr], [0, ""]);
  assertStringIncludes(guarded.stdout, "a guardian ends all within a second");
});

Deno.test("up refuses a linker variable without all of --allow-run before anything starts", async () => {
  await using tools = new Tools();
  const env = { LD_OUTRIDER_TEST: "1" };
  const inheriting = { sidecar: { inheritEnv: ["LD_OUTRIDER_TEST"] }, env };
  const variable = "--allow-env=LD_OUTRIDER_TEST";
  const [scoped, whole] = await Promise.all([
    tools.up(tools.a, ["--allow-run=tool", variable], inheriting),
    tools.up(tools.a, ["--allow-run", variable], inheriting),
  ]);
  refused(scoped, "--allow-run");
  runs(whole, tools.a);
  assertStringIncludes(whole.stdout, "LD_OUTRIDER_TEST=1");
});
