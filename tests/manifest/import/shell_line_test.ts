/** Lines of a shell as programs with arguments: the same as a shell makes of them. */
import { assertEquals } from "@std/assert";
import { readShellLine } from "../../../src/manifest/import/shell_line.ts";
import { singleQuote } from "../../../src/text/shell_quote.ts";

/** Lines that a shell only splits; `show` prints its words. */
const SPLIT = [
  `show a  b\tc`,
  `show 'a b' "c d" e\\ f`,
  `show "a\\"b" 'c\\d' "e\\f" "g\\\\h" ''`,
  `show a'b'"c"d --x="y z" a=b`,
  `show "it's" 'say "no"' '$HOME' "cost: 5$" 5$ a#b # and no more`,
  `show 'a
b' c \\
  d`,
  `show "*" '?' \\* \\~ a~b { } a{b}c [ !`,
  `exec show a`,
  `show \\$HOME "\\$HOME" '\`id\`' "\\\`id\\\`"`,
  "show a\\ ",
  "show b\\",
  "show c \\\n",
  `show é 😀 "|" '&&' \\; \\> "(x)"`,
];

Deno.test("readShellLine splits a line as sh does when a shell would only split it", async () => {
  const script = [
    "show() { printf '%s\\0' \"$@\"; printf '\\1'; }",
    ...SPLIT.map((line) => `eval ${singleQuote(line.replace(/^exec /, ""))}`),
  ];
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script.join("\n")] }).output();
  const said = new TextDecoder().decode(stdout).split("\x01").slice(0, -1).map((text) =>
    text.split("\0").slice(0, -1)
  );
  const read = SPLIT.map((line) => readShellLine(line));
  assertEquals(
    read.map(({ command, shellFor }) => [command, shellFor]),
    SPLIT.map(() => ["show", undefined]),
  );
  assertEquals(read.map(({ args }) => [...args]), said);
});

Deno.test("readShellLine names what needs a shell, and puts exec before a line of one command", () => {
  const cases = [
    ["./web -p $PORT", "a variable", "exec ./web -p $PORT"],
    ['./web "${PORT:-80}"', "a variable", 'exec ./web "${PORT:-80}"'],
    ["ls *.log", "a pattern of file names", "exec ls *.log"],
    ["~/bin/web", '"~"', "exec ~/bin/web"],
    ["web > log 2>&1", "a redirection", "exec web > log 2>&1"],
    ["web `id -u`", "the output of a command", "exec web `id -u`"],
    ["web | tee log", "a pipe", undefined],
    ["a && b", '"&&"', undefined],
    ["a; b", '";"', undefined],
    ["a & b", '"&"', undefined],
    ["(a)", "parentheses", undefined],
    ["a\nb", "several lines", undefined],
    ["cd app", '"cd", which is the shell\'s own', undefined],
    ["if a", '"if", which is the shell\'s own', undefined],
    ["A=$B web", "a variable", undefined],
    ["echo 'a\\nb'", "the shell's own echo", undefined],
    ["echo 'a", "a quote without an end", undefined],
    ["A=1", "a line without a program", undefined],
  ] as const;
  for (const [line, reason, runs = line] of cases) {
    const { command, args, shellFor } = readShellLine(line);
    assertEquals([command, ...args, shellFor], ["sh", "-c", runs, reason], line);
  }
});

Deno.test("readShellLine takes bash when only that reads the line as it is meant, and the shell that it is told", () => {
  for (
    const line of [
      "[[ -f a ]] && b",
      "diff <(a) <(b)",
      "set -o pipefail; a | b",
      "echo {1..3}",
      "a &> log",
      "echo ${A//x/y}",
    ]
  ) {
    assertEquals(readShellLine(line).command, "bash", line);
  }
  for (const line of ["[ -f a ] && b", "echo $((1 + 2))", "a ${B:-c} ${B%x}", "a > log 2>&1", "a >&2"]) {
    assertEquals(readShellLine(line).command, "sh", line);
  }
  assertEquals(readShellLine("a | b", "zsh").command, "zsh");
});

Deno.test("readShellLine sets variables before the program as variables, when each is a text", () => {
  const { command, args, env } = readShellLine(`A=1 B='x y' C= node a.js D=2`);
  assertEquals([command, args, env], ["node", ["a.js", "D=2"], { A: "1", B: "x y", C: "" }]);
  assertEquals(readShellLine(`'A=1' x`).command, "A=1");
});

Deno.test("readShellLine lists the variables that a line refers to and does not set", () => {
  const { variables } = readShellLine(
    "X=5; for f in a b; do echo $f $X \"$HOST\" ${PORT:-1} '$NOT' \\$NEITHER; done",
  );
  assertEquals(variables, ["HOST", "PORT"]);
});

Deno.test("readShellLine ends in the time of a glance when a line is as long as an argument can be", () => {
  for (const piece of ["{a,", "a=", "${", "'", '"$', "\\", "for ", "read -a ", "$(", " ~", " "]) {
    const line = piece.repeat(Math.floor(100_000 / piece.length));
    const before = performance.now();
    readShellLine(line);
    assertEquals(performance.now() - before < 5_000, true, singleQuote(piece));
  }
});
