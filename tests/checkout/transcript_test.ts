/** README and the tutorial: their files are written, their commands typed, and what these print is what is shown. */
import { assert, assertEquals } from "@std/assert";
import { isShown, Machine, stepsOf } from "../support/transcript.ts";

for (const [name, least] of [["README.md", 5], ["docs/tutorial.md", 9]] as const) {
  Deno.test(`${name} shows what its commands print when they are typed in its order`, async () => {
    const page = await Deno.readTextFile(new URL(`../../${name}`, import.meta.url));
    await using machine = new Machine();
    let commands = 0;
    for (const step of stepsOf(page)) {
      if ("name" in step) {
        machine.write(step);
        continue;
      }
      const printed = await machine.type(step.command);
      assert(
        isShown(printed, step.shown),
        `$ ${step.command}\n${printed}\nis not what the page shows:\n${step.shown}`,
      );
      commands++;
    }
    assert(commands >= least, `${commands}`);
  });
}

Deno.test("isShown accepts other spaces, other numbers beside times, and any text for …; nothing else", () => {
  const shown = "a#1  ready  took 12 ms\n…\nlast: …!\n42\n";
  const cases: [string, boolean][] = [
    ["a#2 ready    took 1.5 ms\nx\ny\nlast: z!\n42\n", true],
    ["a#1 ready took 12 ms\nlast: !\n42\n", true],
    ["a#1 ready took ms\nlast: !\n42\n", false],
    ["b#1 ready took 12 ms\nlast: !\n42\n", false],
    ["a#1 ready took 12 ms\nlast: !\n43\n", false],
    ["a#1 ready took 12 ms\nx\n", false],
  ];
  assertEquals(cases.map(([printed]) => isShown(printed, shown)), cases.map(([, is]) => is));
  assertEquals(stepsOf("```ts ignore\n// a.ts\n1\n```\ntext\n```console\n$ ls\na.ts\n$ true\n```\n"), [
    { name: "a.ts", text: "// a.ts\n1\n" },
    { command: "ls", shown: "a.ts\n" },
    { command: "true", shown: "" },
  ]);
});
