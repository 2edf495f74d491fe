import { assertEquals } from "@std/assert";
import { commandLineHint } from "../../src/options/launcher.ts";

Deno.test("a whole command line as a program is answered with its words apart, or with a shell where one is meant", () => {
  const cases: readonly (readonly [program: string, written: string | undefined])[] = [
    ["node server.js", '"command": "node", "args": ["server.js"]'],
    [`./web --name "a b" --port=1`, '"command": "./web", "args": ["--name", "a b", "--port=1"]'],
    ["cd app && node .", '"command": "sh", "args": ["-c", "cd app && node ."]'],
    ["PORT=1 node .", '"command": "sh", "args": ["-c", "PORT=1 node ."]'],
    ["/srv/my app/web", undefined],
    ["node", undefined],
  ];
  for (const [program, written] of cases) {
    const hint = written && `write its arguments apart, into "args": ${written}`;
    assertEquals(commandLineHint(program), hint, program);
  }
});
