/**
 * Real programs that fail in the ways people see: the error of each names the cause, whatever stands behind it.
 *
 * @module
 */
import { assertEquals, assertInstanceOf, assertMatch, assertNotMatch } from "@std/assert";
import { SidecarExitedError } from "@outrider/outrider";
import { causeOf } from "@outrider/outrider/actor";
import { Folder } from "../cli/outrider.ts";
import { Probe } from "../sidecar/health/probe.ts";
import { testWith } from "./programs.ts";

/** What is left out of last words: frames, carets, and what runtimes say behind a trace. */
const NOISE = /^\s*(at |File "|\^|Node\.js v|Deno )/m;

interface Failing {
  readonly command: string;
  readonly args: readonly string[];
  readonly file?: string;
  readonly says: RegExp;
}

const node = (file: string, says: RegExp, name = "prog.cjs"): Failing => ({
  command: "node",
  args: [name],
  file,
  says,
});
const python = (file: string, says: RegExp): Failing => ({
  command: "python3",
  args: ["prog.py"],
  file,
  says,
});

/** Calls itself 60 times, more than a tail has room for. */
const javaDeep = `static void run(int left) {
    if (left == 0) throw new IllegalStateException("licence expired");
    run(left - 1);
  }`;

const failures: Record<string, Failing> = {
  "Node has a trace longer than the tail": node(
    `Error.stackTraceLimit = 60;
function run(left) { if (left === 0) throw new Error("licence expired"); run(left - 1) }
run(70);`,
    /^Error: licence expired$/,
  ),
  "Node has a cause, both with a trace longer than the tail": node(
    `Error.stackTraceLimit = 60;
function run(left, make) { if (left === 0) throw make(); run(left - 1, make) }
try { run(70, () => new RangeError("disk is full")) } catch (cause) {
  run(70, () => new Error("cannot open the database", { cause }));
}`,
    /^Error: cannot open the database; \[cause\]: RangeError: disk is full$/,
  ),
  "an assertion of Node fails": node(
    `require("node:assert").strictEqual(1, 2)`,
    /^AssertionError \[ERR_ASSERTION\]: Expected values to be strictly equal: 1 !== 2$/,
  ),
  "Node has a message with an empty line": node(
    `class MyErr extends Error { name = "MyErr" }
throw new MyErr("first\\n\\nthird after blank")`,
    /^MyErr: first$/,
  ),
  "Node is out of memory": {
    command: "node",
    args: ["--max-old-space-size=20", "-e", "const a = []; for (;;) a.push(new Array(1e4).fill({}))"],
    says: /^FATAL ERROR: .* out of memory$/,
  },
  "Java has a trace longer than the tail": {
    command: "java",
    args: ["Prog.java"],
    file: `class Prog { ${javaDeep} public static void main(String[] a) { run(60); } }`,
    says: /^Exception in thread "main" java\.lang\.IllegalStateException: licence expired$/,
  },
  "Java has a cause, both with a trace longer than the tail": {
    command: "java",
    args: ["Prog.java"],
    file: `class Prog { ${javaDeep}
  static void open(int left) {
    if (left > 0) { open(left - 1); return; }
    try { run(60); } catch (RuntimeException e) { throw new RuntimeException("cannot start", e); }
  }
  public static void main(String[] a) { open(60); } }`,
    says: /RuntimeException: cannot start; Caused by: java\.lang\.IllegalStateException: licence expired$/,
  },
  "Python crashes in native code": {
    command: "python3",
    args: ["-X", "faulthandler", "-c", "import ctypes; ctypes.string_at(0)"],
    says: /^Fatal Python error: Segmentation fault$/,
  },
  "Deno finds a fault of syntax": {
    command: "deno",
    args: ["run", "--quiet", "--no-config", "prog.ts"],
    file: "let a = ;",
    says: /^error: .*Expression expected/,
  },
  "gcc adds a note to an error": {
    command: "gcc",
    args: ["-o", "prog", "prog.c"],
    file: "int main() { return x; }",
    says: /^prog\.c:1:\d+: error: .x. undeclared/,
  },
  "clang counts its errors": {
    command: "clang",
    args: ["-o", "prog", "prog.c"],
    file: "int main() { return x; }",
    says: /^prog\.c:1:\d+: error: use of undeclared identifier 'x'$/,
  },
  "npm has no package": {
    command: "npm",
    args: ["start"],
    says: /^npm (?:error|ERR!) code ENOENT; npm (?:error|ERR!) .*package\.json/,
  },
  "Ruby has a trace longer than the tail": {
    command: "ruby",
    args: ["prog.rb"],
    file: `def run(left)
  raise ArgumentError, "licence expired" if left == 0
  run(left - 1)
end
run(60)`,
    says: /licence expired \(ArgumentError\)$/,
  },
  "PHP has a trace longer than the tail": {
    command: "php",
    args: ["-d", "display_errors=0", "-d", "log_errors=1", "-d", "error_log=", "prog.php"],
    file:
      `<?php function run($left) { if ($left == 0) throw new Exception("licence expired"); run($left - 1); }
run(60);`,
    says: /Uncaught Exception: licence expired in /,
  },
  "Perl confesses from afar": {
    command: "perl",
    args: [
      "-MCarp",
      "-e",
      'sub run { my $n = shift; confess "licence expired" if !$n; run($n - 1) } run(60)',
    ],
    says: /^licence expired at -e line 1\.$/,
  },
  "Elixir raises": {
    command: "elixir",
    args: ["-e", 'raise "no database"'],
    says: /^\*\* \(RuntimeError\) no database$/,
  },
  "Erlang does not start": {
    command: "erl",
    args: ["-noshell", "-s", "nosuchmodule", "start"],
    says: /^init terminating in do_boot /,
  },
  "a progress bar goes on behind an error": {
    command: "sh",
    args: ["-c", 'echo "ERROR: no key" >&2; for i in $(seq 300); do printf "retry $i\\r" >&2; done; exit 2'],
    says: /^ERROR: no key; retry 300$/,
  },
  "a module of Node throws": node(
    `class ConfigError extends Error { name = "ConfigError" }
function load() { throw new ConfigError("no key in app.toml") }
load();`,
    /ConfigError: no key in app\.toml/,
  ),
  "Node has an async rejection": node(
    `await (async () => { await null; throw new RangeError("port is taken") })();`,
    /RangeError: port is taken/,
    "prog.mjs",
  ),
  "Node throws what is not an error": node(`throw "a plain text"`, /a plain text/),
  "Node has an error with a cause": node(
    `try { JSON.parse("{") } catch (cause) { throw new Error("cannot read the settings", { cause }) }`,
    /Error: cannot read the settings/,
  ),
  "Node misses a module": node(`require("no-such-module-here")`, /Cannot find module 'no-such-module-here'/),
  "Python chains exceptions": python(
    `try:
    {}["key"]
except KeyError as error:
    raise RuntimeError("settings are wrong") from error`,
    /RuntimeError: settings are wrong/,
  ),
  "Python has a message of many lines": python(
    `raise ValueError("query failed\\nDETAIL: the key is there\\nHINT: drop it")`,
    /ValueError: query failed/,
  ),
  "Python runs something at its exit": python(
    `import atexit, sys
atexit.register(lambda: print("cleaning up", file=sys.stderr))
raise OSError("no network")`,
    /OSError: no network/,
  ),
  "Deno is refused a permission": {
    command: "deno",
    args: ["run", "--quiet", "--no-config", "--no-prompt", "prog.ts"],
    file: `Deno.readTextFileSync("/etc/hostname");`,
    says: /NotCapable: Requires read access/,
  },
  "Perl dies": {
    command: "perl",
    args: ["-e", 'sub open_it { die "cannot bind" } open_it()'],
    says: /cannot bind at -e line 1/,
  },
  "a shell has no such command": {
    command: "sh",
    args: ["-c", "nosuchcommand"],
    says: /nosuchcommand.*not found/,
  },
};

for (const [when, { command, args, file, says }] of Object.entries(failures)) {
  testWith(command, `last words of a real program name the cause when ${when}`, async () => {
    await using folder = new Folder();
    if (file !== undefined) folder.write(args.at(-1)!, file);
    await using probe = await Probe.start({
      command,
      args: [...args],
      cwd: folder.path,
      restart: "temporary",
    });
    const cause = causeOf((await probe.event("exited")).exit);
    assertInstanceOf(cause, SidecarExitedError);
    const words = cause.lastWords ?? "";
    assertMatch(words, says);
    assertNotMatch(words, NOISE);
    assertEquals(cause.message.split(words).length, 2, cause.message); // said once
  });
}
