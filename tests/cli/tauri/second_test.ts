/** Apps of Tauri 2 and their capabilities, as they are found in public: what check, import, permissions and up make of each. */
import { Session } from "../session.ts";
import { capability, type Shape, tryShape } from "./shape.ts";

const session = new Session();

/** A configuration of Tauri 2. */
function config(externalBin: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    $schema: "https://schema.tauri.app/config/2",
    productName: "desk",
    version: "../package.json",
    identifier: "org.example.desk",
    build: { beforeDevCommand: "pnpm dev", devUrl: "http://localhost:5173", frontendDist: "../dist" },
    bundle: { active: true, targets: "all", externalBin },
    ...more,
  };
}

const SHAPES: Readonly<Record<string, Shape>> = {
  "has a server and a tool of which no scope speaks": {
    files: { "tauri.conf.json": config(["binaries/transcriber", "binaries/ffmpeg"]) },
    programs: ["binaries/transcriber", "binaries/ffmpeg"],
    templates: { transcriber: true, ffmpeg: true },
    listed: [
      `bundle.externalBin "binaries/ffmpeg": no scope says with which arguments it runs, so it is a template`,
    ],
    idle: [
      "Cannot start 'desk': it has templates alone",
      `permit it in the app's shell scope as { "name": "binaries/transcriber", "sidecar": true, "args": [] }`,
      "'outrider up'",
    ],
  },
  "has a packed Node server that a scope names without arguments": {
    files: {
      "tauri.conf.json": config(["binaries/api"], { plugins: { shell: { open: true } } }),
      "capabilities/sidecar.json": {
        ...capability({ name: "binaries/api", sidecar: true }),
        description: "Capability for sidecar execution",
      },
    },
    programs: ["binaries/api"],
    starts: { api: "" },
    listed: [
      "capabilities/sidecar.json: windows, description: about the app's windows",
      "plugins.shell: a plugin of Tauri",
    ],
  },
  "has a migrated capability with an empty cmd": {
    files: {
      "tauri.conf.json": config(["bin/engine"], { plugins: {} }),
      "capabilities/migrated.json": {
        identifier: "migrated",
        description: "permissions that were migrated from v1",
        local: true,
        windows: ["main"],
        permissions: [
          "core:default",
          "shell:allow-open",
          {
            identifier: "shell:allow-execute",
            allow: [{ args: ["serve", "--port", "8000"], cmd: "", name: "bin/engine", sidecar: true }],
          },
        ],
      },
    },
    programs: ["bin/engine"],
    starts: { engine: "serve --port 8000" },
    listed: ["capabilities/migrated.json: core:default, shell:allow-open: a permission of the app's windows"],
  },
  "has a service that is not built yet, and a tool with any arguments": {
    files: {
      "tauri.conf.json": config(["../target/release/agentd", "bin/yt"]),
      "capabilities/main.json": capability(
        { name: "../target/release/agentd", sidecar: true, args: ["--quiet"] },
        { name: "bin/yt", sidecar: true, args: true },
      ),
    },
    programs: ["bin/yt"],
    starts: { agentd: "--quiet" },
    faults: ["agentd: there is no program"],
    templates: { yt: true },
    runs: ["agentd", "yt"],
  },
  "has a scope whose arguments all have validators": {
    files: {
      "tauri.conf.json": config(["binaries/tts"]),
      "capabilities/tts.json": capability({
        name: "binaries/tts",
        sidecar: true,
        args: [{ validator: "--port" }, { validator: "\\d+", raw: false }],
      }),
    },
    programs: ["binaries/tts"],
    templates: { tts: [{ validator: "--port" }, { validator: "\\d+" }] },
    listed: [`bundle.externalBin "binaries/tts": its arguments are given at run time, so it is a template`],
    idle: ["it has templates alone"],
  },
  "has a scope with keys that Tauri has not": {
    files: {
      "tauri.conf.json": config(["bin/w"]),
      "capabilities/a.json": {
        ...capability({
          name: "bin/w",
          sidecar: true,
          args: ["serve", { validator: "regex", value: "^(diff|--json)$" }],
          env: { MODE: "x" },
          cwd: "/tmp",
        }),
        comment: "x",
      },
    },
    programs: ["bin/w"],
    templates: { w: ["serve", { validator: "regex" }] },
    listed: [
      `capabilities/a.json "bin/w": env, cwd: Tauri has no such key`,
      `capabilities/a.json "bin/w": args[1]: value: Tauri has no such key, and refuses the entry`,
      "capabilities/a.json: comment: Tauri has no such key",
    ],
    idle: ["it has templates alone"],
  },
  "has a scope that is spelt in another way than externalBin": {
    files: {
      "tauri.conf.json": config(["binaries/pdfdiff"]),
      "capabilities/a.json": capability({ name: "pdfdiff", sidecar: true, args: ["watch"] }),
    },
    programs: ["binaries/pdfdiff"],
    templates: { pdfdiff: true },
    listed: [`capabilities/a.json "pdfdiff": externalBin has it as "binaries/pdfdiff"`],
    idle: [`"name": "binaries/pdfdiff"`],
  },
  "has a scope of a sidecar that is not in externalBin": {
    files: {
      "tauri.conf.json": config(["bin/a"]),
      "capabilities/a.json": capability({ name: "bin/a", sidecar: true }, { name: "bin/b", sidecar: true }),
    },
    programs: ["bin/a"],
    starts: { a: "" },
    listed: [`capabilities/a.json "bin/b": no sidecar of that name is in externalBin`],
  },
  "has capabilities in lists, inline and not in force": {
    files: {
      "tauri.conf.json": config(["bin/a", "bin/b", "bin/c"], {
        app: {
          windows: [],
          security: {
            csp: null,
            capabilities: ["listed", "named", "gone", {
              ...capability({ name: "bin/c", sidecar: true, args: ["c"] }),
              identifier: "inline",
            }],
          },
        },
      }),
      "capabilities/list.json": [
        { ...capability({ name: "bin/a", sidecar: true, args: ["a"] }), identifier: "listed" },
        { ...capability({ name: "rm", cmd: "rm", args: true }), identifier: "unused" },
      ],
      "capabilities/deep/named.json": {
        capabilities: [{ ...capability({ name: "bin/b", sidecar: true, args: ["b"] }), identifier: "named" }],
      },
      "capabilities/schemas/desktop.json": { anything: true },
    },
    programs: ["bin/a", "bin/b", "bin/c"],
    starts: { a: "a", b: "b", c: "c" },
    listed: [
      `capabilities/list.json: app.security.capabilities does not name "unused"`,
      `app.security.capabilities "gone": no capability of that name was read`,
    ],
  },
  "has sidecars outside its folder and in a folder with a dot": {
    files: { "src-tauri/tauri.conf.json": config(["../bins/server", "./bin/tool"]) },
    programs: ["bins/server", "src-tauri/bin/tool"],
    templates: { server: true, tool: true },
    idle: [`as { "name": "../bins/server", "sidecar": true`, `as { "name": "./bin/tool", "sidecar": true`],
  },
  "permits one sidecar in different ways to execute and to spawn": {
    files: {
      "tauri.conf.json": config(["bin/core", "bin/same"]),
      "capabilities/default.json": {
        identifier: "default",
        permissions: [
          {
            identifier: "shell:allow-execute",
            allow: [{ name: "bin/core", sidecar: true, args: ["--version"] }, {
              name: "bin/same",
              sidecar: true,
            }],
          },
          {
            identifier: "shell:allow-spawn",
            allow: [{ name: "bin/core", sidecar: true, args: ["serve"] }, {
              name: "bin/same",
              sidecar: true,
            }],
          },
        ],
      },
    },
    programs: ["bin/core", "bin/same"],
    starts: { core: "serve", same: "" },
    listed: [
      `capabilities/default.json "bin/core": shell:allow-spawn permits it in another way, which counts here`,
    ],
  },
  "has an entry without a program, and two capabilities whose files are in another order than their names": {
    files: {
      "tauri.conf.json": config(["bin/app"]),
      "capabilities/a.json": {
        ...capability({ name: "bin/app", sidecar: true, args: ["last"] }, {
          name: "stop",
          args: ["-f", "app"],
        }),
        identifier: "z",
      },
      "capabilities/b.json": {
        ...capability({ name: "bin/app", sidecar: true, args: ["first"] }),
        identifier: "a",
      },
    },
    programs: ["bin/app"],
    starts: { app: "first" },
    listed: [
      `capabilities/a.json "stop": it has no "cmd"; if it is a sidecar, add "sidecar": true`,
      `capabilities/a.json "bin/app": Tauri goes by the first of that name`,
    ],
  },
  "has a scope whose cmd is null": {
    files: {
      "tauri.conf.json": config(["bin/engine"], { productName: null }),
      "capabilities/default.json": {
        ...capability({ name: "bin/engine", sidecar: true, cmd: null, args: ["serve"] }),
        platforms: null,
      },
      "capabilities/none.json": {
        identifier: "none",
        permissions: [{ identifier: "shell:allow-execute", allow: null, deny: null }],
      },
    },
    programs: ["bin/engine"],
    starts: { engine: "serve" },
  },
  "has capabilities in TOML and JSON5, with permissions of the app's own": {
    files: {
      "tauri.conf.json": config(["bin/a", "bin/b"]),
      "capabilities/default.toml": `
identifier = "default"
windows = ["main"]

[[permissions]]
identifier = "shell:allow-execute"

[[permissions.allow]]
name = "bin/a"
sidecar = true
args = ["serve"]
`,
      "capabilities/more.json5": `{
  // From the second release on.
  identifier: 'more',
  permissions: [{ identifier: 'shell:allow-spawn', allow: [{ name: 'bin/b', sidecar: true, }] }],
}`,
      "capabilities/old.yaml": "identifier: old\n",
      "permissions/own.toml": `[[permission]]\nidentifier = "allow-a"\n`,
    },
    programs: ["bin/a", "bin/b"],
    starts: { a: "serve", b: "" },
    listed: [
      "capabilities/default.toml: windows: about the app's windows",
      "capabilities/old.yaml: Tauri does not read it either: its name does not end in .json, .json5 or .toml",
      "permissions/: permissions of the app's own are not read",
    ],
  },
  "has a shell plugin with the scope of a beta, and programs among its resources": {
    files: {
      "tauri.conf.json": {
        ...config(["bin/server"], {
          plugins: { shell: { sidecar: true, scope: [{ name: "bin/server", sidecar: true }] } },
        }),
        bundle: { externalBin: ["bin/server"], resources: { "tools/node.exe": "sidecars/node.exe" } },
      },
    },
    programs: ["bin/server"],
    templates: { server: true },
    listed: [
      "plugins.shell: a plugin of Tauri, which has its scopes in capabilities alone",
      "bundle.resources: packaging is Tauri's; a program among them is not a sidecar",
    ],
    idle: ["it has templates alone"],
  },
};

for (const [title, shape] of Object.entries(SHAPES)) {
  Deno.test(`each verb reads the Tauri 2 app when it ${title}`, () => tryShape(session, shape));
}
