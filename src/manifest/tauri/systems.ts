/**
 * Which platforms a name of Tauri's stands for, and which systems a program can be on, by its name alone. Pure.
 *
 * A scope permits `cmd` for Windows beside `sh` for the others, and nothing says so but the names of the programs.
 */

import { ALL_TARGETS, type Target, TARGETS } from "../fields/platforms.ts";

/** The operating systems that Tauri and Deno both know. */
export const SYSTEMS = ["linux", "darwin", "windows"] as const;

/** One of them. */
export type TauriSystem = typeof SYSTEMS[number];

const TRIPLES = new Map(Object.entries(TARGETS).map(([target, triple]) => [triple as string, target]));

/** A name of a platform here for one of Tauri's or of Rust's; nothing for a platform that Deno does not run on. */
export function systemOf(name: string): string | undefined {
  const ours = TRIPLES.get(name) ?? name.replace(/^mac_?os/i, "darwin");
  return [...SYSTEMS, ...Object.keys(TARGETS)].includes(ours) ? ours : undefined;
}

/** What stands for systems, and for processors, in the names of files. */
const SYSTEM_WORDS: Readonly<Record<string, readonly TauriSystem[]>> = {
  linux: ["linux"],
  darwin: ["darwin"],
  macos: ["darwin"],
  windows: ["windows"],
  win: ["windows"],
  win32: ["windows"],
  unix: ["linux", "darwin"],
};
const PROCESSOR_WORDS: Readonly<Record<string, string>> = {
  x86_64: "x86_64",
  x64: "x86_64",
  amd64: "x86_64",
  aarch64: "aarch64",
  arm64: "aarch64",
};

/** The platforms that a file is for, by words in the middle of its name such as `sidecar.windows`; `undefined`: all. */
export function platformsIn(middle: string): readonly Target[] | undefined {
  const words = middle.toLowerCase().split(/[.-]/);
  const systems = words.flatMap((word) => Object.hasOwn(SYSTEM_WORDS, word) ? SYSTEM_WORDS[word]! : []);
  const processors = words.flatMap((word) =>
    Object.hasOwn(PROCESSOR_WORDS, word) ? [PROCESSOR_WORDS[word]!] : []
  );
  if (systems.length + processors.length === 0) return undefined;
  return ALL_TARGETS.filter((target) =>
    (systems.length === 0 || systems.some((system) => target.startsWith(system))) &&
    (processors.length === 0 || processors.some((processor) => target.endsWith(processor)))
  );
}

/** Programs that one system brings along, and the others do not have. */
const ON: Readonly<Record<TauriSystem, readonly string[]>> = {
  linux: [
    ...["xdg-open", "xdg-mime", "xdg-settings", "gio", "gsettings", "gnome-terminal", "konsole", "zenity"],
    ...["kdialog", "notify-send", "systemctl", "journalctl", "loginctl", "pkexec", "apt", "apt-get", "dpkg"],
    ...[
      "flatpak",
      "flatpak-spawn",
      "snap",
      "nmcli",
      "pactl",
      "wpctl",
      "xclip",
      "xsel",
      "wl-copy",
      "wl-paste",
    ],
    ...["xdotool", "xrandr", "wmctrl", "update-desktop-database"],
  ],
  darwin: [
    ...["open", "osascript", "pbcopy", "pbpaste", "defaults", "launchctl", "sw_vers", "system_profiler"],
    ...["codesign", "xattr", "hdiutil", "diskutil", "caffeinate", "sips", "networksetup", "scutil", "mdfind"],
    ...["spctl", "pmset", "say", "softwareupdate", "xcrun", "xcode-select", "screencapture", "afplay"],
  ],
  windows: [
    ...[
      "cmd",
      "powershell",
      "explorer",
      "taskkill",
      "tasklist",
      "wmic",
      "reg",
      "regedit",
      "schtasks",
      "netsh",
    ],
    ...["ipconfig", "icacls", "attrib", "robocopy", "xcopy", "cscript", "wscript", "rundll32", "regsvr32"],
    ...["msiexec", "systeminfo", "winget", "wsl", "notepad", "control", "certutil", "bcdedit", "sfc", "dism"],
    ...["wevtutil", "where", "start", "wt", "mshta", "subst", "takeown", "choco", "scoop"],
  ],
};

/** Programs of every Unix. */
const UNIX: readonly string[] = ["sh", "zsh", "chmod", "chown", "pkill", "killall", "lsof"];

/** The systems that a program can be on; `undefined`: all, as far as its name tells. */
export function systemsOf(cmd: string): readonly TauriSystem[] | undefined {
  if (/^[A-Za-z]:[\\/]|^\\\\|^%\w+%|\.(?:exe|bat|cmd|com|msi|ps1|vbs)$/i.test(cmd)) return ["windows"];
  if (/^\/(?:Applications|System|Library|Users|Volumes|opt\/homebrew)\//.test(cmd)) return ["darwin"];
  if (/^\/(?:proc|sys|snap|home|usr\/lib)\//.test(cmd)) return ["linux"];
  const name = cmd.split("/").at(-1)!;
  const only = SYSTEMS.filter((system) => ON[system].includes(name));
  if (only.length > 0) return only;
  return cmd.startsWith("/") || UNIX.includes(name) ? ["linux", "darwin"] : undefined;
}
