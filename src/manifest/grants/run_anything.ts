/**
 * Programs that can run any other: to allow one of these is to allow everything. Pure.
 *
 * They are known by their names, so a program that is not in the table may start others too, and so may a
 * program of your own.
 */

import { denoRunsAnything } from "./deno_arguments.ts";
import { quote } from "../../text/words.ts";

/** Each kind: what such a program does, and the names. */
const KINDS: readonly { readonly what: string; readonly names: string }[] = [
  {
    what: "is a shell",
    names:
      "sh bash dash ash zsh ksh ksh93 mksh oksh pdksh yash fish csh tcsh busybox toybox elvish nu xonsh " +
      "rbash osh ysh sash pwsh powershell cmd",
  },
  {
    what: "is an interpreter",
    names:
      "node nodejs bun tsx ts-node vite-node python pythonw pypy ipython py perl ruby irb jruby truffleruby php " +
      "php-cgi lua luajit tclsh wish expect awk gawk mawk nawk goawk original-awk rscript julia octave matlab guile racket sbcl " +
      "clisp ecl ghci runghc runhaskell ocaml erl escript elixir iex java jshell groovy scala kotlin clojure clj " +
      "dotnet mono swift qjs jsc d8 gdb lldb rr osascript wscript cscript mshta rundll32 regsvr32 wasmtime gst " +
      "bpftrace m4",
  },
  {
    what: "starts the program that its arguments name",
    names:
      "env nice ionice chrt taskset numactl timeout gtimeout nohup setsid setpriv prlimit softlimit stdbuf " +
      "unbuffer script time xargs parallel sem find fd fdfind flock lockf watch watchexec entr make gmake bmake " +
      "nmake ninja just rake ant bazel cmake ctest scons strace ltrace dtruss truss valgrind perf heaptrack " +
      "hyperfine uftrace systemd-run systemd-inhibit systemd-nspawn systemd-cat systemd-notify cgexec cpulimit " +
      "firejail bwrap unshare nsenter chroot fakeroot fakechroot proot capsh minijail0 chpst setuidgid envdir " +
      "envuidgid s6-setuidgid s6-softlimit s6-envdir s6-svscan s6-supervise runsv runsvdir execlineb tini " +
      "dumb-init catatonit start-stop-daemon daemonize faketime setarch linux32 linux64 i386 x86_64 arch " +
      "rlwrap tmux screen dtach abduco at batch start run-parts logrotate crontab dbus-run-session dbus-launch " +
      "xvfb-run caffeinate launchctl concurrently nodemon pm2 forever supervisord foreman overmind honcho hivemind " +
      "process-compose watchman direnv dotenv dotenvx ld.so ld-linux.so ld-linux-x86-64.so ld-linux-aarch64.so " +
      "ld-musl-x86_64.so socat nc ncat netcat torsocks proxychains proxychains4 ssh-agent " +
      "with-contenv catchsegv pkttyagent wine wine64 conhost forfiles pcalua",
  },
  {
    what: "starts the program that its arguments name, as another user",
    names: "sudo sudoedit su doas pkexec runuser gosu su-exec sg newgrp runas calife",
  },
  {
    what: "starts any program in a container, which may be given all of this machine",
    names:
      "docker docker-compose podman podman-compose nerdctl buildah ctr runc crun runsc lxc lxc-exec lxc-attach " +
      "lxc-start incus machinectl kubectl oc helm vagrant limactl multipass distrobox toolbox apptainer " +
      "singularity flatpak snap wsl",
  },
  {
    what: "starts any program on another machine, and by its options on this one",
    names: "ssh autossh sshpass slogin mosh rsh rlogin scp sftp rsync ansible ansible-playbook salt pdsh",
  },
  {
    what: "fetches any package and runs it",
    names:
      "npx npm pnpm pnpx yarn yarnpkg bunx dx dlx corepack volta pip pipx uv uvx poetry pdm hatch rye conda " +
      "mamba micromamba pixi cargo rustup go gem bundle composer nix nix-shell nix-env mvn gradle sbt lein cabal " +
      "mix opam luarocks cpan cpanm apt apt-get dpkg dnf yum rpm zypper pacman apk emerge brew choco " +
      "winget scoop mise asdf pyenv rbenv nodenv nvm fnm jbang terraform tofu pulumi",
  },
  {
    what: "runs any program that its input names",
    names:
      "vi vim vimdiff nvim gvim rvim ex ed emacs emacsclient nano pico less more man sqlite3 psql mysql mariadb " +
      "mongosh ftp lftp mailx mutt dc irssi systemctl xdg-open run-mailcap",
  },
];

const TABLE: ReadonlyMap<string, string> = new Map(
  KINDS.flatMap(({ what, names }) => names.split(" ").map((name) => [name, what])),
);

/** Every name in the table. */
export const RUNS_ANYTHING: readonly string[] = [...TABLE.keys()];

/**
 * Explains why a program can run any other, as a clause after its name (`is a shell`); `undefined` for a program that
 * is not known to. It is known by the last part of its path, without the ending of Windows and without a version
 * (`python3.12`). Of `deno`, and of some such as `git` and `tar`, the arguments decide; `"any"`: whoever starts it
 * chooses them.
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
  for (const known of [name, withoutVersion(name)]) {
    const what = TABLE.get(known) ?? byArguments(known, args);
    if (what !== undefined) return what;
  }
  if (!isDeno(name)) return undefined;
  // A deno that it starts has the permissions that it gives it.
  return denoRunsAnything(args, {
    canRunAnything: (program) => isDeno(bareName(program)) || runsAnything(program) !== undefined,
  });
}

function isDeno(name: string): boolean {
  return withoutVersion(name) === "deno";
}

/** Of programs that their arguments decide about: which of them let it run any other. */
const BY_ARGUMENTS: readonly { readonly names: string; readonly wide: Pick<RegExp, "test"> }[] = [
  {
    names: "git",
    wide:
      /^(-c|--config-env\b.*|--exec-path=.*|--(upload|receive)-pack\b.*|ext::.*|-O.*|--open-files-in-pager\b.*|-x.*|--extcmd\b.*|--exec\b.*|bisect|foreach|filter-branch|difftool|mergetool)$/,
  },
  { names: "hg svn", wide: /^--(config|config-option|diff-cmd|diff3-cmd|merge-cmd|editor-cmd)\b/ },
  { names: "tar gtar bsdtar", wide: /^(--(checkpoint-|use-c|to-c|info-s|new-v|rsh|rmt)|-[A-Za-z]*[IF])/ },
  { names: "sed gsed", wide: { test: sedRunsPrograms } },
  { names: "sort gsort", wide: /^--comp/ },
  { names: "split gsplit", wide: /^--fi/ },
  { names: "zip", wide: /^(-TT|--unzip-command)/ },
  { names: "tcpdump", wide: /^-[A-Za-z]*z/ },
  { names: "nmap", wide: /^(-[A-Za-z]*C|--script|-A)/ },
  { names: "wget", wide: /^--use-askpass/ },
  { names: "gcc g++ cc c++ clang clang++", wide: /^-(wrapper|B|fplugin|specs|load)/ },
  { names: "tex latex pdflatex pdftex xelatex lualatex", wide: /^--?(shell-escape|enable-write18)/ },
  { names: "openssl", wide: /^-(engine|provider)/ },
];

const ARGUMENTS: ReadonlyMap<string, Pick<RegExp, "test">> = new Map(
  BY_ARGUMENTS.flatMap(({ names, wide }) => names.split(" ").map((name) => [name, wide])),
);

function byArguments(name: string, args: readonly string[] | "any"): string | undefined {
  const wide = ARGUMENTS.get(name);
  if (wide === undefined) return undefined;
  if (args === "any") return "takes any arguments, and by some it starts any program";
  const found = args.find((arg) => wide.test(arg));
  return found === undefined ? undefined : `starts the program that its argument ${quote(found)} names`;
}

/** The last part of a path, in lower case, without an ending of Windows. */
export function bareName(program: string): string {
  return program.split(/[/\\]/).at(-1)!.toLowerCase().replace(/\.(exe|cmd|bat|com)$/, "");
}

/** Also without the suffix that Debian adds to a name, as in `vim.basic`. */
function withoutVersion(name: string): string {
  return name.replace(/\.(basic|tiny|nox|gtk3?|openbsd|traditional|static|distrib)$/, "")
    .replace(/[-.]?\d+(\.\d+)*$/, "");
}

/** A longer script is not looked through, and counts as one that runs programs. */
const MAX_SED_SCRIPT = 4_096;

/** The command `e`, and a script in a file, which is not known here. */
const SED_COMMAND = /^-[A-Za-z]*f|^--file|(^|[;{}!$,/\d\s])e(\s|$)/;

/** The flags of a substitution, with `e` among them. */
const SED_FLAGS = /[\dgpimIM]*e[\dgpimIM]*\s*($|[;}\n])/y;

/** Whether an argument of `sed` may start a program: its command `e`, the flag `e` of its `s`, or a script that is not known. */
function sedRunsPrograms(argument: string): boolean {
  return argument.length > MAX_SED_SCRIPT || SED_COMMAND.test(argument) || hasSedFlag(argument);
}

/** Whether there is an `s`, its separator three times, and the flag `e`, whatever is between. */
function hasSedFlag(script: string): boolean {
  // How often each separator has been seen from the first `s` on that it follows.
  const seen = new Map<string, number>();
  for (let at = 1; at < script.length; at++) {
    const char = script[at]!;
    const count = (seen.get(char) ?? 0) + (seen.has(char) || script[at - 1] === "s" ? 1 : 0);
    if (count > 0) seen.set(char, count);
    if (count < 3) continue;
    SED_FLAGS.lastIndex = at + 1;
    if (SED_FLAGS.test(script)) return true;
  }
  return false;
}
