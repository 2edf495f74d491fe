/**
 * Programs that can run any other: to allow one of these is to allow everything. Pure.
 *
 * Hold in mind: they are known by their names, so one that is not in the table may well start others too, as `git`,
 * `tar` and most editors do, and so may a program of your own.
 *
 * @module
 */

/** Of each kind: what such a program does, and the names. */
const KINDS: readonly { readonly what: string; readonly names: string }[] = [
  {
    what: "is a shell",
    names: "sh bash dash ash zsh ksh mksh oksh yash fish csh tcsh busybox toybox elvish nu xonsh rbash " +
      "pwsh powershell cmd",
  },
  {
    what: "is an interpreter",
    names:
      "node nodejs bun tsx ts-node python pypy ipython perl ruby irb jruby php lua luajit tclsh wish expect " +
      "awk gawk mawk nawk rscript julia octave guile racket sbcl clisp ghci runghc ocaml erl escript elixir iex " +
      "java jshell groovy scala kotlin dotnet gdb lldb osascript wscript cscript mshta rundll32",
  },
  {
    what: "starts the program that its arguments name",
    names:
      "env nice ionice chrt taskset numactl timeout nohup setsid setpriv prlimit softlimit stdbuf unbuffer " +
      "script time xargs parallel find fd flock watch entr make gmake ninja strace ltrace valgrind perf " +
      "systemd-run systemd-inhibit systemd-nspawn cgexec firejail bwrap unshare nsenter chroot fakeroot proot " +
      "capsh minijail0 chpst setuidgid envdir s6-setuidgid s6-softlimit s6-envdir tini dumb-init catatonit " +
      "start-stop-daemon daemonize faketime setarch linux32 linux64 arch rlwrap tmux screen at batch start " +
      "dbus-run-session dbus-launch xvfb-run caffeinate launchctl concurrently nodemon pm2 forever supervisord " +
      "foreman overmind",
  },
  {
    what: "starts the program that its arguments name, as another user",
    names: "sudo su doas pkexec runuser gosu su-exec runas",
  },
  {
    what: "starts any program in a container, which may be given all of this machine",
    names: "docker docker-compose podman nerdctl ctr runc crun lxc lxc-exec machinectl kubectl wsl",
  },
  {
    what: "starts any program on another machine, and by its options on this one",
    names: "ssh mosh rsh",
  },
  {
    what: "fetches any package and runs it",
    names: "npx npm pnpm pnpx yarn bunx dx dlx pip pipx uv uvx poetry conda cargo go gem bundle composer " +
      "nix nix-shell nix-env mvn gradle",
  },
];

const TABLE: ReadonlyMap<string, string> = new Map(
  KINDS.flatMap(({ what, names }) => names.split(" ").map((name) => [name, what])),
);

/** Every name in the table. */
export const RUNS_ANYTHING: readonly string[] = [...TABLE.keys()];

/**
 * What makes a program one that can run any other, as what stands behind its name (`is a shell`); `undefined` for one
 * that is not known for it. It is known by the last part of its path, without the ending of Windows and without a
 * version (`python3.12`). Of `deno` the arguments decide: what it may run itself; `"any"`: whoever starts it chooses them.
 *
 * @example
 * ```ts
 * import { runsAnything } from "./run_anything.ts";
 *
 * console.log(runsAnything("/bin/sh")); // is a shell
 * console.log(runsAnything("deno", ["run", "--allow-run=git", "x.ts"])); // undefined
 * ```
 */
export function runsAnything(program: string, args: readonly string[] | "any" = []): string | undefined {
  const name = bareName(program);
  return name === "deno" ? denoRunsAnything(args) : TABLE.get(name) ?? TABLE.get(withoutVersion(name));
}

/** The last part of a path, in lower case, without an ending of Windows. */
export function bareName(program: string): string {
  return program.split(/[/\\]/).at(-1)!.toLowerCase().replace(/\.(exe|cmd|bat|com)$/, "");
}

function withoutVersion(name: string): string {
  return name.replace(/-?\d+(\.\d+)*$/, "");
}

/** Options of deno whose value is an argument of its own. */
const VALUED = new Set(
  ("-c --config --import-map --cert --location --seed --log-level -L --ext --port --host --preload --import " +
    "--require --minimum-dependency-age --conditions").split(" "),
);
/** What deno itself does under no permissions, or under all. */
const SUBCOMMANDS: Readonly<Record<string, string | undefined>> = {
  run: undefined,
  serve: undefined,
  test: undefined,
  bench: undefined,
  eval: "runs its argument with all permissions",
  task: "runs the commands of a task",
  x: "fetches any package and runs it",
};

function denoRunsAnything(args: readonly string[] | "any"): string | undefined {
  if (args === "any") return "takes any arguments, -A among them";
  let subcommand = false;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg.startsWith("-")) {
      const wide = wideOption(arg);
      if (wide !== undefined) return wide;
      if (VALUED.has(arg)) index++;
      continue;
    }
    // What comes behind the module is its own.
    if (subcommand || !Object.hasOwn(SUBCOMMANDS, arg)) return undefined;
    subcommand = true;
    const does = SUBCOMMANDS[arg];
    if (does !== undefined) return does;
  }
  return undefined;
}

function wideOption(option: string): string | undefined {
  if (option === "--allow-all" || /^-[A-Za-z]*A[A-Za-z]*$/.test(option)) return "has all permissions (-A)";
  if (option === "--allow-run") return "may run any program (--allow-run)";
  if (!option.startsWith("--allow-run=")) return undefined;
  const programs = option.slice("--allow-run=".length).split(",");
  // A deno that it starts has the permissions that it gives it.
  const wide = programs.find((program) =>
    bareName(program) === "deno" || runsAnything(program) !== undefined
  );
  return wide === undefined ? undefined : `may run ${wide}, which can run any program`;
}
