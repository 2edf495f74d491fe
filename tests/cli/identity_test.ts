/** Users by name, a priority, a umask and a description of a sidecar, as an operator meets them. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const { outrider } = new Session();

const as = "id -un >&2; umask >&2; nice >&2; exec sleep 1000";

Deno.test({
  name: "up runs a sidecar as its user with its priority and umask when Deno grants the printed flags alone",
  ignore: Deno.uid() !== 0,
  async fn() {
    await using folder = new Folder();
    await Deno.chmod(folder.path, 0o755);
    const child = { id: "web", command: "sh", args: ["-c", as], cwd: "/", nice: 3, umask: "027" };
    const file = folder.manifest([{ ...child, user: "daemon" }]);
    const { stdout } = await outrider(["permissions", file]);
    assertEquals(
      stdout.trim(),
      `--allow-run=nice --allow-env=PATH,HOME,LANG,TERM,TMPDIR,USER --allow-read=${file},/etc/passwd`,
    );
    await using up = new Running(["up", file], { flags: stdout.trim().split(" ") });
    await up.line(/web#1 +stderr +daemon$/);
    await up.line(/web#1 +stderr +0027$/);
    // As `nice` has it, counted from what the runtime has.
    const own = new TextDecoder().decode((await new Deno.Command("nice").output()).stdout);
    await up.line(new RegExp(`web#1 +stderr +${Math.min(19, Number(own) + 3)}$`));
    up.signal("SIGTERM");
    assertEquals((await up.ended()).code, 0);
    const check = await outrider(["check", file]);
    assertEquals(check.code, 0, check.stdout + check.stderr);
  },
});

Deno.test("check names an account that is not there, and settings that exclude each other", async () => {
  await using folder = new Folder();
  const bad = (more: Record<string, unknown>) => folder.manifest([{ id: "web", command: "cat", ...more }]);
  const said = async (more: Record<string, unknown>) => {
    const { code, stdout, stderr } = await outrider(["check", bad(more)]);
    assertEquals(code === 0, false);
    return stdout + stderr;
  };
  assertStringIncludes(
    await said({ user: "no-such", cwd: "/" }),
    `there is no user "no-such" in /etc/passwd`,
  );
  assertStringIncludes(
    await said({ user: "daemon", uid: 1 }),
    `"user" and "uid" say the same; leave out one`,
  );
  assertStringIncludes(await said({ user: "1000" }), `must be a name; a number goes into "uid" or "gid"`);
  assertStringIncludes(await said({ umask: "27" }), `must be 3 or 4 octal digits, such as "027"`);
  assertMatch(await said({ nice: 20 }), /nice {2}must be 19 or less/);
});

Deno.test("check warns of a nice below 0 when the program does not run as root", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "web", command: "cat", cwd: "/", nice: -5, uid: 1, gid: 1 }]);
  const { stdout, stderr } = await outrider(["check", file]);
  assertStringIncludes(
    stdout + stderr,
    `web: only root may have a "nice" below 0: it keeps that of Outrider`,
  );
});

Deno.test("a description is shown by status, explain and the unit of the tree", async () => {
  await using folder = new Folder();
  const web = { id: "web", command: "cat", description: "the shop's front" };
  const crew = {
    id: "crew",
    size: 1,
    description: "two hands",
    sidecar: { command: "cat", protocol: "lines" },
  };
  const group = { id: "group", description: "the rest", children: [{ ...web, id: "other" }] };
  const file = folder.manifest([web, crew, group], { description: "the shop, 100% ours" });
  await using up = new Running(["up", file]);
  await up.line(/tree +ready/);
  const { children } = JSON.parse((await outrider(["status", "--json", file])).stdout);
  assertEquals(
    children.map(({ path, description }: Record<string, unknown>) => [path, description]),
    [["web", "the shop's front"], ["crew", "two hands"], ["crew/1", undefined], ["group", "the rest"], [
      "group/other",
      "the shop's front",
    ]],
  );
  assertMatch((await outrider(["explain", file, "web"])).stdout, /^web: the shop's front\n\n/);
  assertMatch((await outrider(["unit", file])).stdout, /^Description=the shop, 100%% ours$/m);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
});
