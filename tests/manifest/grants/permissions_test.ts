/** The smallest permissions, as data, as flags and as Deno takes them. */
import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "../../../src/manifest/parse.ts";
import {
  PermissionFlagError,
  permissionFlags,
  type PermissionHost,
  permissionSet,
  requiredPermissions,
} from "../../../src/manifest/grants/permissions.ts";
import { shellQuote } from "../../../src/text/shell_quote.ts";
import { reasonsText } from "../../../src/manifest/grants/reasons.ts";
import { requiredForCommand } from "../../../src/process/spawn.ts";
import { FILE, neededBy, treeOf } from "../probe.ts";

function flagsOf(children: unknown[], platform: PermissionHost = {}): string[] {
  return permissionFlags(requiredPermissions(parse(treeOf(...children), { file: FILE }), platform));
}

Deno.test("needs lists each program, variable and file once, with its sidecars", () => {
  const manifest = parse(
    treeOf(
      { id: "a", command: "tr", inheritEnv: ["PATH"] },
      {
        id: "s",
        children: [{ id: "b", command: "tr", inheritEnv: ["PATH", "HOME"] }, {
          id: "c",
          command: "./w",
          inheritEnv: [],
        }],
      },
    ),
    { file: FILE },
  );
  assertEquals(requiredPermissions(manifest, { file: FILE }), [
    { name: "run", value: "tr", ...neededBy("program", "a", "s/b") },
    { name: "run", value: "/srv/w", ...neededBy("program", "s/c") },
    { name: "env", value: "PATH", ...neededBy("inherited", "a", "s/b") },
    { name: "env", value: "HOME", ...neededBy("inherited", "s/b") },
    { name: "read", value: FILE, children: [], why: [{ purpose: "manifest" }] },
  ]);
});

/** A manifest with every reason that one can have. */
const everyReason = {
  ...JSON.parse(treeOf(
    { id: "plain", command: "sh", inheritEnv: ["HOME"] },
    {
      id: "held",
      command: "tool",
      sha256: "0".repeat(64),
      env: { KEY: { file: "key" } },
      inheritEnv: [],
      limits: { memory: "1GB" },
      probes: { liveness: { command: ["sh", "-c", "true"] }, readiness: { tcp: { port: 80 } } },
    },
    { id: "nicely", command: "tail", launcher: ["nice"], inheritEnv: ["LD_X"] },
  )),
  onHostDeath: "guard",
};

Deno.test("needs gives each permission all its purposes, and each sidecar each reason once", () => {
  const all = requiredPermissions(parse(JSON.stringify(everyReason), { file: FILE }), {
    file: FILE,
    locate: () => "/bin/tool",
  });
  assertEquals(all.map(({ name, value, why }) => `${name} ${value}: ${reasonsText(why)}`), [
    "run undefined: variable of the dynamic linker for nicely",
    "run sh: program of plain; probe of held; the guardian",
    "run /bin/tool: program of held",
    "run ps: limits of held",
    "run nice: launcher of nicely",
    "env HOME: inherited by plain",
    "env PATH: lookup of the pinned program of held",
    "env LD_X: inherited by nicely",
    "read /srv/outrider.json: the manifest itself",
    "read /srv/key: secret of held",
    "read /bin/tool: pinned program of held",
    "net 127.0.0.1:80: probe of held",
  ]);
  assertEquals(all.find(({ value }) => value === "sh")!.children, ["plain", "held"]);
  const twice = { id: "a", command: "sh", inheritEnv: [], probes: { liveness: { command: ["sh"] } } };
  const [sh] = requiredPermissions(parse(treeOf(twice), { file: FILE }));
  assertEquals([sh!.children, reasonsText(sh!.why)], [["a"], "program of a; probe of a"]);
});

Deno.test("a set for deno.json has the values as they are, each once, and true for all of a permission", () => {
  const need = (name: "run" | "read", value?: string) => ({ name, value, children: [], why: [] });
  assertEquals(
    permissionSet("tree", [need("run", "sh"), need("run", "a,b"), need("run", "sh"), need("read", "/x")]),
    { permissions: { tree: { run: ["sh", "a,b"], read: ["/x"] } } },
  );
  assertEquals(permissionSet("__proto__", [need("run", "sh"), need("run")]), {
    permissions: Object.fromEntries([["__proto__", { run: true as const }]]),
  });
  assertEquals(permissionSet("none", []), { permissions: { none: {} } });
});

Deno.test("flags are one a permission, and none that nothing needs", () => {
  const children = [{ id: "a", command: "tr" }, { id: "b", command: "bin/w", inheritEnv: ["PATH"] }];
  assertEquals(flagsOf(children, { file: FILE }), [
    "--allow-run=tr,/srv/bin/w",
    "--allow-env=PATH,HOME,LANG,TERM,TMPDIR,USER",
    "--allow-read=/srv/outrider.json",
  ]);
  assertEquals(flagsOf([{ id: "a", command: "tr", inheritEnv: [] }]), ["--allow-run=tr"]);
});

Deno.test("a variable that the manifest sets is not read", () => {
  assertEquals(flagsOf([{ id: "a", command: "tr", env: { HOME: "/x" }, inheritEnv: ["HOME"] }]), [
    "--allow-run=tr",
  ]);
});

Deno.test("the command deno is the Deno that runs", () => {
  const child = { id: "a", command: "deno", inheritEnv: [] };
  assertEquals(flagsOf([child], { execPath: "/opt/deno" }), ["--allow-run=/opt/deno"]);
  assertEquals(flagsOf([child]), ["--allow-run=deno"]);
});

Deno.test("a sidecar with its own PATH gets the program that this PATH leads to", () => {
  const find: PermissionHost["find"] = (command, { env }) =>
    env.PATH === undefined ? undefined : env.PATH === "/opt/bin" ? [`/opt/bin/${command}`] : [];
  const child = (env: Record<string, string>) => [{ id: "a", command: "w", env, inheritEnv: [] }];
  assertEquals(flagsOf(child({ PATH: "/opt/bin" }), { find }), ["--allow-run=/opt/bin/w"]);
  assertEquals(flagsOf(child({ PATH: "/other" }), { find }), ["--allow-run=w"]);
  assertEquals(flagsOf(child({}), { find }), ["--allow-run=w"]);
});

Deno.test("needs lists all candidate files of a name that cannot be resolved, also of a launcher", () => {
  const find: PermissionHost["find"] = (command) => [`/a/${command}`, `/b/${command}`];
  const child = { id: "a", command: "w", launcher: ["nice"], probes: { liveness: { command: ["ok"] } } };
  assertEquals(flagsOf([{ ...child, inheritEnv: [] }], { find }), [
    "--allow-run=/a/nice,/b/nice,/a/ok,/b/ok",
  ]);
});

Deno.test("variables of the dynamic linker need all of run", () => {
  for (
    const fields of [{ env: { LD_PRELOAD: "x" }, inheritEnv: [] }, { inheritEnv: ["DYLD_LIBRARY_PATH"] }]
  ) {
    const children = [{ id: "a", command: "tr", ...fields }, { id: "b", command: "cat", inheritEnv: [] }];
    const all = requiredPermissions(parse(treeOf(...children), { file: FILE }));
    assertEquals(all[0], { name: "run", value: undefined, ...neededBy("linker", "a") });
    assertEquals(permissionFlags(all)[0], "--allow-run");
  }
});

/** For each environment, whether a Deno that may run `true` and nothing else lets it have that. */
async function denoAllows(environments: readonly Record<string, string>[]): Promise<boolean[]> {
  const script = `console.log(JSON.stringify(${JSON.stringify(environments)}.map((env) => {
    try {
      return new Deno.Command("true", { clearEnv: true, env }).outputSync().success;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return false;
      throw error;
    }
  })));`;
  const url = `data:application/javascript,${encodeURIComponent(script)}`;
  const args = ["run", "--no-config", "--no-prompt", "--quiet", "--allow-run=true", url];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const text = new TextDecoder();
  return JSON.parse(text.decode(stdout) || JSON.stringify(text.decode(stderr)));
}

Deno.test({
  name: "which variables are the linker's: the manifest, the start of a process and Deno are of one mind",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const names = [
      "LD_PRELOAD",
      "LD_",
      "DYLD_X",
      "ld_x",
      " LD_X",
      "\tdyld_x ",
      "LDX",
      "XLD_A",
      "DYLD",
      "L D_A",
    ];
    const environments = names.flatMap((name) => [{ [name]: "x" }, { [name]: "" }]);
    const deno = await denoAllows(environments);
    assertEquals(deno.filter((allowed) => !allowed).length, 6);
    const manifest = environments.map((env) =>
      flagsOf([{ id: "a", command: "true", env, inheritEnv: [] }])[0]
    );
    assertEquals(manifest, deno.map((allowed) => allowed ? "--allow-run=true" : "--allow-run"));
    const start = environments.map((env) =>
      requiredForCommand({ program: "true", args: [], cwd: undefined, env, inheritEnv: [] })[0]?.value
    );
    assertEquals(start, deno.map((allowed) => allowed ? "true" : ""));
  },
});

Deno.test("an inherited variable of the linker counts, unless the manifest sets it to nothing", () => {
  const of = (env: Record<string, string>) => {
    const fields = { id: "a", command: "true", env, inheritEnv: ["LD_X"] };
    const [need] = requiredForCommand({
      program: "true",
      args: [],
      cwd: undefined,
      env,
      inheritEnv: ["LD_X"],
    });
    const all = requiredPermissions(parse(treeOf(fields), { file: FILE }));
    return [all[0]?.value === undefined, need?.value === ""];
  };
  assertEquals(of({}), [true, true]);
  assertEquals(of({ LD_X: "x" }), [true, true]);
  assertEquals(of({ LD_X: "" }), [false, false]);
});

Deno.test("flags refuses a comma, and quotes characters that a shell interprets", () => {
  const error = assertThrows(() => flagsOf([{ id: "a", command: "./a,b" }]), PermissionFlagError);
  assertEquals([error.code, error.need.value], ["permission_not_expressible", "/srv/a,b"]);
  assertEquals(shellQuote("--allow-run=tr,/a/b"), "--allow-run=tr,/a/b");
  assertEquals(shellQuote("--allow-run=/a b/$x's"), `'--allow-run=/a b/$x'\\''s'`);
});

Deno.test({
  name: "Deno takes the flags as they are, and grants what they say and no more",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const granted = flagsOf([{ id: "a", command: "tr", cwd: "/", inheritEnv: ["PATH"] }, {
      id: "b",
      command: "/bin/a b$",
    }]);
    const script = `
      const state = async (d) => (await Deno.permissions.query(d)).state;
      const out = await new Deno.Command("tr", { args: ["a", "b"], stdin: "null", cwd: "/", clearEnv: true,
        env: { PATH: Deno.env.get("PATH") } }).output();
      console.log(JSON.stringify([out.code, await state({ name: "run", command: "/bin/a b$" }),
        await state({ name: "run", command: "cat" }), await state({ name: "env", variable: "SHELL" }),
        await state({ name: "read", path: "/" })]));`;
    const file = await Deno.makeTempFile({ suffix: ".js" });
    try {
      await Deno.writeTextFile(file, script);
      const args = ["run", "--no-config", "--no-prompt", "--quiet", ...granted, file];
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
      const text = new TextDecoder();
      assertEquals(
        JSON.parse(text.decode(stdout) || JSON.stringify(text.decode(stderr))),
        [0, "granted", "prompt", "prompt", "prompt"],
      );
    } finally {
      await Deno.remove(file);
    }
  },
});
