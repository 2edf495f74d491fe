/**
 * Tauri projects as they lie on disks, taken over and started with the real command line.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertNotMatch, assertStringIncludes } from "@std/assert";
import { Folder, outrider, Running } from "../cli/outrider.ts";

const TRIPLE = `${Deno.build.arch}-unknown-linux-gnu`;
const linux = Deno.build.os === "linux";
const SERVER = '#!/bin/sh\necho "serving $*"\nexec sleep 1000\n';
const TOOL = "#!/bin/sh\n[ $# -gt 0 ] || { echo usage >&2; exit 1; }\n";

interface Scope {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** Writes a Tauri 2 project whose sidecars are these programs, and returns the path of its configuration. */
function project(folder: Folder, programs: Record<string, string>, scopes: readonly Scope[]): string {
  Deno.mkdirSync(`${folder.path}/binaries`);
  Deno.mkdirSync(`${folder.path}/capabilities`);
  for (const [name, text] of Object.entries(programs)) {
    Deno.chmodSync(folder.write(`binaries/${name}-${TRIPLE}`, text), 0o755);
  }
  folder.write("capabilities/main.json", {
    identifier: "main",
    windows: ["main"],
    permissions: ["core:default", { identifier: "shell:allow-spawn", allow: scopes }],
  });
  return folder.write("tauri.conf.json", {
    productName: "App",
    identifier: "com.example.app",
    bundle: { externalBin: Object.keys(programs).map((name) => `binaries/${name}`) },
  });
}

Deno.test({
  name: "a Tauri app keeps its server running when a tool beside it can't run without arguments",
  ignore: !linux,
  async fn() {
    await using folder = new Folder();
    const scope = { name: "binaries/server", cmd: "", sidecar: true, args: ["--port", "1420"] };
    const file = project(folder, { server: SERVER, tool: TOOL }, [scope]);
    await using running = new Running(["up", file]);
    await running.line(/stdout +serving --port 1420$/);
    running.signal("SIGINT");
    const { code, stderr } = await running.ended();
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, '"binaries/tool"'); // which does not start, and is told
    assertNotMatch(running.lines.join("\n"), /tool#|crashed/);
  },
});

Deno.test({
  name: "a Tauri app's sidecars start when their names are outside ASCII",
  ignore: !linux,
  async fn() {
    await using folder = new Folder();
    const names = ["服务", "сервер", "naïve app"];
    const scopes = names.map((name) => ({ name: `binaries/${name}`, sidecar: true, args: [name] }));
    const file = project(folder, Object.fromEntries(names.map((name) => [name, SERVER])), scopes);
    await using running = new Running(["up", file]);
    for (const name of names) await running.line(new RegExp(`serving ${name}$`));
    running.signal("SIGINT");
    assertEquals((await running.ended()).code, 0);
    const { stderr } = await outrider(["check", file]);
    for (const name of names) assertStringIncludes(stderr, name); // each with the id that it has
  },
});

Deno.test({
  name: "a Tauri app needs no permission for a program of another system when a scope permits one",
  ignore: !linux,
  async fn() {
    await using folder = new Folder();
    const file = project(folder, { server: SERVER }, [
      { name: "binaries/server", sidecar: true, args: [] },
      { name: "shell", cmd: "sh", args: ["-c", { validator: ".+" }] },
      { name: "prompt", cmd: "cmd", args: ["/C", { validator: ".+" }] },
      { name: "editor", cmd: "C:\\Windows\\notepad.exe", args: true },
      { name: "opener", cmd: "osascript", args: true },
    ]);
    const check = await outrider(["check", file]);
    assertEquals(check.code, 0, check.stderr);
    for (const id of ["prompt", "editor", "opener"]) {
      assertMatch(check.stdout + check.stderr, new RegExp(`\\b${id}\\b`));
    }
    const { stdout } = await outrider(["permissions", file, "--templates"]);
    const [, run = ""] = /--allow-run=(\S+)/.exec(stdout) ?? [];
    const programs = run.split(",").map((path) => path.split("/").at(-1));
    assertEquals(programs.toSorted(), [`server-${TRIPLE}`, "sh"]);
  },
});

Deno.test({
  name: "a Tauri app for Windows alone is refused in a sentence that says so when it is started on Linux",
  ignore: !linux,
  async fn() {
    await using folder = new Folder();
    const file = project(folder, {}, [{ name: "binaries/server", sidecar: true, args: [] }]);
    folder.write("binaries/server-x86_64-pc-windows-msvc.exe", "MZ");
    folder.write("tauri.conf.json", { productName: "App", bundle: { externalBin: ["binaries/server"] } });
    const { code, stderr } = await outrider(["up", file, "--for", "1s"]);
    assert(code !== 0);
    assertMatch(stderr, /windows/i);
  },
});
