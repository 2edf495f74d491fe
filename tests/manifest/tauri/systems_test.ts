/** Which platforms the names in Tauri's files stand for. */
import { assertEquals } from "@std/assert";
import type { Target } from "../../../src/manifest/fields/platforms.ts";
import { platformsIn, systemOf, systemsOf } from "../../../src/manifest/tauri/systems.ts";

Deno.test("a program in a scope is for the systems that its name tells", () => {
  const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["cmd", ["windows"]],
    ["powershell.exe", ["windows"]],
    ["C:\\Windows\\System32\\wsl", ["windows"]],
    ["%LOCALAPPDATA%\\app\\run", ["windows"]],
    ["scripts/Install.BAT", ["windows"]],
    ["open", ["darwin"]],
    ["/Applications/Blender.app/Contents/MacOS/Blender", ["darwin"]],
    ["/usr/bin/open", ["darwin"]],
    ["xdg-open", ["linux"]],
    ["/usr/bin/xdg-open", ["linux"]],
    ["sh", ["linux", "darwin"]],
    ["/usr/local/bin/node", ["linux", "darwin"]],
    ["node", undefined],
    ["../tools/convert", undefined],
    ["python3.11", undefined],
    ["", undefined],
  ];
  for (const [cmd, systems] of cases) assertEquals(systemsOf(cmd), systems, cmd);
});

Deno.test("a platform's name is read as Tauri, Rust and Deno have it, and no other", () => {
  const cases = [
    ["linux", "linux"],
    ["macos", "darwin"],
    ["macOS-aarch64", "darwin-aarch64"],
    ["windows-x86_64", "windows-x86_64"],
    ["x86_64-unknown-linux-gnu", "linux-x86_64"],
    ["linux-flatpak", undefined],
    ["release", undefined],
    ["", undefined],
  ] as const;
  for (const [name, platform] of cases) assertEquals(systemOf(name), platform, name);
});

Deno.test("a file that is merged is for the platforms that words of its name say", () => {
  const cases: [string, Target[] | undefined][] = [
    ["sidecar.windows", ["windows-x86_64", "windows-aarch64"]],
    ["windows-sidecar", ["windows-x86_64", "windows-aarch64"]],
    ["linux.aarch64", ["linux-aarch64"]],
    ["linux-flatpak", ["linux-x86_64", "linux-aarch64"]],
    ["release.macos-arm64", ["darwin-aarch64"]],
    ["x86_64-pc-windows-msvc", ["windows-x86_64"]],
    ["universal-apple-darwin", ["darwin-x86_64", "darwin-aarch64"]],
    ["sidecar.unix", ["linux-x86_64", "linux-aarch64", "darwin-x86_64", "darwin-aarch64"]],
    ["x64", ["linux-x86_64", "darwin-x86_64", "windows-x86_64"]],
    ["release", undefined],
    ["windowed", undefined],
    ["", undefined],
  ];
  for (const [middle, platforms] of cases) assertEquals(platformsIn(middle), platforms, middle);
});
