/** Apps of Tauri 1, as they are found in public: what check, import, permissions and up make of each. */
import { Session } from "../session.ts";
import { type Shape, tryShape } from "./shape.ts";

const session = new Session();

const bundle = { active: true, targets: "all", identifier: "org.example.app", icon: ["icons/icon.png"] };

/** A configuration of Tauri 1 with this bundle and shell. */
function config(more: Record<string, unknown>, shell?: Record<string, unknown>): Record<string, unknown> {
  return {
    build: { beforeDevCommand: "npm run dev", devPath: "http://localhost:1420", distDir: "../dist" },
    package: { productName: "Ledger Desk", version: "1.2.0" },
    tauri: {
      allowlist: { all: false, dialog: { open: true }, ...(shell && { shell }) },
      bundle: { ...bundle, ...more },
      windows: [{ title: "Ledger" }],
    },
  };
}

const SHAPES: Readonly<Record<string, Shape>> = {
  "has a sidecar with fixed arguments in the allowlist": {
    files: {
      "tauri.conf.json": config({ externalBin: ["binaries/ledgerd"] }, {
        all: false,
        sidecar: true,
        open: "^https://",
        scope: [{ name: "binaries/ledgerd", sidecar: true, args: ["serve", "--stdio"] }],
      }),
    },
    programs: ["binaries/ledgerd"],
    starts: { ledgerd: "serve --stdio" },
    listed: [
      "build.beforeDevCommand: a step of Tauri's build",
      "tauri.allowlist.shell.open: Outrider opens nothing",
    ],
  },
  "has a frozen Python program whose scope leaves out its folder": {
    files: {
      "tauri.conf.json": config({ externalBin: ["binaries/wayfarer"] }, {
        sidecar: true,
        scope: [{ name: "wayfarer", sidecar: true, args: true }],
      }),
    },
    programs: ["binaries/wayfarer"],
    templates: { wayfarer: true },
    listed: [
      `tauri.allowlist.shell.scope "wayfarer": externalBin has it as "binaries/wayfarer"; Tauri refuses`,
      `write "binaries/wayfarer" here`,
    ],
    idle: ["it has templates alone", `{ "name": "binaries/wayfarer", "sidecar": true, "args": [] }`],
  },
  "has a configuration in kebab case": {
    files: {
      "tauri.conf.json": {
        package: { "product-name": "kebab", version: "1.0.0" },
        tauri: {
          allowlist: {
            shell: { sidecar: true, scope: [{ name: "binaries/app", sidecar: true, args: ["-q"] }] },
          },
          bundle: { ...bundle, "external-bin": ["binaries/app"], "short-description": "x" },
        },
      },
    },
    programs: ["binaries/app"],
    starts: { app: "-q" },
    listed: ["tauri.bundle.short-description: packaging is Tauri's"],
  },
  "has names outside ASCII and with spaces": {
    files: {
      "tauri.conf.json": {
        ...config({ externalBin: ["binaries/服务", "binaries/下载 器", "binaries/Café Crème"] }, {
          sidecar: true,
          scope: [
            { name: "binaries/服务", sidecar: true, args: ["--端口", "80"] },
            { name: "binaries/Café Crème", sidecar: true, args: ["a b"] },
          ],
        }),
        package: { productName: "视频工具箱" },
      },
    },
    programs: ["binaries/服务", "binaries/下载 器", "binaries/Café Crème"],
    starts: { "sidecar": "--端口 80", "Cafe-Creme": "a b" },
    templates: { "sidecar-2": true },
    runs: ["服务", "下载 器", "Café Crème"],
    listed: [
      `"binaries/服务": its id is "sidecar"`,
      `"binaries/下载 器": its id is "sidecar-2"`,
      `"binaries/Café Crème": its id is "Cafe-Creme"`,
    ],
  },
  "has an allowlist that has sidecars off": {
    files: {
      "tauri.conf.json": config({ externalBin: ["bin/tool"] }, {
        sidecar: false,
        scope: [{ name: "bin/tool", sidecar: true, args: ["x"] }],
      }),
    },
    programs: ["bin/tool"],
    templates: { tool: true },
    listed: [
      "tauri.allowlist.shell.sidecar is off, so it permits nothing; for it to count, set that to true",
    ],
    idle: ["it has templates alone"],
  },
  "is migrated by half": {
    files: {
      "tauri.conf.json": {
        ...config({ externalBin: ["bin/old"] }, {
          sidecar: true,
          scope: [{ name: "bin/old", sidecar: true }, { name: "stop", args: ["-f"] }],
        }),
        productName: "Second",
        bundle: { externalBin: ["bin/new"] },
      },
    },
    programs: ["bin/old", "bin/new"],
    starts: { old: "" },
    listed: [
      `bundle.externalBin: of Tauri 2, and this is a configuration of Tauri 1: it has "tauri"`,
      "productName: of Tauri 2, and this is",
    ],
  },
  "opens links and starts nothing": {
    files: { "tauri.conf.json": config({ externalBin: [] }, { open: true }) },
    refused: 'it has no program as a sidecar ("externalBin"), and no permission to run another',
  },
  "has its sidecars in a file for --config": {
    files: {
      "tauri.conf.json": config({}, {
        all: true,
        scope: [{ name: "bin/app", sidecar: true, cmd: "", args: ["-s"] }],
      }),
      "tauri.release.conf.json": { tauri: { bundle: { externalBin: ["bin/app"], resources: ["models/*"] } } },
      "capabilities/old.json": { identifier: "old", permissions: [] },
    },
    programs: ["bin/app"],
    refused:
      "tauri.release.conf.json: not read, as Tauri reads it with --config alone; to merge it: outrider import /",
    merge: ["tauri.release.conf.json"],
    starts: { app: "-s" },
  },
  "may start a program of the system with a validator": {
    files: {
      "tauri.conf.json": config({}, {
        execute: true,
        scope: [
          { name: "list", cmd: "ls", args: ["-l", { validator: "\\S+" }] },
          { name: "open-data", cmd: "$RESOURCE/open-data", args: true },
        ],
      }),
    },
    templates: { list: ["-l", { validator: "(?s:.*)(?:\\S+)(?s:.*)" }] },
    runs: ["ls"],
    listed: [`"open-data": its program starts with a folder that only the app knows: $RESOURCE`],
    idle: [
      `move it from "templates" to "children", with its "args" as texts, in what this writes: outrider import /`,
    ],
  },
};

for (const [title, shape] of Object.entries(SHAPES)) {
  Deno.test(`each verb reads the Tauri 1 app when it ${title}`, () => tryShape(session, shape));
}
