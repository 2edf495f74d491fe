/** A runtime without a home, as the unit of a service manager. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Folder, Running, words } from "../cli/outrider.ts";

const UNKNOWN = "nothing is on record: neither XDG_STATE_HOME nor HOME is an absolute path";

/** The command line in an environment that has `more` and nothing else but what Deno and programs are found by. */
function bare(args: readonly string[], more: Record<string, string> = {}): Deno.Command {
  const kept = ["PATH", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const home = Deno.env.get("HOME");
  const [program, ...rest] = words(args);
  return new Deno.Command(program!, {
    args: rest,
    env: { DENO_DIR: `${home}/.cache/deno`, ...Object.fromEntries(kept), NO_COLOR: "1", ...more },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function outcome(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await bare(args).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("up and check say that nothing is on record when neither HOME nor XDG_STATE_HOME is set", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "sleep", args: ["1000"] }]);
  await using up = new Running(bare(["up", file]));
  const warning = await up.line(/warning .*on record/);
  assertStringIncludes(warning, UNKNOWN);
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  const check = await outcome(["check", file]);
  assertEquals(check.code, 0);
  assertStringIncludes(check.stdout, `  ${UNKNOWN}`);
});

Deno.test("--take-over and permissions --contain name the way out when neither HOME nor XDG_STATE_HOME is set", async () => {
  await using folder = new Folder();
  const file = folder.manifest([{ id: "a", command: "sleep", args: ["1000"] }]);
  const taking = await outcome(["up", file, "--take-over", "--for", "1ms"]);
  assertEquals(taking.code, 1);
  assertStringIncludes(taking.stderr, `who runs it can't be told; ${UNKNOWN}; set one`);
  const { code, stdout, stderr } = await outcome(["permissions", file, "--contain"]);
  assertEquals(code, 0);
  assertMatch(stderr, /^Left out: the folder for the record .* set HOME or XDG_STATE_HOME/m);
  assert(!stdout.includes("--allow-write"), stdout);
  // With it, nothing is to be said.
  const known = await bare(["permissions", file, "--contain"], { XDG_STATE_HOME: folder.path }).output();
  assert(!new TextDecoder().decode(known.stderr).includes("record"));
  assertMatch(new TextDecoder().decode(known.stdout), /--allow-write=/);
});
