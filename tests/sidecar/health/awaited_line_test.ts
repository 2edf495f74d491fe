import { assertEquals, assertInstanceOf, assertMatch, assertStringIncludes } from "@std/assert";
import { SidecarNotReadyError, type SidecarOptions } from "@outrider/outrider";
import { failureOf } from "../../support/probes.ts";
import { AT_ONCE, Probe, sh } from "./probe.ts";

/** The error of a start that fails. */
async function notReady(options: SidecarOptions): Promise<SidecarNotReadyError> {
  await using probe = new Probe({ ...options, stop: AT_ONCE });
  await failureOf(probe.system.start());
  const { cause } = await probe.event("start_failed");
  assertInstanceOf(cause, SidecarNotReadyError);
  return cause;
}

const VITE = String
  .raw`printf '  \033[32m+\033[39m  \033[1mLocal\033[22m:   \033[36mhttp://localhost:\033[1m5173\033[22m/\033[39m\n'`;

for (const stream of ["stdout", "stderr"] as const) {
  const to = stream === "stdout" ? "" : " >&2";
  const ready = (pattern: string) =>
    ({ [stream]: pattern, within: "60s" }) as SidecarOptions["ready"] & object;

  Deno.test(`readiness finds a line on ${stream} without a protocol when colours are in it`, async () => {
    await using probe = await Probe.start({
      ...sh(`${VITE}${to}; exec sleep 60`),
      ready: ready("Local: +http://localhost:\\d+/$"),
      stop: AT_ONCE,
    });
    assertEquals(probe.all("ready").length, 1);
  });

  Deno.test(`readiness finds a line on ${stream} when a lone \\r ends it`, async () => {
    await using probe = await Probe.start({
      ...sh(`printf 'loading\\rready\\r'${to}; exec sleep 60`),
      ready: ready("^ready$"),
      stop: AT_ONCE,
    });
    assertEquals(probe.all("ready").length, 1);
  });

  Deno.test(`readiness finds a prompt on ${stream} when no more follows it`, async () => {
    await using probe = await Probe.start({
      ...sh(`echo welcome${to}; printf 'db> '${to}; exec sleep 60`),
      ready: ready("^db> $"),
      stop: AT_ONCE,
    });
    assertEquals(probe.all("ready").length, 1);
  });
}

Deno.test("a protocol begins behind the prompt when readiness waits for that", async () => {
  await using probe = await Probe.start({
    ...sh("printf 'hello\\r\\ndb> '; exec cat"),
    protocol: "lines",
    ready: { stdout: "^db> $", within: "60s" },
  });
  assertEquals(await probe.ref.ask("x"), "x");
  await probe.output("db> ");
  assertEquals(probe.all("output").map(({ line }) => line), ["hello", "db> "]);
  assertEquals(probe.ref.deadLetters, 0);
});

Deno.test("a protocol begins behind the newline when the line that is waited for ends with \\r\\n", async () => {
  await using probe = await Probe.start({
    ...sh("printf 'ready\\r'; sleep 0.3; printf '\\n'; exec cat"),
    protocol: "lines",
    ready: { stdout: "^ready$", within: "60s" },
  });
  assertEquals(await probe.ref.ask("x"), "x");
  assertEquals(probe.ref.deadLetters, 0);
});

Deno.test("a start that fails names the pattern, the last lines and the unfinished one", async () => {
  const { message, awaited } = await notReady({
    ...sh(
      String
        .raw`for i in 1 2 3 4; do printf '\033[1mline\033[0m %s\a\n' $i; done; printf 'port? '; exec sleep 60`,
    ),
    ready: { stdout: "listening on \\d+", within: 2_000 },
  });
  assertEquals(
    message,
    `Cannot use 's': it did not get ready within 2000 ms; no line on stdout matched "listening on \\\\d+"; ` +
      `the last were "line 2", "line 3", "line 4"; the unfinished one is "port? "; a program may hold its output ` +
      "back where stdout is not a terminal: PYTHONUNBUFFERED=1, 'stdbuf -oL' or an option of its own helps",
  );
  assertEquals([awaited?.stream, awaited?.pattern, awaited?.unfinished], [
    "stdout",
    "listening on \\d+",
    "port? ",
  ]);
  assertEquals(awaited?.lines.length, 4);
});

Deno.test("a start that fails is bounded and escaped in its message when the lines are not", async () => {
  const { message, awaited } = await notReady({
    ...sh(String.raw`printf '%05000d\n' 0 >&2; printf 'a\033]0;title\007b\342\200\256\n' >&2; exec sleep 60`),
    ready: { stderr: "x".repeat(500), within: 2_000 },
  });
  assertMatch(
    message,
    /^Cannot use 's': it did not get ready within 2000 ms; no line on stderr matched "x{60}…"; /,
  );
  assertStringIncludes(message, String.raw`the last were "${"0".repeat(60)}…", "ab\u202e"`);
  assertEquals([awaited?.lines[0]?.length, awaited?.pattern.length], [5_000, 500]);
});

Deno.test("a start that fails masks secrets in what it quotes", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "hunter2-secret");
    const error = await notReady({
      ...sh('echo "key $KEY"; printf "again hunter2-s"; exec sleep 60'),
      env: { KEY: { file } },
      ready: { stdout: "ready", within: 2_000 },
    });
    assertEquals([error.awaited?.lines, error.awaited?.unfinished], [["key ***"], "again ***"]);
    assertEquals(error.message.includes("hunter2"), false);
  } finally {
    await Deno.remove(file);
  }
});
