/** What a start costs, and the permission of `setsid`: who is given it, who is refused it, and what is said of it. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async";
import { hasSetsid, putSetsid } from "../../process/start/setsid.ts";
import { Folder, Running, words } from "../outrider.ts";
import { Session } from "../session.ts";

const narrow = { id: "cat", command: "cat", protocol: "lines", inheritEnv: [] };
const wide = { id: "sh", command: "sh", args: ["-c", "exec cat"], inheritEnv: [] };
const SETSID = /[=,]setsid( |,|$)/m;
const ignore = !hasSetsid;

const session = new Session();
const { outrider } = session;

/** What `permissions` prints, as flags. */
async function printed(file: string, ...more: string[]) {
  const { code, stdout, stderr } = await session.run(["permissions", file, ...more]);
  assertEquals(code, 0);
  return { flags: stdout.trim().split(" "), stdout, stderr };
}

Deno.test({
  name: "permissions lists setsid with --contain, and without it never",
  ignore,
  async fn() {
    await using folder = new Folder();
    for (const children of [[narrow], [wide]]) {
      const file = folder.manifest(children);
      assert(!SETSID.test((await printed(file)).stdout));
      const { stdout, stderr } = await printed(file, "--contain");
      assertMatch(stdout, SETSID);
      assertEquals(stderr, "");
    }
  },
});

Deno.test({
  name: "permissions lists setsid for a strict manifest when another of its programs can run anything",
  ignore,
  async fn() {
    await using folder = new Folder();
    const cases: [children: object[], more: object, listed: boolean][] = [
      [[narrow], {}, false],
      [[{ ...narrow, command: "/usr/bin/cat" }], {}, false],
      [[wide], {}, true],
      [[{ ...narrow, command: "/usr/bin/cat", launcher: ["nice"] }], {}, true],
      [[narrow], { onHostDeath: "guard" }, true],
      [[{ ...narrow, env: { LD_LIBRARY_PATH: "/x" } }], {}, true],
    ];
    for (const [children, more, listed] of cases) {
      const file = folder.manifest(children, { permissions: "strict", ...more });
      const { flags, stdout, stderr } = await printed(file, "--contain");
      // All of --allow-run is that of setsid, too.
      assertEquals([children, SETSID.test(stdout) || flags.includes("--allow-run")], [children, listed]);
      assertEquals(stderr === "", listed);
      if (!listed) {
        assertMatch(stderr, /^Not listed: setsid, .*: it can run anything, and nothing else .* can\n$/);
      }
      const up = await outrider(["up", file, "--for", "50ms"], { flags });
      assertEquals([children, up.code, up.stderr], [children, 0, ""]);
    }
  },
});

Deno.test({
  name: "a strict manifest is refused when setsid may be run and nothing else can run anything",
  ignore,
  async fn() {
    await using folder = new Folder();
    const file = folder.manifest([narrow], { permissions: "strict" });
    const { flags } = await printed(file);
    const more = flags.map((flag) => flag.replace("=cat", "=cat,setsid"));
    const { code, stderr } = await outrider(["up", file], { flags: more });
    assertEquals(code, 3);
    assertStringIncludes(
      stderr,
      "\n  remove setsid from --allow-run: it starts the program that its arguments name\n",
    );
    const check = await outrider(["check", file], { flags: more });
    assertStringIncludes(check.stderr, "    remove setsid from --allow-run: it starts the program");
  },
});

Deno.test({
  name: "check warns of setsid when it may be run and no program of the manifest can run anything",
  ignore,
  async fn() {
    await using folder = new Folder();
    const warning = '  "setsid" starts the program that its arguments name, so the permission to run it is';
    const check = async (child: object, run: string) => {
      const flags = [run, "--allow-read", "--allow-env"];
      return (await outrider(["check", folder.manifest([child])], { flags })).stderr.includes(warning);
    };
    assertEquals(await check(narrow, "--allow-run=cat,setsid"), true);
    assertEquals(await check(narrow, "--allow-run=cat"), false);
    assertEquals(await check(narrow, "--allow-run"), false);
    assertEquals(await check(wide, "--allow-run=sh,setsid"), false);
  },
});

Deno.test({
  name: "check says what a start costs, and why",
  ignore,
  async fn() {
    await using folder = new Folder();
    const say = async (
      { children = [narrow], run, more = {}, env = {} }: {
        children?: object[];
        run: string;
        more?: object;
        env?: Record<string, string>;
      },
    ) => {
      const flags = [run, "--allow-read", "--allow-env", "--allow-sys=uid"];
      const file = folder.manifest(children, { ...more });
      const { stdout } = await outrider(["check", file], { flags, env });
      return stdout.split("\n").map((line) => line.trim()).filter((line) => /^(a start|that of) /.test(line));
    };
    const forks = "Deno forks: 6 ms, and 2 ms more for each 100 MB of memory that the runtime holds";
    const cheap =
      "a start of a program pauses everything else in Outrider for 2 ms, however much memory Outrider holds: it goes through ";
    for (const run of ["--allow-run", "--allow-run=cat,setsid"]) {
      const [line, ...none] = await say({ run });
      assertMatch(line!, /however much memory Outrider holds: it goes through \/(usr\/)?bin\/setsid$/);
      assertEquals(none, []);
    }
    assertEquals(await say({ run: "--allow-run=cat" }), [
      `a start of a program pauses everything else in Outrider, as ${forks}; --allow-run=setsid avoids that, and is the permission to run anything`,
    ]);
    // A strict manifest would be refused with it.
    assertEquals(await say({ run: "--allow-run=cat", more: { permissions: "strict" } }), [
      `a start of a program pauses everything else in Outrider, as ${forks}`,
    ]);
    if (Deno.uid() === 0) {
      const children = [narrow, { ...narrow, id: "other", uid: 65534, gid: 65534 }];
      const [line, other] = await say({ children, run: "--allow-run" });
      assertStringIncludes(line!, cheap);
      assertEquals(other, `that of other pauses it for longer: as another user or group ${forks}`);
    }
    const linked = [{ ...narrow, env: { LD_BIND_NOW: "1" } }];
    assertMatch(
      (await say({ children: linked, run: "--allow-run" }))[1]!,
      /^that of cat .* dynamic linker Deno forks/,
    );
    const file = folder.manifest([{ ...narrow, command: "/usr/bin/cat" }]);
    const flags = ["--allow-run=/usr/bin/cat,setsid", `--allow-read=${file}`, "--allow-env"];
    assertMatch(
      (await outrider(["check", file], { flags })).stdout,
      /that of cat pauses .* the first time: .*/,
    );
    const bin = putSetsid(folder, "");
    Deno.chmodSync(bin, 0o777);
    const env = { PATH: `${bin}:${Deno.env.get("PATH")}` };
    assertEquals(await say({ run: "--allow-run", env }), [
      `a start of a program pauses everything else in Outrider, as ${forks}; setsid can't be used: others may write to ${bin} (mode 0777)`,
    ]);
  },
});

Deno.test({
  name:
    "a task that grants setsid is as it should be, but for a strict manifest that lets nothing run anything",
  ignore,
  async fn() {
    await using folder = new Folder();
    const run =
      "deno run --allow-run=cat,setsid -R=outrider.json jsr:@outrider/outrider/cli up outrider.json";
    folder.write("deno.json", { tasks: { up: run } });
    const check = async (more: object) =>
      (await session.run(["check", folder.manifest([narrow], { ...more })])).stderr;
    assertEquals(await check({}), "");
    assertStringIncludes(
      await check({ permissions: "strict" }),
      "--allow-run has setsid, and needs cat",
    );
  },
});

Deno.test({
  name: "a sidecar leads a session of its own when it is started through setsid under the printed flags",
  ignore,
  async fn() {
    await using folder = new Folder();
    const bin = putSetsid(folder, "");
    const env = { XDG_STATE_HOME: folder.path, PATH: `${bin}:${Deno.env.get("PATH")}` };
    const file = folder.manifest([{ ...wide, inheritEnv: ["PATH"] }]);
    const { stdout } = await outrider(["permissions", file, "--contain"], { env });
    const flags = stdout.trim().split(" ").map((flag) =>
      flag.startsWith("--allow-read=") ? `${flag},/` : flag
    );
    await using up = new Running(["up", file], { flags, env });
    await up.line(/tree +ready/);
    const starts = () => Deno.readTextFileSync(`${folder.path}/starts`);
    while (!starts().endsWith("\n")) await delay(10);
    up.signal("SIGTERM");
    assertEquals(await up.ended(), { code: 0, stderr: "" });
    assertMatch(starts(), /^\/\S+\/sh -c exec cat\n$/);
  },
});

Deno.test({
  name:
    "a runtime of root hands its supplementary groups on when it starts through setsid, and not when Deno starts",
  ignore: ignore || Deno.uid() !== 0,
  async fn() {
    await using folder = new Folder();
    const id = (id: string, more: object) => ({
      id,
      command: "id",
      args: ["-G"],
      restart: "temporary",
      ...more,
    });
    const file = folder.manifest([
      id("setsid", {}),
      id("linker", { env: { LD_LIBRARY_PATH: "/nowhere" } }),
      id("user", { uid: 65_534, gid: 65_534, cwd: "/" }),
    ]);
    const { stdout } = await new Deno.Command("setpriv", {
      args: ["--groups", "4242", ...words(["up", file])],
      env: { NO_COLOR: "1", XDG_STATE_HOME: folder.path },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    const groups = (id: string) => new RegExp(`${id}#1 +stdout +(.*)$`, "m").exec(text)?.[1];
    assertEquals([groups("setsid"), groups("linker"), groups("user")], ["0 4242", "0", "65534"]);
  },
});
