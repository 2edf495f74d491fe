/** `outrider reopen`: log files are opened anew at once, so that others may move them away. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkout, Folder, Running, words } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

const counting =
  "i=0; while [ ! -e end ]; do i=$((i+1)); echo $i; sleep 0.002; done; echo $i > count; exec sleep 600";

function numbersIn(text: string): number[] {
  return text.split("\n").flatMap((line) => / stdout {6}(\d+)$/.exec(line)?.[1] ?? []).map(Number);
}

/** The command behind `postrotate` in the docs, on `file` here. */
function postrotate(file: string): string {
  const docs = Deno.readTextFileSync(`${checkout}docs/output.md`);
  const [, command] = /postrotate\n +outrider (.*) \/srv\/shop\/outrider\.json\n +endscript/.exec(docs)!;
  const quoted = [...words(command!.split(" ")), file].map((word) => `'${word}'`);
  return quoted.join(" ");
}

Deno.test("reopen has nothing more written to a file that logrotate has moved, and no line is lost", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "web", command: "sh", args: ["-c", counting] }], {
    log: { file: "shop.log", max: "infinity" },
  });
  const log = `${folder.path}/shop.log`;
  await using up = new Running(["up", file], { cwd: folder.path });
  await up.line(/web#1 +stdout +20$/);
  const moved: string[] = [];
  for (const number of [1, 2, 3]) {
    // As logrotate does: move it, run the script, compress what was moved.
    const script = `mv '${log}' '${log}.${number}' && ${postrotate(file)} && cat '${log}.${number}'`;
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", script],
      env: { XDG_STATE_HOME: `${Deno.env.get("TMPDIR") ?? "/tmp"}/outrider-test-state` },
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    assertStringIncludes(text, `${log}: reopened\n`);
    moved.push(text);
  }
  folder.write("end", "");
  assertEquals((await outrider(["down", file])).code, 0);
  await up.ended();
  for (const [index, text] of moved.entries()) {
    const later = Deno.readTextFileSync(`${log}.${index + 1}`);
    assertStringIncludes(text, later);
  }
  const numbers = numbersIn([...moved, Deno.readTextFileSync(log)].join(""));
  assertEquals(numbers, Array.from(numbers, (_, index) => index + 1));
  assertEquals(Deno.statSync(log).mode! & 0o777, 0o600);
});

Deno.test("reopen takes the files of the children that are named, and says which can't be opened", async () => {
  await using folder = new Folder();
  const child = (id: string) => ({ id, command: "sh", args: ["-c", "echo there; exec sleep 600"] });
  folder.manifest([child("web"), { id: "team", log: { dir: "team" }, children: [child("a"), child("b")] }], {
    log: { file: "all.log" },
  });
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const reopen = (...args: string[]) => outrider(["reopen", ...args], { cwd: folder.path });
  const file = (name: string) => `${folder.path}/${name}: reopened\n`;
  assertEquals(await reopen("team/a"), { code: 0, stdout: file("team/team+a.log"), stderr: "" });
  const all = await reopen();
  assertEquals(
    all.stdout.split("\n").sort().join("\n"),
    [
      "",
      ...["all.log", "team/team+a.log", "team/team+b.log", "team/team.log"].map((name) => file(name).trim()),
    ].join("\n"),
  );
  const unknown = await reopen("tema");
  assertEquals([unknown.code, unknown.stdout], [2, ""]);
  assertStringIncludes(unknown.stderr, "did you mean 'team'?");
  await Deno.remove(`${folder.path}/all.log`);
  await Deno.symlink("/dev/null", `${folder.path}/all.log`);
  const refused = await reopen();
  assertEquals([refused.code, refused.stdout], [1, ""]);
  assertStringIncludes(refused.stderr, `all.log: it is a link; name the file that it leads to, or remove it`);
  await Deno.remove(`${folder.path}/all.log`);
  assertEquals((await reopen("web")).code, 0);
  assertEquals((await outrider(["down"], { cwd: folder.path })).code, 0);
  await up.ended();
  const team = ["a", "b"].map((id) => Deno.readTextFileSync(`${folder.path}/team/team+${id}.log`));
  for (const text of team) assertStringIncludes(text, "stdout      there\n");
});

Deno.test("reopen is refused when the tree writes to no file", async () => {
  await using folder = new Folder();
  folder.manifest([{ id: "web", command: "sleep", args: ["600"] }]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const { code, stderr } = await outrider(["reopen"], { cwd: folder.path });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Cannot reopen log files: the tree writes to none");
  up.signal("SIGTERM");
  await up.ended();
});
