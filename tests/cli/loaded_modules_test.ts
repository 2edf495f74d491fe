/** What a program and a verb load: by what V8 has seen of them when they ran, not by what they import. */
import { assert, assertEquals } from "@std/assert";
import { checkout, Folder, Running } from "./outrider.ts";

/** The modules, by their paths in the checkout or in a package, that ran with these arguments of `deno run`. */
async function loadedBy(...args: readonly string[]): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    const map = `--import-map=${checkout}tests/support/npm/import_map.json`;
    const run = ["run", "--quiet", "--allow-all", `--coverage=${folder}`, map, ...args];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args: run, stdin: "null" })
      .output();
    assert(success, new TextDecoder().decode(stderr));
    return [...Deno.readDirSync(folder)].map(({ name }) => {
      const { url } = JSON.parse(Deno.readTextFileSync(`${folder}/${name}`)) as { readonly url: string };
      return decodeURIComponent(url).replace(`file://${checkout}`, "").replace(
        /^.*\/registry\.npmjs\.org\//,
        "npm:",
      );
    }).filter((path) => path.endsWith("s")).toSorted();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Those of `modules` that are below one of these paths. */
const below = (modules: readonly string[], ...paths: readonly string[]) =>
  modules.filter((module) => paths.some((path) => module.startsWith(path)));

/** Runs a program that fails when it looks at a timer: Deno loads them, with twenty modules, at the first look. */
async function runWithoutTimers(program: string): Promise<void> {
  const names = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate"];
  const traps = `for (const name of ${JSON.stringify(names)}) {
    const get = () => { throw new Error(name + " was looked at"); };
    Object.defineProperty(globalThis, name, { configurable: true, get });
  }`;
  const args = ["eval", `--import-map=${checkout}tests/support/npm/import_map.json`, `${traps}\n${program}`];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  assert(success, new TextDecoder().decode(stderr));
}

// `deno run` writes no coverage before.
const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
const ignore = Deno.build.os === "windows" || major * 100 + minor < 209;
const main = `${checkout}src/cli/main.ts`;

Deno.test({
  name:
    "a program of one actor loads no manifests, no processes, no command line and no package when it runs",
  ignore,
  async fn() {
    const modules = await loadedBy(`${checkout}tests/bench/boot_program.ts`);
    const others = ["npm:", "src/manifest/", "src/cli/", "src/control/", "src/report/", "src/containment/"];
    const ofSidecars = [
      "src/process/pipes/",
      "src/process/codecs/",
      "src/sidecar/incarnation/sidecar_process.ts",
    ];
    assertEquals(below(modules, ...others, ...ofSidecars, "tests/support/"), []);
    const own = below(modules, "mod.ts", "src/");
    assert(own.includes("src/actor/cell.ts"));
    assert(own.length <= 117, `${own.length} modules: ${own.join(" ")}`);
  },
});

Deno.test("a program of one actor uses none of Deno's timers when its actor waits for nothing", async () => {
  await runWithoutTimers(`await import("${checkout}tests/bench/boot_program.ts");`);
});

Deno.test({
  name: "outrider --version and --help load the list of verbs, and no verb",
  ignore,
  async fn() {
    for (const flag of ["--version", "--help"]) {
      assertEquals(await loadedBy(main, flag), ["src/cli/main.ts", "src/cli/verbs.ts"]);
    }
  },
});

Deno.test({
  name:
    "outrider status loads no package, no manifests, no actors, no timers and no other verb when a tree answers",
  ignore,
  async fn() {
    await using folder = new Folder();
    const file = folder.manifest([{ id: "cat", command: "cat", protocol: "lines", inheritEnv: [] }]);
    const socket = `${folder.path}/socket`;
    await using up = new Running(["up", file, "--control", socket], { env: { XDG_STATE_HOME: folder.path } });
    await up.line(/tree +ready/);
    const modules = await loadedBy(main, "status", socket);
    assertEquals(below(modules, "npm:", "src/manifest/", "src/actor/cell.ts", "src/supervision/tree.ts"), []);
    assertEquals(below(modules, "src/cli/verbs/"), ["src/cli/verbs/status.ts"]);
    const ofNode = below(modules, "src/").filter((path) =>
      /^import (?!type ).*"node:/m.test(Deno.readTextFileSync(`${checkout}${path}`))
    );
    assertEquals(ofNode, []);
    await runWithoutTimers(`
      const { main } = await import("${main}");
      Deno.exit(await main(["status", "${socket}"]));`);
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
  },
});

Deno.test({
  name: "outrider check loads no package, no tree and no catalogue of hints when the manifest has no fault",
  ignore,
  async fn() {
    await using folder = new Folder();
    const file = folder.manifest([{ id: "cat", command: "cat", inheritEnv: [] }]);
    const modules = await loadedBy(main, "check", file);
    const others = ["src/manifest/parse.ts", "src/manifest/json_schema.ts", "src/cli/checks/tasks/tasks.ts"];
    const ofTrees = ["src/actor/cell.ts", "src/supervision/supervisor.ts", "src/launch/"];
    assertEquals(below(modules, "npm:", ...others, ...ofTrees), []);
    assertEquals(below(modules, "src/cli/verbs/"), ["src/cli/verbs/check.ts"]);
    const own = below(modules, "src/");
    assert(own.includes("src/options/reader.ts"));
    assert(own.length <= 122, `${own.length} modules: ${own.join(" ")}`);
  },
});

Deno.test({
  name:
    "outrider import loads the parser of YAML and no format but its own when the file is YAML, and none for a Procfile",
  ignore,
  async fn() {
    await using folder = new Folder();
    const formats = (modules: readonly string[]) =>
      below(
        modules,
        "npm:yaml",
        ...["procfile.ts", "pm2/", "supervisord/", "process_compose/", "mcp_client.ts", "tauri.ts"]
          .map((path) => `src/manifest/import/${path}`),
      ).map((path) => path.split("/").slice(0, 4).join("/"));
    const procfile = await loadedBy(main, "import", folder.write("Procfile", "web: cat\n"));
    assertEquals(new Set(formats(procfile)), new Set(["src/manifest/import/procfile.ts"]));
    const yaml = await loadedBy(
      main,
      "import",
      folder.write("process-compose.yaml", "processes: { a: { command: a } }\n"),
    );
    const own = formats(yaml).filter((path) => path.startsWith("src/"));
    assertEquals(new Set(own), new Set(["src/manifest/import/process_compose"]));
    assert(yaml.some((path) => path.startsWith("npm:yaml")));
  },
});
