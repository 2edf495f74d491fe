/** What `ask` and `pipe` say of a program that greets, and of children that are not there. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder } from "../outrider.ts";
import { Session } from "../session.ts";
import { fed } from "./talking.ts";
import { HERE } from "../../../src/manifest/resolve/platform.ts";

const session = new Session();
const GREETS = { id: "main", command: "sh", args: ["-c", "echo welcome; exec cat"], protocol: "lines" };
const SAID =
  `'main' wrote 1 line more than it was asked for. A greeting counts as the first reply, unless its start ` +
  `waits for it: "ready": { "stdout": "a pattern of the greeting" }\n`;

Deno.test("ask says that a greeting may be the reply when a line more has come", async () => {
  await using folder = new Folder();
  const { code, stdout, stderr } = await session.run(["ask", folder.manifest([GREETS]), "main", "hello"]);
  assertEquals([code, stdout, stderr], [0, "welcome\n", SAID]);
});

Deno.test("pipe says that replies may be shifted when a line more has come", async () => {
  await using folder = new Folder();
  const file = folder.manifest([GREETS]);
  const { code, stdout, stderr } = await fed(["pipe", file, "main"], "a\nb\n");
  assertEquals([code, stdout, stderr], [0, "welcome\na\n", SAID]);
});

Deno.test("ask says nothing of greetings when the start waits for it", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ ...GREETS, ready: { stdout: "welcome" } }]);
  const { code, stdout, stderr } = await session.run(["ask", file, "main", "hello"]);
  assertEquals([code, stdout, stderr], [0, "hello\n", ""]);
});

Deno.test("ask says nothing of greetings when a mark pairs the replies and a line comes at the end", async () => {
  await using folder = new Folder();
  const protocol = { type: "lines", pairing: { mark: "echo {mark}" } };
  const file = folder.manifest([{ id: "main", command: "sh", args: ["-c", "sh; echo bye"], protocol }]);
  const { code, stdout, stderr } = await session.run(["ask", file, "main", "echo hello"]);
  assertEquals([code, stdout, stderr], [0, "hello\n", ""]);
});

Deno.test("ask and explain name a template, and what is for another platform, when that is CHILD", async () => {
  await using folder = new Folder();
  const elsewhere = HERE.startsWith("windows") ? "linux" : "windows";
  const file = folder.manifest([GREETS, { id: "there", command: "x", platforms: [elsewhere] }], {
    templates: [{ id: "render", command: "cat" }, { id: "ps", command: "cat", platforms: [elsewhere] }],
  });
  const cases = {
    render: "it is a template, which a program of yours starts with its arguments",
    ps: `it is for ${elsewhere}, and this is ${HERE}`,
    there: `it is for ${elsewhere}, and this is ${HERE}`,
  };
  for (const [id, why] of Object.entries(cases)) {
    for (const args of [["ask", file, id, "x"], ["explain", file, id]]) {
      const { code, stderr } = await session.run(args);
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, `'${id}': ${why}\n`);
    }
  }
});
