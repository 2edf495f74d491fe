/** Where the output of `outrider up` goes: nowhere, slowly, to a machine, to a terminal. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { alive, command, Diary, fixture, Folder, Running, runs, words } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();

const linux = Deno.build.os === "linux";

/** The command line through a shell that redirects it, such as `> /dev/full`. */
function redirected(redirection: string, args: readonly string[]): Deno.Command {
  const script = `exec "$@" ${redirection}`;
  return new Deno.Command("sh", {
    args: ["-c", script, "sh", ...words(args)],
    stdout: "piped",
    stderr: "piped",
  });
}

/** Kills the sidecar of `diary` by force, sees it come back, and then stops the runtime: all as if nothing was. */
async function goesOn(process: Deno.ChildProcess, diary: Diary): Promise<void> {
  const first = Number(await diary.next());
  Deno.kill(first, "SIGKILL");
  const second = Number(await diary.next());
  assert(second !== first);
  assertEquals(await alive([first, second]), [second]);
  process.kill("SIGTERM");
  assertEquals((await process.status).code, 0);
  assertEquals(await alive([second]), []);
}

Deno.test("when its standard output is closed, it goes on supervising, and stops with 0", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const process = command(["up", folder.manifest([diary.writer("a")])]).spawn();
  const reader = process.stdout.getReader();
  await reader.read();
  await reader.cancel();
  await goesOn(process, diary);
  assertEquals(await new Response(process.stderr).text(), "");
});

Deno.test("when its standard output stalls and a sidecar floods it, it goes on supervising, and stops with 0", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const file = folder.manifest([diary.writer("a"), runs("flood", "floods_stdout")]);
  const process = command(["up", file]).spawn();
  await goesOn(process, diary);
  await process.stdout.cancel();
  assertMatch(
    await new Response(process.stderr).text(),
    /^Warning: [\d,]+ lines could not be written to stdout\n$/,
  );
});

Deno.test("when its standard output and standard error are one pipe that stalls, it stops with 0", async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  const file = folder.manifest([diary.writer("a"), runs("flood", "floods_stdout")]);
  const process = redirected("2>&1", ["up", file]).spawn();
  await goesOn(process, diary);
  await Promise.all([process.stdout.cancel(), process.stderr.cancel()]);
});

Deno.test("when the disk of its standard output is full, it goes on supervising, and stops with 0", {
  ignore: !linux,
}, async () => {
  await using folder = new Folder();
  using diary = new Diary(folder);
  for (const format of ["text", "json"]) {
    const args = ["up", folder.manifest([diary.writer("a")]), "--log-format", format];
    const process = redirected("> /dev/full", args).spawn();
    await goesOn(process, diary);
    await process.stdout.cancel();
    const said = (await new Response(process.stderr).text()).trimEnd().split("\n");
    // At the first failure, and at the end.
    assertEquals(said.length, 2, said.join("\n"));
    const [first, last] = format === "text" ? said : said.map((line) => {
      const { type, message } = JSON.parse(line);
      return `${type}: ${message}`;
    });
    assertMatch(first!, /^warning: stdout can't be written: No space left on device.*; it is tried again$/i);
    assertMatch(last!, /^warning: [1-9][\d,]* lines could not be written to stdout$/i);
  }
});

Deno.test(
  "standard output has every line, whole and once, when there is room on its disk again",
  {
    ignore: !linux,
  },
  async () => {
    await using folder = new Folder();
    const log = `${folder.path}/log`;
    const ticking = {
      id: "ticks",
      command: "sh",
      args: ["-c", "i=0; while sleep 0.05; do i=$((i+1)); echo tick $i; done"],
    };
    for (const format of ["text", "json"]) {
      // No room from a size on, which the file has but for a few lines, until it is cut.
      const blocks = 2_097_152;
      Deno.writeTextFileSync(log, "");
      Deno.truncateSync(log, blocks * 512 - 400);
      const script = `trap "" XFSZ; ulimit -f ${blocks}; exec "$@" >> '${log}'`;
      const args = ["-c", script, "sh", ...words(["up", folder.manifest([ticking]), "--log-format", format])];
      const process = new Deno.Command("sh", { args, stdout: "null", stderr: "piped" }).spawn();
      const said = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
      assertMatch((await said.read()).value!, /stdout can't be written/);
      Deno.truncateSync(log, 0);
      while (!Deno.readTextFileSync(log).includes("tick")) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      process.kill("SIGTERM");
      assertEquals((await process.status).code, 0);
      assertMatch((await said.read()).value!, /stdout can be written again/);
      assertEquals((await said.read()).done, true);
      // Of the line in which the room ended the rest may be the first; all others are whole.
      const [, ...lines] = Deno.readTextFileSync(log).trimEnd().split("\n");
      for (const line of lines) {
        if (format === "json") JSON.parse(line);
        else assertMatch(line, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} {2}/);
      }
      const ticks = lines.flatMap((line) => /tick (\d+)/.exec(line)?.[1] ?? []).map(Number);
      assertEquals(ticks, ticks.map((_, i) => ticks[0]! + i));
    }
  },
);

Deno.test(
  "where a verb that prints one answer finds the disk full, it says so in a line",
  { ignore: !linux },
  async () => {
    const { code, stderr } = await redirected("> /dev/full", ["errors"]).output();
    assertEquals(code, 1);
    assertMatch(new TextDecoder().decode(stderr), /^Cannot go on: No space left on device.*\n$/);
  },
);

Deno.test("when its standard error is closed, the exit code is the same", async () => {
  await using folder = new Folder();
  const gone = folder.manifest([{ id: "gone", command: "no-such-program" }]);
  assertEquals((await redirected("2>&-", ["up", gone]).output()).code, 1);
  assertEquals((await redirected("2>&-", ["up"]).output()).code, 2);
  if (linux) assertEquals((await redirected("2>/dev/full", ["up", `${folder.path}/none`]).output()).code, 2);
});

Deno.test("as JSON every line is one event, and errors are data", async () => {
  await using folder = new Folder();
  const bad = {
    id: "bad",
    command: "sh",
    args: ["-c", "echo one >&2; echo two >&2; exit 3"],
    restart: "temporary",
  };
  const file = folder.manifest([{ id: "team", children: [bad] }]);
  const { code, stdout } = await session.run(["up", file, "--log-format", "json", "--log-level", "debug"]);
  assertEquals(code, 0);
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  for (const event of events) {
    assertEquals(Object.keys(event).slice(0, 5), ["time", "level", "path", "generation", "type"]);
    assertEquals(new Date(event.time).toISOString(), event.time);
  }
  const [exited] = events.filter(({ type, path }) => type === "exited" && path === "team/bad");
  assertEquals([exited.level, exited.generation, exited.exit.reason], ["warn", 1, "crash"]);
  const { cause } = exited.exit;
  assertEquals([cause.code, cause.exitCode, cause.stderrTail], ["sidecar_exited", 3, ["one", "two"]]);
  assertEquals(events[0].type, "starting");
  assertEquals(events.at(-1).type, "stopped");
});

Deno.test("up --log-format=json gives each line of a process the generation of that process", async () => {
  await using folder = new Folder();
  const script = `echo pid $$ >&2; echo pid $$; echo '{"pid":'$$'}'; exit 3`;
  const says = (id: string, more = {}) => ({
    id,
    command: "sh",
    args: ["-c", script],
    backoff: { initial: 0 },
    ...more,
  });
  // Each has a budget of its own: two incarnations, whatever the other does.
  const alone = (id: string, more = {}) => ({
    id,
    restart: "temporary",
    intensity: { restarts: 1, within: "1m" },
    children: [says("worker", more)],
  });
  const file = folder.manifest([alone("plain"), alone("frames", { protocol: "ndjson" })], {
    defaults: "otp",
  });
  const { stdout } = await session.run(["up", file, "--log-format", "json", "--log-level", "debug"]);
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const pids = new Map(
    events.filter(({ type }) => type === "spawned")
      .map(({ path, generation, pid }) => [`${path}#${generation}`, String(pid)]),
  );
  const told = new Set<string>();
  for (const { path, generation, type, stream, line, sample, message } of events) {
    const text = type === "output" ? line : type === "malformed" ? sample : JSON.stringify(message ?? "");
    const said = /pid"?[ :](\d+)/.exec(text)?.[1];
    if (said === undefined) continue;
    assertEquals(said, pids.get(`${path}#${generation}`), `${type} of ${path}#${generation}`);
    told.add(`${stream ?? type}#${generation}`);
  }
  for (const kind of ["stdout", "stderr", "malformed", "dead_letter"]) {
    assert(told.has(`${kind}#1`) && told.has(`${kind}#2`), `${kind}: ${[...told]}`);
  }
});

Deno.test("--log-level drops events of lower levels", async () => {
  await using folder = new Folder();
  const file = folder.manifest([runs("bad", "exits_with_code", "3")], {
    defaults: "otp",
    intensity: { restarts: 0, within: "1m" },
  });
  const verbs: Record<string, RegExp[]> = {
    error: [/gave up/],
    warn: [/gave up/, /crashed/],
    info: [/gave up/, /crashed/, /started/],
    debug: [/gave up/, /crashed/, /started/, /bad#1 +starting/],
  };
  const counts: number[] = [];
  for (const [level, patterns] of Object.entries(verbs)) {
    const { code, stdout } = await session.run(["up", file, "--log-level", level]);
    assertEquals(code, 1);
    for (const pattern of patterns) assertMatch(stdout, pattern);
    counts.push(stdout.split("\n").length);
  }
  assertEquals(counts.toSorted((a, b) => a - b), counts);
  assertEquals(counts[0], 2);
});

Deno.test("a sidecar without protocol has its lines in the timeline, control characters only as text", async () => {
  await using folder = new Folder();
  const wild = String
    .raw`printf 'one\ntwo \033[31mred\033[0m \033]0;title\007 \033[2J\001 caf\303\251\n'; exec sleep 60`;
  const file = folder.manifest([{ id: "wild", command: "sh", args: ["-c", wild] }]);
  await using up = new Running(["up", file]);
  assertMatch(await up.line(/caf/), /wild#1 +stdout +two red \\x1b\]0;title\\x07 \\x1b\[2J\\x01 café$/);
  await up.line(/wild#1 +stdout +one$/);
  up.signal("SIGTERM");
  await up.ended();
  // deno-lint-ignore no-control-regex -- that is what is looked for
  assert(!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(up.lines.join("\n")));
});

Deno.test("up reports malformed ndjson without a flood, and the sidecar goes on", async () => {
  await using folder = new Folder();
  const garbage = {
    ...runs("garbage", "prints_garbage"),
    protocol: "ndjson",
    maxFrame: "1KB",
    restart: "temporary",
  };
  const { code, stdout } = await session.run(["up", folder.manifest([garbage])]);
  assertEquals(code, 0);
  assertMatch(stdout, /garbage#1 +malformed +not json, 14 bytes, 1 so far: WARN: not json/);
  assertMatch(stdout, /garbage#1 +ended +by itself/);
});

Deno.test("on a terminal there are colours, but not with NO_COLOR", { ignore: !linux }, async () => {
  await using folder = new Folder();
  const file = folder.manifest([{
    id: "once",
    command: "sh",
    args: [fixture("exits_with_code"), "0"],
    restart: "transient",
  }]);
  const line = words(["up", file]).map((word) => `'${word}'`).join(" ");
  for (const [env, coloured] of [[{ NO_COLOR: "" }, true], [{ NO_COLOR: "1" }, false]] as const) {
    const { stdout } = await new Deno.Command("script", { args: ["-qec", line, "/dev/null"], env }).output();
    const text = new TextDecoder().decode(stdout);
    assertStringIncludes(text, "once");
    assertEquals(text.includes("\x1b["), coloured);
  }
});
