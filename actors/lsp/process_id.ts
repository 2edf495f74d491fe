/**
 * Whether a language server is told our process id. It ends when it finds no process of that id, so it must not be
 * told one that it can't see, or under which it sees another process. Pure; used by `lsp`.
 */

/** Programs that start another one in a container, in a namespace of its own, or on another machine. */
const HIDING: ReadonlySet<string> = new Set([
  ...[
    "docker",
    "podman",
    "nerdctl",
    "lxc",
    "lxc-attach",
    "machinectl",
    "systemd-nspawn",
    "kubectl",
    "distrobox",
  ],
  ...["unshare", "nsenter", "bwrap", "firejail", "flatpak", "flatpak-spawn", "snap", "wsl", "wsl.exe"],
  ...["ssh", "mosh", "autossh", "vagrant"],
]);

/** Whether a server may be told our process id, to watch it; without, it ends at the end of its stdin all the same. */
export function seesPid({ command, launcher, processId }: {
  readonly command: string;
  readonly launcher?: readonly string[] | undefined;
  readonly processId?: "own" | "none" | undefined;
}): boolean {
  if (processId !== undefined) return processId === "own";
  // What a launcher does with process ids is not known: the one that hides them may stand behind another one.
  if (launcher !== undefined) return false;
  return !HIDING.has(command.split(/[\\/]/).at(-1)!.toLowerCase());
}
