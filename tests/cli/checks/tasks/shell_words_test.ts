/** How a task's command line falls into words. */
import { assertEquals } from "@std/assert";
import { commandsOf } from "../../../../src/cli/checks/tasks/shell_words.ts";

/** Each command's words; an open one in angle brackets. */
function words(task: string): string[][] {
  return commandsOf(task).map((command) => command.map(({ text, open }) => open ? `<${text}>` : text));
}

for (
  const [task, expected] of [
    ["", []],
    ["  deno   run\tx.ts ", [["deno", "run", "x.ts"]]],
    ["a && b||c; d | e & f\ng", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"], ["g"]]],
    ["(cd x && y)", [["cd", "x"], ["y"]]],
    [`--a='x y',"z w"`, [["--a=x y,z w"]]],
    [`'a\\b' a\\ b "x\\"y" "a\\b" ''`, [["a\\b", "a b", 'x"y', "a\\b", ""]]],
    [`'$A' \\$B "\\$C"`, [["$A", "$B", "$C"]]],
    [`$A "x$B" a$C`, [["<$A>", "<x$B>", "<a$C>"]]],
    [`x $(a "b" (c) && d) y`, [["x", '<$(a "b" (c) && d)>', "y"]]],
    ["--x=\"s,$(deno eval 'f(1)')\" `a b`z", [["<--x=s,$(deno eval 'f(1)')>", "<`a b`z>"]]],
    ["~/x a~b", [["<~/x>", "a~b"]]],
    [`a 'b c`, [["a", "<b c>"]]],
    ["a $(b", [["a", "<$(b>"]]],
    ["a `b", [["a", "<`b>"]]],
    ["# all of it\na # b && c\nd#e \\", [["a"], ["d#e", ""]]],
  ] as const
) {
  Deno.test(`words of ${JSON.stringify(task)}`, () => {
    assertEquals(words(task), expected.map((command) => [...command]));
  });
}
