/** Programs in a terminal of their own, through the `script` of this machine. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ProgramNotFoundError } from "../../src/process/process_errors.ts";
import { findProgram } from "../../src/permissions/find_program.ts";
import { requiredForCommand, spawn } from "../../src/process/spawn.ts";
import { scriptKind, terminalCommand } from "../../src/process/start/terminal_args.ts";
import { siblingCommand } from "../../src/process/command.ts";
import { command, output } from "./fixture.ts";

const PATH = Deno.env.get("PATH")!;

function has(program: string): boolean {
  return findProgram(program, { path: PATH }).state === "found";
}

/** A test of the real thing, where it is there. */
function terminalTest(title: string, fn: () => Promise<void>, { needs = "script" } = {}): void {
  const missing = ["script", needs].find((program) => !has(program));
  const skipped = missing === undefined ? "" : ` (skipped: needs ${missing})`;
  Deno.test({ name: `${title}${skipped}`, ignore: missing !== undefined || Deno.build.os !== "linux", fn });
}

function inTerminal(program: string, ...args: string[]) {
  return { ...command(program, ...args), pty: true };
}

/** Waits until no process has that text in its command line; the text is this test's own. */
async function untilGone(mark: string): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args"] }).output();
    if (!new TextDecoder().decode(stdout).includes(mark)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`A process with ${mark} is left`);
}

terminalTest("pty gives a program a terminal at stdin, stdout and stderr when it is started", async () => {
  const child = spawn(inTerminal("sh", "-c", "test -t 0 && test -t 1 && test -t 2 && echo yes"));
  assertEquals(await output(child), "yes\r\n");
  assertEquals((await child.exited).code, 0);
  await child.closed;
});

terminalTest("pty ends with the exit code of the program when that ends", async () => {
  const child = spawn({ ...inTerminal("sh", "-c", "exit 7"), stdin: "null" });
  assertEquals(await output(child), "");
  assertEquals((await child.exited).code, 7);
  await child.closed;
});

terminalTest("pty ends with 128 and the number of the signal when one ended the program", async () => {
  const child = spawn({ ...inTerminal("sh", "-c", "kill -USR1 $$"), stdin: "null" });
  await output(child);
  assertEquals((await child.exited).code, 128 + 10);
  await child.closed;
});

terminalTest("pty drops what is over 4,095 bytes when a line is sent", async () => {
  const child = spawn(inTerminal("head", "-n", "1"));
  child.write(new TextEncoder().encode(`${"x".repeat(5_000)}\n`));
  assertEquals((await output(child)).trim().length, 4_095);
  await child.closed;
});

terminalTest("pty passes arguments as they are when a shell would act on them", async () => {
  const hostile = [
    ...[
      "",
      " a  b ",
      "'",
      '"',
      "$(touch /nowhere)",
      "`id`",
      "$HOME",
      "\\",
      "\\n",
      "a'b'\"c\"",
      "; exit 3",
      "&& x",
    ],
    ...[
      "*",
      "~",
      "#",
      "!",
      "%s",
      "-n",
      "--",
      "'; exit 4; '",
      "é\u{1f600}",
      "\x1b[0m",
      "line\nline",
      "\n",
      "end\n\n",
    ],
  ];
  const code = "console.log(JSON.stringify(Deno.args))";
  const child = spawn({
    ...inTerminal(Deno.execPath(), "eval", "--ext=js", code, "--", ...hostile),
    stdin: "null",
  });
  const text = await output(child);
  await child.closed;
  assertEquals(JSON.parse(text).slice(-hostile.length), hostile);
});

terminalTest("pty quotes for sh when the SHELL of the program is another, and leaves it that", async () => {
  for (const shell of ["/nowhere/it's", undefined]) {
    const env: Record<string, string> = shell === undefined ? {} : { SHELL: shell };
    const child = spawn({ ...inTerminal("env"), stdin: "null", env });
    const lines = (await output(child)).split("\r\n").filter((line) => line.startsWith("SHELL="));
    await child.closed;
    assertEquals(lines, shell === undefined ? [] : [`SHELL=${shell}`]);
  }
});

terminalTest("pty refuses a byte 0 as every start does when an argument has one", async () => {
  await Promise.resolve();
  assertThrows(() => spawn(inTerminal("echo", "a\0b")), TypeError);
});

terminalTest(
  "pty makes a program that holds its output back write each line at once when it is asked",
  async () => {
    const code = "import sys\nfor line in sys.stdin: print('got ' + line.strip())";
    const child = spawn(inTerminal("python3", "-c", code));
    const lines: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const read = child.readStdout((bytes) => {
      lines.push(new TextDecoder().decode(bytes));
      if (lines.join("").includes("\n")) resolve();
    });
    child.write(new TextEncoder().encode("one\n"));
    await promise;
    // The input is not echoed.
    assertEquals(lines.join(""), "got one\r\n");
    await child.closeStdin();
    await read;
    assertEquals((await child.exited).code, 0);
    await child.closed;
  },
  { needs: "python3" },
);

terminalTest("pty leaves nothing behind when it is stopped by SIGTERM or SIGKILL", async () => {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const mark = `6${Deno.pid}.${signal === "SIGTERM" ? 1 : 2}`;
    const child = spawn(inTerminal("sh", "-c", `sleep ${mark} & echo up; wait`));
    const { promise, resolve } = Promise.withResolvers<void>();
    const read = child.readStdout(() => resolve());
    await promise;
    assert(child.signal(signal));
    await child.exited;
    await untilGone(mark);
    await read;
    await child.closed;
  }
});

terminalTest(
  "pty reports a missing program before it starts a terminal when its folders may be read",
  async () => {
    await Promise.resolve();
    const lost = assertThrows(() => spawn(inTerminal("no-such-program")), ProgramNotFoundError);
    assertEquals(lost.program, "no-such-program");
  },
);

Deno.test("pty names the package when there is no script", () => {
  const error = new ProgramNotFoundError("script", { searched: ["/bin"] });
  assertMatch(error.message, /install util-linux, which has it \(on Debian and Ubuntu: bsdutils\)$/);
});

Deno.test("pty needs permission for script, not for its program, and is not for siblings", () => {
  const spec = { ...command("worker"), inheritEnv: [], pty: true };
  assertEquals(requiredForCommand(spec), [{ name: "run", value: "script" }]);
  assertEquals(siblingCommand(spec, ["x"]).pty, undefined);
});

/** What a `script` prints on stdout for `--version`: from the sources of util-linux, FreeBSD and macOS. */
const VERSIONS: readonly [os: string, version: string, kind: string][] = [
  ["linux", "script from util-linux 2.23.2\n", "echoing"],
  ["linux", "script from util-linux 2.34\n", "echoing"],
  ["linux", "script from util-linux 2.35\n", "quiet"],
  ["linux", "script from util-linux 2.38.1\n", "quiet"],
  ["linux", "script from util-linux 2.41-rc1\n", "quiet"],
  ["linux", "script von util-linux 3.0\n", "quiet"],
  ["darwin", "script from util-linux 2.40.2\n", "quiet"],
  // They know no such option, and say how they are used on stderr.
  ["darwin", "", "bsd"],
  ["freebsd", "", "bsd"],
  ["linux", "", "echoing"],
];

for (const [os, version, kind] of VERSIONS) {
  Deno.test(`script is taken for ${kind} when that of ${os} says ${JSON.stringify(version)}`, () => {
    assertEquals(scriptKind(version, { os }), kind);
  });
}

Deno.test("script has the options of its kind, and the environment of the program, when it runs that", () => {
  const argv = ["/a", "it's"];
  const line = (shell: string) => `${shell}; exec '/a' 'it'\\''s'`;
  const env = { A: "1", SHELL: "/x" };
  const noEcho = "stty -echo 2>/dev/null; ";
  assertEquals(terminalCommand(argv, { kind: "quiet", env }), {
    args: ["-q", "-e", "-f", "-E", "never", "-c", line("export SHELL='/x'"), "/dev/null"],
    env: { A: "1", SHELL: "/bin/sh" },
  });
  assertEquals(terminalCommand(argv, { kind: "echoing", env: {} }), {
    args: ["-q", "-e", "-f", "-c", noEcho + line("unset SHELL"), "/dev/null"],
    env: { SHELL: "/bin/sh" },
  });
  assertEquals(terminalCommand(argv, { kind: "bsd", env }), {
    args: ["-q", "/dev/null", "/bin/sh", "-c", `${noEcho}exec "$@"`, "sh", "/a", "it's"],
    env,
  });
});

/** Stands for the `script` of util-linux 2.34, which has no `--echo` and echoes what is sent. */
const OLD_SCRIPT = `#!/bin/sh
case " $* " in
*" --version "*) echo "script from util-linux 2.34"; exit ;;
*" -E "*) echo "script: invalid option -- 'E'" >&2; exit 1 ;;
esac
PATH=$REAL_PATH
exec script -E always "$@"
`;

terminalTest(
  "pty does not echo what is sent to a running program when its script has no --echo",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/script`, OLD_SCRIPT, { mode: 0o755 });
      const child = spawn({
        ...inTerminal("sh", "-c", 'echo up; read line; echo "got $line"; exit 7'),
        inheritEnv: [],
        env: { PATH: `${folder}:${PATH}`, REAL_PATH: PATH },
      });
      let text = "";
      const read = child.readStdout((bytes) => {
        if (text === "") child.write(new TextEncoder().encode("one\n"));
        text += new TextDecoder().decode(bytes);
      });
      assertEquals((await child.exited).code, 7);
      await read;
      await child.closed;
      assertEquals(text, "up\r\ngot one\r\n");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
