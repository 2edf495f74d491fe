/** One check of each kind: success, failure and stuck, against real servers and real programs. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async";
import { type ChildProcess, spawn } from "@outrider/outrider/process";
import type { Reply } from "@outrider/outrider";
import { systemClock } from "../../../src/time/clock.ts";
import {
  commandCheck,
  httpCheck,
  lineCheck,
  MAX_UNANSWERED_PINGS,
  pingCheck,
  type PingHost,
  tcpCheck,
} from "../../../src/sidecar/health/probe_checks.ts";
import type { ProbeCheck } from "../../../src/sidecar/health/probe_loop.ts";
import { LineWatch } from "../../../src/sidecar/health/output_lines.ts";
import { processTable } from "../../../src/process/ps.ts";
import { alive, command } from "../../process/fixture.ts";

const never = new AbortController().signal;

/** Why the check failed; `""` is success. */
async function why(check: ProbeCheck, cut: AbortSignal = never): Promise<string> {
  return (await check.run(cut))?.why ?? "";
}

/** A port that nothing listens on. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("tcp: a connection is enough, and it is closed", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assertEquals(await why(tcpCheck("127.0.0.1", listener.addr.port)), "");
  using conn = await listener.accept();
  assertEquals(await conn.read(new Uint8Array(1)), null);
});

Deno.test("tcp: a port without a listener is a failure", async () => {
  const port = freePort();
  assertMatch(
    await why(tcpCheck("127.0.0.1", port)),
    new RegExp(`^no connection to 127.0.0.1:${port}: .*refused`),
  );
});

Deno.test("tcp: a connection that is never accepted is let go when it is cut", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  const queued: Deno.Conn[] = [];
  // Its queue is full after very few; from then on the system leaves every connection pending.
  for (let full = false; !full;) {
    try {
      queued.push(await Deno.connect({ hostname: "127.0.0.1", port, signal: AbortSignal.timeout(200) }));
    } catch (error) {
      full = (error as Error).name === "TimeoutError";
    }
  }
  const cut = new AbortController();
  const stuck = tcpCheck("127.0.0.1", port).run(cut.signal);
  cut.abort();
  assertEquals(((await stuck)?.cause as Error).name, "AbortError");
  for (const conn of queued) conn.close();
});

/** A web server on loopback that answers each path with the status it names; `/stuck` never. */
async function withServer(test: (origin: string, agents: (string | null)[]) => Promise<void>): Promise<void> {
  const agents: (string | null)[] = [];
  const hanging: PromiseWithResolvers<Response>[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    agents.push(request.headers.get("user-agent"));
    const { pathname } = new URL(request.url);
    if (pathname === "/stuck") {
      const response = Promise.withResolvers<Response>();
      hanging.push(response);
      return response.promise;
    }
    const status = Number(pathname.slice(1));
    return new Response(status === 204 ? null : "x".repeat(100_000), {
      status,
      headers: { location: "/500" },
    });
  });
  try {
    await test(`http://127.0.0.1:${server.addr.port}`, agents);
  } finally {
    for (const { resolve } of hanging) resolve(new Response());
    await server.shutdown();
  }
}

Deno.test("http: 200 to 399 is success, the rest is not, and a redirection is not followed", async () => {
  await withServer(async (origin, agents) => {
    for (const status of [200, 204, 301, 302, 399]) {
      assertEquals(await why(httpCheck(`${origin}/${status}`)), "");
    }
    for (const status of [400, 404, 500, 503]) {
      assertEquals(
        await why(httpCheck(`${origin}/${status}`)),
        `${origin}/${status} answered with status ${status}`,
      );
    }
    assertEquals(new Set(agents), new Set(["outrider-probe"]));
    assertEquals(agents.length, 9);
  });
});

Deno.test("http: a refused connection is a failure", async () => {
  const url = `http://127.0.0.1:${freePort()}/`;
  assertMatch(await why(httpCheck(url)), new RegExp(`^no answer from ${url}: `));
});

Deno.test("http: a request that is never answered is let go when it is cut", async () => {
  await withServer(async (origin, agents) => {
    const cut = new AbortController();
    const stuck = httpCheck(`${origin}/stuck`).run(cut.signal);
    while (agents.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    cut.abort();
    await stuck;
  });
});

/** A command check, and every process that it started. */
function commanded(...argv: string[]): { check: ProbeCheck; started: ChildProcess[] } {
  const started: ChildProcess[] = [];
  const check = commandCheck(argv, {
    command: { ...command("nothing"), cwd: "/", env: { MOOD: "fine" } },
    clock: systemClock,
    spawn: (command, options) => {
      const child = spawn(command, options);
      started.push(child);
      return child;
    },
  });
  return { check, started };
}

Deno.test("command: exit code 0 is success; it has the sidecar's folder and environment, and no shell", async () => {
  assertEquals(await why(commanded("true").check), "");
  assertEquals(await why(commanded("sh", "-c", `test "$MOOD" = fine && test "$PWD" = /`).check), "");
  assertEquals(await why(commanded("test", "$MOOD", "=", "$MOOD").check), "");
});

Deno.test("command: whatever it prints is thrown away, and stdin is at its end", async () => {
  assertEquals(await why(commanded("sh", "-c", "head -c 1000000 /dev/zero; cat").check), "");
});

Deno.test("command: another exit code, a signal, and no such program are failures", async () => {
  assertEquals(
    await why(commanded("sh", "-c", "echo no schema >&2; exit 3").check),
    `"sh" exited with code 3, its last words: no schema`,
  );
  assertEquals(
    await why(commanded("sh", "-c", "printf 'port 8080 is taken\\n\\033[?25h' >&2; exit 3").check),
    `"sh" exited with code 3, its last words: port 8080 is taken`,
  );
  assertEquals(await why(commanded("sh", "-c", "kill -9 $$").check), `"sh" was ended by SIGKILL`);
  assertMatch(
    await why(commanded("no-such-program").check),
    /^"no-such-program" did not start: Cannot start/,
  );
});

Deno.test("command: one that hangs and ignores SIGTERM is killed when it is cut", async () => {
  const { check, started } = commanded("sh", "-c", "trap '' TERM; while :; do sleep 0.01; done");
  const cut = new AbortController();
  const stuck = check.run(cut.signal);
  const { pid } = started[0]!;
  assert(alive(pid));
  cut.abort();
  await stuck;
  assert(!alive(pid));
});

Deno.test("command: its children are ended with it when it is cut", async () => {
  const { check, started } = commanded("sh", "-c", "sleep 60 >/dev/null 2>&1 </dev/null & wait");
  const cut = new AbortController();
  const stuck = check.run(cut.signal);
  const { pid } = started[0]!;
  const inGroup = async () =>
    (await processTable())!.filter(({ group, zombie }) => group === pid && !zombie)
      .map(({ command }) => command);
  while (!(await inGroup()).includes("sleep 60")) await delay(10);
  cut.abort();
  await stuck;
  assertEquals(await inGroup(), []);
});

Deno.test("command: cut before it began, it is killed at once", async () => {
  const { check, started } = commanded("sleep", "60");
  await check.run(AbortSignal.abort());
  assert(!alive(started[0]!.pid));
});

/** To a process that is never busy. */
const ping = (send: PingHost["send"]): PingHost => ({
  send,
  isBusy: () => false,
  busyFor: 0,
  clock: systemClock,
});

Deno.test("ping: any reply is success, an error is not", async () => {
  const replies: Reply<unknown>[] = [];
  const check = pingCheck(ping((reply) => void replies.push(reply)));
  const first = why(check);
  replies[0]!.resolve({ error: "whatever" });
  assertEquals(await first, "");
  const second = why(check);
  replies[1]!.reject(new Error("garbled"));
  assertEquals(await second, "garbled");
  const broken = pingCheck(ping(() => {
    throw new Error("stdin is closed");
  }));
  assertEquals(await why(broken), "the ping could not be sent: stdin is closed");
});

Deno.test("ping: a late reply is dropped, and few pings go unanswered", async () => {
  const replies: Reply<unknown>[] = [];
  const check = pingCheck(ping((reply) => void replies.push(reply)));
  for (let n = 0; n < MAX_UNANSWERED_PINGS; n++) {
    const cut = new AbortController();
    const stuck = check.run(cut.signal);
    cut.abort();
    await stuck;
  }
  assert(replies.every(({ isOpen }) => !isOpen));
  assertEquals(await why(check), `${MAX_UNANSWERED_PINGS} pings are unanswered`);
  assertEquals(replies.length, MAX_UNANSWERED_PINGS);
  replies[0]!.resolve("late");
  const next = why(check);
  assertEquals(replies.length, MAX_UNANSWERED_PINGS + 1);
  replies.at(-1)!.resolve("in time");
  assertEquals(await next, "");
});

Deno.test("ping: one that found the process busy stays excused when an earlier one is answered late", async () => {
  const replies: Reply<unknown>[] = [];
  let busy = false;
  const send = (reply: Reply<unknown>) => void replies.push(reply);
  const check = pingCheck({ ...ping(send), isBusy: () => busy, busyFor: 60_000 });
  const missed = async (meanwhile = () => {}) => {
    const cut = new AbortController();
    const stuck = check.run(cut.signal);
    meanwhile();
    cut.abort();
    await stuck;
    return check.isExcused!();
  };
  assertEquals(await missed(), false);
  busy = true;
  assertEquals(await missed(() => replies[0]!.resolve("late")), true);
  busy = false;
  assertEquals(await missed(), false);
});

Deno.test("heartbeat and pattern: a line is success", async () => {
  const watch = new LineWatch({ stderr: "beat" }, { lasting: false });
  const check = lineCheck(watch);
  const seen = why(check);
  watch.take("beat");
  assertEquals(await seen, "");
  assertEquals([check.pace, check.missed], ["waiting", "no line on stderr matched"]);
});
