/** `outrider unit`, and what a unit of systemd is told: run with its exact command line, beside something that listens as systemd does. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkout, Folder, Running } from "../cli/outrider.ts";
import { Session } from "../cli/session.ts";

const { outrider } = new Session();

const SERVER = {
  id: "server",
  command: "sh",
  args: ["-c", "echo up; exec sleep 60"],
  ready: { stdout: "up" },
};

const hasSystemd = (() => {
  try {
    return new Deno.Command("systemd-analyze", { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
})();

/** The words of `ExecStart=`, with `%t` as `runtime`. */
function commandOf(unit: string, runtime: string): string[] {
  const [, line = ""] = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(unit) ?? [];
  return line.replaceAll("\\\n", " ").trim().split(/\s+/).map((word) => word.replaceAll("%t", runtime));
}

Deno.test({
  name: hasSystemd
    ? "systemd-analyze finds no fault in a unit, whatever the name of its file"
    : "systemd-analyze finds no fault in a unit (skipped: needs systemd-analyze)",
  ignore: !hasSystemd,
  async fn() {
    await using folder = new Folder();
    for (
      const [name, more] of [["app.json", []], ['100 % "of" $HOME.json', []], ["app.json", [
        "--user",
      ]]] as const
    ) {
      const file = folder.write(name, { name: "app", children: [{ ...SERVER, stop: { term: "40s" } }] });
      const { code, stdout, stderr } = await outrider(["unit", file, ...more]);
      assertEquals([code, stderr], [0, ""]);
      assertMatch(stdout, /^Type=notify$/m);
      assertMatch(stdout, /^TimeoutStopSec=48$/m); // 40 s, 3 s beyond the sequence, 5 s more
      assertMatch(stdout, /^RestartPreventExitStatus=2 3$/m);
      assertMatch(stdout, /^Environment="?PATH=/m);
      assertEquals(/^User=/m.test(stdout), more.length === 0 && Deno.env.get("USER") !== undefined);
      const unit = folder.path + "/tree.service";
      await Deno.writeTextFile(unit, stdout);
      const verify = await new Deno.Command("systemd-analyze", { args: ["verify", unit] }).output();
      assertEquals([verify.code, new TextDecoder().decode(verify.stderr)], [0, ""]);
    }
  },
});

Deno.test("the command line of a unit tells systemd that it is ready, lives, and stops, with its exact flags", async () => {
  await using folder = new Folder();
  const runtime = folder.path;
  await Deno.mkdir(`${runtime}/systemd`);
  await Deno.mkdir(`${runtime}/outrider-tree`);
  const socket = `${runtime}/systemd/notify`;
  const listens = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-net", `${checkout}tests/fixtures/listens_as_systemd.ts`, socket],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  await using systemd = new Running(listens);
  await systemd.line(/listening/);
  const { stdout } = await outrider(["unit", folder.manifest([SERVER])]);
  const [deno, ...args] = commandOf(stdout, runtime);
  await using up = new Running(
    new Deno.Command(deno!, {
      args,
      env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: "200000", RUNTIME_DIRECTORY: `${runtime}/outrider-tree` },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }),
  );
  await systemd.line(/^READY=1$/);
  await systemd.line(/^STATUS=running, 1 of 1 well$/);
  await systemd.line(/^WATCHDOG=1$/);
  assert(!systemd.lines.includes("STOPPING=1"));
  up.signal("SIGTERM");
  await systemd.line(/^STOPPING=1$/);
  assertEquals(await up.ended(), { code: 0, stderr: "" });
  systemd.signal("SIGKILL");
});

Deno.test("a unit and a job have the places of their maker, and name what else the manifest reads", async () => {
  await using folder = new Folder();
  const env = { TOKEN: { from: "THE_TOKEN", default: "" }, HERE: { from: "HOME" } };
  const file = folder.manifest([{ ...SERVER, env }]);
  const made = { PATH: `/a %b:${Deno.env.get("PATH")}`, HOME: "/home/ann", USER: "ann", THE_TOKEN: "hidden" };
  const options = {
    env: { ...made, DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno` },
  };
  const { stdout } = await outrider(["unit", file], options);
  assertMatch(stdout, /^User=ann$/m);
  assertMatch(stdout, /^Environment="PATH=\/a %%b:/m);
  assertMatch(stdout, /^Environment=HOME=\/home\/ann$/m);
  assertStringIncludes(stdout, `Environment=DENO_DIR=${options.env.DENO_DIR}\n`);
  assertMatch(stdout, /^#Environment=THE_TOKEN=$/m);
  assert(!stdout.includes("hidden"));
  const { stdout: job } = await outrider(["unit", file, "--format", "launchd"], options);
  assertMatch(job, /<key>PATH<\/key>\s*<string>\/a %b:/);
  assertMatch(job, /<key>DENO_DIR<\/key>/);
  assertMatch(job, /<!-- The manifest reads this, too: THE_TOKEN -->/);
  assert(!job.includes("hidden"));
  const { stdout: own } = await outrider(["unit", file, "--user"], options);
  assert(!own.includes("User="));
});

Deno.test("up --notify is refused in words when systemd has set nothing", async () => {
  await using folder = new Folder();
  const { code, stderr } = await outrider(["up", folder.manifest([SERVER]), "--notify"]);
  assertEquals(code, 2);
  assertStringIncludes(
    stderr,
    "Cannot notify systemd: NOTIFY_SOCKET is not set; --notify is for a unit of Type=notify",
  );
});

Deno.test("a job of launchd has each word of the command line, and the time of a stop", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ ...SERVER, args: ["-c", "true"] }]);
  const { code, stdout } = await outrider(["unit", file, "--format", "launchd"]);
  assertEquals(code, 0);
  assertMatch(stdout, /<string>--allow-run=sh<\/string>/);
  assertMatch(stdout, /<key>ExitTimeOut<\/key>\s*<integer>13<\/integer>/);
  assert(!stdout.includes("--notify"));
});

for (
  const [name, format, says] of [
    ["back\\", "systemd", "has a line break, or a backslash at its end"],
    ["two\nlines", "systemd", "has a line break, or a backslash at its end"],
    ["esc\u001b", "systemd", "can't be printed"],
    ["esc\u001b", "launchd", "can't be printed"],
    ["rtl\u202e", "launchd", "can't be printed"],
  ] as const
) {
  Deno.test(`unit refuses a folder for ${format} when it is named ${JSON.stringify(name)}`, async () => {
    await using folder = new Folder();
    await Deno.mkdir(`${folder.path}/${name}`);
    await Deno.rename(folder.manifest([SERVER]), `${folder.path}/${name}/m.json`);
    const args = ["unit", `${folder.path}/${name}/m.json`, "--format", format];
    const { code, stdout, stderr } = await outrider(args);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, `Cannot make a service of this for ${format}: the folder `);
    assertStringIncludes(stderr, says);
  });
}

Deno.test("the description of a unit stays one printed line when that of the tree does not", async () => {
  await using folder = new Folder();
  const file = folder.manifest([SERVER], { description: "a\u202eb\\" });
  const { stdout } = await outrider(["unit", file]);
  assertStringIncludes(stdout, "\nDescription=a\\u202eb\nWants=");
});
