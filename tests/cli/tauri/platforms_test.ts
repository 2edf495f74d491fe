/** Tauri apps of several configurations, and for several platforms: what check, import, permissions and up make of each. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, outrider } from "../outrider.ts";
import { Session } from "../session.ts";
import { capability, HERE_TRIPLE, type Shape, tryShape, WINDOWS_TRIPLE } from "./shape.ts";

const session = new Session();

const isWindows = Deno.build.os === "windows";

/** Tauri's name of this system in the names of files, and of its target. */
const SYSTEM = Deno.build.os === "darwin" ? "macos" : Deno.build.os;
const TARGET = `${SYSTEM}-${Deno.build.arch}`;

/** A configuration of Tauri 2. */
function config(externalBin?: unknown): Record<string, unknown> {
  return {
    productName: "desk",
    identifier: "org.example.desk",
    bundle: { active: true, ...(externalBin !== undefined && { externalBin }) },
  };
}

const serves = (name: string, ...args: string[]) => ({ name, sidecar: true, args });

const SHAPES: Readonly<Record<string, Shape>> = {
  "has shells of two systems in one scope": {
    files: {
      "tauri.conf.json": config(["bin/app"]),
      "capabilities/base.json": capability(
        serves("bin/app", "go"),
        { name: "sh", cmd: "sh", args: ["-c", { validator: ".+" }] },
        { name: "cmd", cmd: "cmd", args: ["/C", { validator: ".+" }] },
        { name: "installer", cmd: "tools/setup.exe" },
        { name: "drive", cmd: "C:\\Windows\\explorer.exe", args: true },
      ),
    },
    programs: ["bin/app"],
    starts: { app: "go" },
    templates: { sh: ["-c", { validator: ".+" }], cmd: ["/C", { validator: ".+" }] },
    runs: ["app", "sh"],
    listed: ["cmd (template): it is for windows-", "installer (template): it is for windows-"],
  },
  "may start programs that are not installed": {
    files: {
      "tauri.conf.json": config(["bin/app"]),
      "capabilities/base.json": capability(
        serves("bin/app"),
        { name: "fetch", cmd: "outrider-test-no-such-program", args: true },
        { name: "cat", cmd: "cat" },
      ),
    },
    programs: ["bin/app"],
    starts: { app: "" },
    templates: { fetch: true, cat: [] },
    runs: ["app", "cat"],
    listed: [
      `fetch (template): the app may start "outrider-test-no-such-program", and it is not on this machine`,
    ],
  },
  "has its sidecars in tauri.sidecar.conf.json": {
    files: {
      "tauri.conf.json": config(),
      "tauri.sidecar.conf.json": {
        productName: "Desk (sidecar)",
        bundle: { externalBin: ["bin/db", "bin/db-mcp"], resources: { "../LICENSE": "LICENSE" } },
      },
      "tauri.dev.conf.json": { productName: "Desk (dev)" },
      "capabilities/a.json": capability(serves("bin/db", "--serve"), serves("bin/db-mcp")),
    },
    programs: ["bin/db", "bin/db-mcp"],
    refused:
      "tauri.dev.conf.json, tauri.sidecar.conf.json: not read, as Tauri reads them with --config alone",
    merge: ["tauri.sidecar.conf.json"],
    starts: { "db": "--serve", "db-mcp": "" },
  },
  "has a configuration for each target": {
    files: {
      "tauri.conf.json": config(),
      [`tauri.${TARGET}.conf.json`]: { bundle: { externalBin: ["bin/dl"] } },
      "tauri.updater.windows-aarch64.conf.json": { bundle: { externalBin: ["bin/dl", "bin/updater"] } },
      "capabilities/a.json": capability(serves("bin/dl", "--watch"), serves("bin/updater")),
    },
    programs: ["bin/dl"],
    refused: 'it has no program as a sidecar ("externalBin"), and no permission to run another',
    merge: [`tauri.${TARGET}.conf.json`, "tauri.updater.windows-aarch64.conf.json"],
    starts: { dl: "--watch" },
    elsewhere: { updater: "" },
    listed: ["updater: it is for windows-aarch64, and this is"],
  },
  "has a configuration for each system, which Tauri merges by itself": {
    files: {
      "tauri.conf.json": config(["bin/app"]),
      [`tauri.${SYSTEM}.conf.json`]: { bundle: { externalBin: ["bin/app", "bin/watch"] } },
      "capabilities/a.json": capability(serves("bin/app"), serves("bin/watch", "-r")),
    },
    programs: ["bin/app", "bin/watch"],
    starts: { app: "", watch: "-r" },
  },
  "has an external-bin for this system beside an externalBin for all": {
    files: {
      "tauri.conf.json": config(["bin/app"]),
      [`tauri.${SYSTEM}.conf.json`]: {
        bundle: { "external-bin": ["bin/watch"], "use-local-tools-dir": true },
      },
      "capabilities/a.json": capability(serves("bin/app"), serves("bin/watch", "-r")),
    },
    programs: ["bin/app", "bin/watch"],
    starts: { watch: "-r" },
    elsewhere: { app: "" },
    listed: [`tauri.${SYSTEM}.conf.json: bundle.use-local-tools-dir: packaging is Tauri's`],
  },
  "has an external-bin in what is merged, beside an externalBin": {
    files: {
      "tauri.conf.json": config(["bin/app"]),
      "tauri.ci.conf.json": {
        "product-name": "ci",
        bundle: { "externalBin": ["bin/app", "bin/more"], "external-bin": ["bin/lost"] },
      },
      "capabilities/a.json": capability(serves("bin/app"), serves("bin/more")),
    },
    programs: ["bin/app", "bin/more"],
    merge: ["tauri.ci.conf.json"],
    starts: { app: "", more: "" },
  },
  "is in TOML, with a file in TOML for this system": {
    files: {
      "Tauri.toml": `
product-name = "desk"
identifier = "org.example.desk"

[build]
frontend-dist = "../dist"

[bundle]
active = true
external-bin = ["bin/app"]
`,
      [`Tauri.${SYSTEM}.toml`]: `[bundle]\nexternal-bin = ["bin/app", "bin/watch"]\n`,
      "Tauri.ios.toml": "",
      "capabilities/a.json": capability(serves("bin/app"), serves("bin/watch", "-r")),
    },
    programs: ["bin/app", "bin/watch"],
    starts: { app: "", watch: "-r" },
    listed: [
      "build.frontend-dist: a step of Tauri's build",
      "Tauri.ios.toml: Outrider does not run on phones",
    ],
  },
  "is in JSON5, with a file in JSON for this system": {
    files: {
      "tauri.conf.json5": `{
  productName: 'desk', // in single quotes
  identifier: "org.example.desk",
  bundle: { externalBin: ['bin/app'], },
}`,
      [`tauri.${SYSTEM}.conf.json`]: { bundle: { externalBin: ["bin/watch"] } },
      [`tauri.${SYSTEM}.conf.json5`]: "{}",
      "Tauri.toml": "",
      "capabilities/a.json": capability(serves("bin/app"), serves("bin/watch", "-r")),
    },
    programs: ["bin/watch"],
    starts: { watch: "-r" },
    elsewhere: { app: "" },
    listed: [
      "Tauri.toml: Tauri reads tauri.conf.json5 instead of it",
      `tauri.${SYSTEM}.conf.json5: Tauri reads tauri.${SYSTEM}.conf.json instead of it`,
    ],
  },
  "is JSON5 by its content alone": {
    files: {
      "tauri.conf.json": `{ identifier: 'org.example.desk', bundle: { externalBin: ['bin/app'] } }`,
      "capabilities/a.json": capability(serves("bin/app", "go")),
    },
    programs: ["bin/app"],
    starts: { app: "go" },
  },
  "is for Windows by its configuration": {
    files: {
      "tauri.conf.json": config(),
      "tauri.windows.conf.json": { bundle: { externalBin: ["bin/app"] } },
    },
    others: [`bin/app-${WINDOWS_TRIPLE}.exe`],
    isForOthers: true,
    refused: `its programs are for Windows alone, and none is for ${Deno.build.os}-${Deno.build.arch}`,
  },
  "is for Windows by the files of its sidecars": {
    files: { "tauri.conf.json": config(["bin/app", "bin/tool"]) },
    others: [`bin/app-${WINDOWS_TRIPLE}.exe`, `bin/tool-${WINDOWS_TRIPLE}.exe`],
    templates: { app: true, tool: true },
    faults: [`/bin/app-${HERE_TRIPLE}"; there is app-${WINDOWS_TRIPLE}.exe, and none for ${HERE_TRIPLE}`],
    idle: [`its programs are for Windows alone (${WINDOWS_TRIPLE}), and none is for ${HERE_TRIPLE}`],
  },
  "has a sidecar without the triple in its name": {
    files: { "tauri.conf.json": config(["bin/app"]) },
    others: ["bin/app"],
    templates: { app: true },
    faults: [`there is app, and Tauri looks for app-${HERE_TRIPLE}`],
    idle: ["it has templates alone"],
  },
  "has capabilities for other systems and for phones": {
    files: {
      "tauri.conf.json": config(["bin/app"]),
      "capabilities/a.json": { ...capability(serves("bin/app")), platforms: null },
      "capabilities/mac.json": {
        ...capability({ name: "shot", cmd: "/usr/sbin/screencapture", args: true }),
        identifier: "shell",
        platforms: [Deno.build.os === "darwin" ? "windows" : "macOS"],
      },
      "capabilities/phone.json": { ...capability(), identifier: "phone", platforms: ["iOS", "android"] },
      "tauri.android.conf.json": { bundle: { active: false } },
    },
    programs: ["bin/app"],
    starts: { app: "" },
    runs: ["app"],
    listed: [
      "capabilities/phone.json: it is for iOS, android, and Deno runs on none of them",
      "tauri.android.conf.json: Outrider does not run on phones",
    ],
  },
};

for (const [title, shape] of Object.entries(SHAPES)) {
  const ignore = isWindows;
  Deno.test({
    name: `each verb reads the Tauri app when it ${title}`,
    ignore,
    fn: () => tryShape(session, shape),
  });
}

const refusal = (name: string, refused: string) => ({ name, refused });

Deno.test("a configuration that Tauri lays over another, or does not read, is refused with the way out", async () => {
  await using folder = new Folder();
  folder.write("tauri.conf.json", config(["bin/app"]));
  const main = `${folder.path}/tauri.conf.json`;
  const cases = [
    refusal("tauri.conf.json5", `Tauri reads tauri.conf.json instead of it; give ${main}`),
    refusal("Tauri.toml", `Tauri reads tauri.conf.json instead of it; give ${main}`),
    refusal(`tauri.${SYSTEM}.conf.json`, "Tauri merges it into tauri.conf.json, and so does Outrider"),
    refusal("tauri.linux-x86_64.conf.json", "tauri.linux-x86_64.conf.json -o outrider.json"),
    refusal("tauri.sidecar.conf.json", "it is laid over tauri.conf.json, as with Tauri's --config"),
  ];
  for (const { name, refused } of cases) {
    const file = folder.write(name, "{}");
    for (const verb of ["check", "import", "permissions", "up"]) {
      const { code, stderr } = await session.run([verb, file]);
      assertEquals([code, stderr.includes(refused)], [2, true], stderr);
    }
  }
});

Deno.test("a file that is not in the format of its name is refused, with the line", async () => {
  await using folder = new Folder();
  const cases = [
    ["Tauri.toml", "[bundle]\nactive = yes\n", "Tauri.toml:2:10  not TOML: invalid value"],
    ["tauri.conf.json5", "{\n  a: 'x' b }", "tauri.conf.json5:2:10  not JSON5: invalid character 'b'"],
    ["tauri.conf.json", "{\n  a: 'x' b }", `tauri.conf.json:2:3  "a" is not valid JSON`],
  ] as const;
  for (const [name, text, refused] of cases) {
    await using folder = new Folder();
    const { code, stderr } = await session.run(["import", folder.write(name, text)]);
    assertEquals([code, stderr.includes(refused)], [2, true], stderr);
  }
  const deep = folder.write("tauri.conf.json5", `{ a: ${"[".repeat(400_000)}${"]".repeat(400_000)} }`);
  const { code, stderr } = await session.run(["import", deep]);
  assertEquals([code, /levels|stack/.test(stderr)], [2, true], stderr.slice(0, 500));
});

Deno.test("the commands that are printed run as they are when folders have spaces in their names", async () => {
  await using folder = new Folder();
  const dir = `${folder.path}/my app/src-tauri`;
  await Deno.mkdir(dir, { recursive: true });
  const write = (name: string, value: unknown) =>
    Deno.writeTextFileSync(`${dir}/${name}`, JSON.stringify(value));
  write("tauri.conf.json", config());
  write("tauri.sidecar.conf.json", { bundle: { externalBin: ["bin/app"] } });
  const main = "my app/src-tauri/tauri.conf.json";
  const over = "my app/src-tauri/tauri.sidecar.conf.json";
  const command = `outrider import '${main}' --merge '${over}' -o outrider.json`;
  const cwd = folder.path;
  for (const args of [["up", main], ["check", over]]) {
    const { code, stderr } = await session.run(args, { cwd });
    assertEquals([code, stderr.includes(`: ${command}\n`)], [2, true], stderr);
  }
  const done = await outrider(["import", main, "--merge", over, "-o", "outrider.json"], { cwd });
  assertEquals(done.code, 0, done.stderr);
  write("tauri.conf.json", config(["bin/app"]));
  const idle = await session.run(["up", main], { cwd });
  assertStringIncludes(idle.stderr, `outrider import '${main}' -o outrider.json`);
});
