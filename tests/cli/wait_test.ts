/** `outrider wait`: whom it waits for, and when it does not wait any longer. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Folder, outrider, Running } from "./outrider.ts";

const sleeper = { id: "web", command: "sleep", args: ["1000"] };
const failing = { id: "job", command: "sh", args: ["-c", "exit 3"], restart: "temporary" };
const done = { id: "done", command: "true", restart: "temporary" };

for (
  const [what, children, args, why] of [
    ["a job has failed for good", [sleeper, failing], [], "the tree to be ready: 'job' has failed"],
    [
      "what it names waits for a job that has failed for good",
      [{ ...sleeper, id: "other" }, failing, {
        ...sleeper,
        after: [{ id: "job", condition: "completed_successfully" }],
      }],
      ["web"],
      "'web' to be ready: it waits for 'job', which has failed",
    ],
    [
      "a quarantine has no end by itself",
      [sleeper, { id: "sick", command: "false" }],
      ["sick"],
      "'sick' to be ready: it is in quarantine",
    ],
    [
      "a member of a group has failed for good",
      [{ id: "team", children: [sleeper, failing] }],
      ["team"],
      "'team' to be ready: 'team/job' has failed",
    ],
  ] as const
) {
  Deno.test(`wait ends with 1, and says whose turn it is, when ${what}`, async () => {
    await using folder = new Folder();
    const file = folder.manifest(children, {
      intensity: { restarts: 0, within: "1m" },
      onLimit: { quarantine: {} },
    });
    await using _up = new Running(["up", file]);
    const { code, stderr } = await outrider(["wait", file, ...args, "--timeout", "1m"]);
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, `Cannot wait for ${why}, and only a request starts it`);
  });
}

Deno.test("wait names those alone that are waited for when its time is over", async () => {
  await using folder = new Folder();
  const slow = { ...sleeper, id: "slow", ready: { stdout: "never", within: "1h" } };
  const file = folder.manifest([done, { ...sleeper, id: "byHand", start: false }, sleeper, slow]);
  await using up = new Running(["up", file]);
  await up.line(/done#1 +finished/);
  await up.line(/web#1 +ready/);
  const { code, stderr } = await outrider(["wait", file, "--timeout", "1s"]);
  assertEquals(code, 5, stderr);
  assertStringIncludes(stderr, "Not ready: slow (starting)\n");
});
