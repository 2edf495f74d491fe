/**
 * Whether the arguments of `deno` let it run any program. Pure; used by `run_anything.ts`.
 *
 * Anything unknown counts as able to run anything: a subcommand that installs or makes programs, a set of permissions
 * (`-P`), an option that may or may not take the next argument.
 */

/** The lookup in the table of programs. */
export interface Table {
  /** Whether the program can run any other, whatever its arguments are. */
  readonly canRunAnything: (program: string) => boolean;
}

/** Options whose value is the next argument, of Deno 2.6 to 2.9. */
const VALUED = new Set(
  ("-c --config --import-map --cert --location --seed --log-level -L --ext --port --host --preload --import " +
    "--require --minimum-dependency-age --min-dep-age --conditions --cwd --lock --eval-file --exclude --include " +
    "--filter -f --icon --inspect-publish-uid --junit-path --node-modules-linker --os --arch --output -o " +
    "--related --repeats --reporter --retry --root --shard --target --name -n --jobs -j --package -p " +
    "--app-name --engine --install-alias --coverage-threshold").split(" "),
);

/** Options without a value, or with one behind `=`: the next argument is none of theirs. */
const SINGLE = new RegExp(
  "^(-[A-Za-z]+|--(allow|deny|ignore|no|unstable|inspect|watch|trace|sanitize|unsafely)-?[a-z-]*|--hmr|--check|" +
    "--reload|--frozen|--frozen-lockfile|--cached-only|--quiet|--node-modules-dir|--env-file|--v8-flags|--vendor|" +
    "--coverage|--shuffle|--fail-fast|--parallel|--permit-no-files|--doc|--clean|--open|--tunnel|--use-env-proxy|" +
    "--permission-set|--json|--hide-stacktraces|--update-snapshots|--changed|--print|--eszip-internal-do-not-use)" +
    "(=.*)?$",
);

/** Subcommands that run a module under the permissions of their options. */
const RUNNERS = new Set(["run", "watch", "serve", "test", "bench", "repl"]);

const INSTALLS = "installs any package, or a program of any module with any permissions";
const MAKES = "makes a program of any module, with any permissions";
const FETCHES = "fetches any package and runs it";

/** Those that can run anything whatever comes behind them. */
const CAN_RUN_ANYTHING: ReadonlyMap<string, string> = new Map([
  ["eval", "runs its argument with all permissions"],
  ["task", "runs the commands of a task"],
  ["jupyter", "runs what a notebook tells it, with all permissions"],
  ["approve-scripts", "runs the scripts of packages"],
  ["upgrade", "replaces deno with another version"],
  ...["x", "create", "init", "deploy", "sandbox"].map((name) => [name, FETCHES] as const),
  ...["install", "i", "add", "ci", "update", "outdated"].map((name) => [name, INSTALLS] as const),
  ...["compile", "desktop"].map((name) => [name, MAKES] as const),
]);

/** Subcommands that only read, or write files other than programs. */
const HARMLESS = new Set(
  ("fmt lint cache check info doc coverage uninstall types completions publish remove clean list link unlink lsp " +
    "vendor bundle audit why transpile bump-version pack help json_reference").split(" "),
);

/**
 * Describes what it can do, as a clause after its name; `undefined` where its arguments confine it. `"any"`: callers
 * choose them.
 */
export function denoRunsAnything(args: readonly string[] | "any", table: Table): string | undefined {
  if (args === "any") return "takes any arguments, -A among them";
  let subcommand: string | undefined;
  // Behind an option that is not known, the next argument may be its value.
  let unsure = false;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--") return undefined;
    if (arg.startsWith("-") && arg !== "-") {
      const wide = optionThatRunsAnything(arg, table);
      if (wide !== undefined) return wide;
      if (VALUED.has(arg) || (arg === "--eval" && subcommand === "repl")) index++;
      else unsure = !arg.includes("=") && !SINGLE.test(arg);
      continue;
    }
    if (unsure) {
      unsure = false;
      if (subcommand !== undefined || !isSubcommand(arg)) continue;
    }
    // Arguments behind the module are the module's own.
    if (subcommand !== undefined) return subcommand === "run" ? taskOf(arg) : undefined;
    if (!isSubcommand(arg)) return undefined;
    if (CAN_RUN_ANYTHING.has(arg)) return CAN_RUN_ANYTHING.get(arg);
    subcommand = arg;
  }
  return undefined;
}

function isSubcommand(arg: string): boolean {
  return RUNNERS.has(arg) || CAN_RUN_ANYTHING.has(arg) || HARMLESS.has(arg);
}

/** `deno run build` runs the task of that name, where there is one. */
function taskOf(module: string): string | undefined {
  return /^[^./\\:]+$/.test(module) && module !== "-"
    ? `runs the task "${module}", if there is one`
    : undefined;
}

function optionThatRunsAnything(option: string, table: Table): string | undefined {
  const [name = "", value] = option.split(/=(.*)/s, 2);
  // Short options can be given in one word.
  const short = (letter: string): boolean => /^-[A-Za-z]+$/.test(name) && name.includes(letter);
  if (name === "--allow-all" || short("A")) return "has all permissions (-A)";
  if (name === "--permission-set" || short("P")) {
    return "has the permissions of a set, which is not known here (-P)";
  }
  if (name === "--allow-ffi") return "may load libraries, which no permission holds (--allow-ffi)";
  if (name === "--allow-scripts") return "may run the scripts of packages (--allow-scripts)";
  if (name !== "--allow-run") return undefined;
  if (value === undefined) return "may run any program (--allow-run)";
  const wide = value.split(",").find(table.canRunAnything);
  return wide === undefined ? undefined : `may run ${wide}, which can run any program`;
}
