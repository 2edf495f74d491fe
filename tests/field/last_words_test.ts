/**
 * Real programs that fail in the ways people see: the error of each names the cause, whatever stands behind it.
 *
 * @module
 */
import { assertEquals, assertInstanceOf, assertMatch, assertNotMatch } from "@std/assert";
import { SidecarExitedError } from "@outrider/outrider";
import { causeOf } from "@outrider/outrider/actor";
import { Folder } from "../cli/outrider.ts";
import { Probe } from "../sidecar/health/probe.ts";
import { testWith } from "./programs.ts";

/** What is left out of last words: frames, carets, and what runtimes say behind a trace. */
const NOISE = /^\s*(at |File "|\^|Node\.js v|Deno )/m;

interface Failing {
  readonly command: string;
  readonly args: readonly string[];
  readonly file?: string;
  readonly says: RegExp;
}

const node = (file: string, says: RegExp, name = "prog.cjs"): Failing => ({
  command: "node",
  args: [name],
  file,
  says,
});
const python = (file: string, says: RegExp): Failing => ({
  command: "python3",
  args: ["prog.py"],
  file,
  says,
});

const failures: Record<string, Failing> = {
  "a module of Node throws": node(
    `class ConfigError extends Error { name = "ConfigError" }
function load() { throw new ConfigError("no key in app.toml") }
load();`,
    /ConfigError: no key in app\.toml/,
  ),
  "Node has an async rejection": node(
    `await (async () => { await null; throw new RangeError("port is taken") })();`,
    /RangeError: port is taken/,
    "prog.mjs",
  ),
  "Node throws what is not an error": node(`throw "a plain text"`, /a plain text/),
  "Node has an error with a cause": node(
    `try { JSON.parse("{") } catch (cause) { throw new Error("cannot read the settings", { cause }) }`,
    /Error: cannot read the settings/,
  ),
  "Node misses a module": node(`require("no-such-module-here")`, /Cannot find module 'no-such-module-here'/),
  "Python chains exceptions": python(
    `try:
    {}["key"]
except KeyError as error:
    raise RuntimeError("settings are wrong") from error`,
    /RuntimeError: settings are wrong/,
  ),
  "Python has a message of many lines": python(
    `raise ValueError("query failed\\nDETAIL: the key is there\\nHINT: drop it")`,
    /ValueError: query failed/,
  ),
  "Python runs something at its exit": python(
    `import atexit, sys
atexit.register(lambda: print("cleaning up", file=sys.stderr))
raise OSError("no network")`,
    /OSError: no network/,
  ),
  "Deno is refused a permission": {
    command: "deno",
    args: ["run", "--quiet", "--no-config", "--no-prompt", "prog.ts"],
    file: `Deno.readTextFileSync("/etc/hostname");`,
    says: /NotCapable: Requires read access/,
  },
  "Perl dies": {
    command: "perl",
    args: ["-e", 'sub open_it { die "cannot bind" } open_it()'],
    says: /cannot bind at -e line 1/,
  },
  "a shell has no such command": {
    command: "sh",
    args: ["-c", "nosuchcommand"],
    says: /nosuchcommand.*not found/,
  },
};

for (const [when, { command, args, file, says }] of Object.entries(failures)) {
  testWith(command, `last words of a real program name the cause when ${when}`, async () => {
    await using folder = new Folder();
    if (file !== undefined) folder.write(args.at(-1)!, file);
    await using probe = await Probe.start({
      command,
      args: [...args],
      cwd: folder.path,
      restart: "temporary",
    });
    const cause = causeOf((await probe.event("exited")).exit);
    assertInstanceOf(cause, SidecarExitedError);
    const words = cause.lastWords ?? "";
    assertMatch(words, says);
    assertNotMatch(words, NOISE);
    assertEquals(cause.message.split(words).length, 2, cause.message); // said once
  });
}
