/** Messages that are built of others: each names the cause, and says nothing twice. */
import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import {
  actor,
  GaveUpError,
  jsonrpc,
  NO_BACKOFF,
  sidecar,
  SidecarExitedError,
  type SidecarOptions,
  start,
  supervisor,
  System,
} from "@outrider/outrider";
import { pool } from "@outrider/outrider/actors/pool";
import { causesOf } from "../../src/actor/user_value.ts";
import { outcomeText } from "../../src/report/cause.ts";
import { EventLog, failureOf } from "../support/probes.ts";

/** The clauses of a message that occur more than once; a name or a number alone is not one. */
function repeated(message: string): string[] {
  const clauses = message.split(/[:;,()] /).map((clause) => clause.trim())
    .filter((clause) => clause.split(" ").length >= 3);
  return clauses.filter((clause, index) => clauses.indexOf(clause) !== index);
}

const sh = (script: string): Pick<SidecarOptions, "command" | "args"> => ({
  command: "sh",
  args: ["-c", script],
});
const dies = "echo 'the disk is full' >&2; exit 3";

/** Sidecars that fail, each in a way of its own. */
const FAILURES: Readonly<Record<string, SidecarOptions>> = {
  "it exits": sh(dies),
  "it exits before it is ready": { ...sh(dies), ready: { stdout: "never" } },
  "it ends well before it is ready": { ...sh("exit 0"), ready: { stdout: "never" } },
  "it is not ready in time": { ...sh("exec sleep 100"), ready: { stdout: "never", within: 20 } },
  "it is killed": sh("kill -KILL $$"),
  "there is no such program": { command: "no-such-program" },
  "there is no such file": { command: "/no/such/program" },
  "its folder is missing": { command: "cat", cwd: "/no/such/folder" },
  "a probe fails": {
    ...sh("exec sleep 100"),
    startWithin: 1_000,
    probes: { startup: { command: ["sh", "-c", dies] } },
  },
  "it is unhealthy": {
    ...sh("exec sleep 100"),
    probes: { liveness: { command: ["sh", "-c", dies], period: 10, failureThreshold: 1 } },
  },
  "its handshake is not answered": {
    ...{ ...sh("exec sleep 100"), startWithin: 100 },
    protocol: jsonrpc({ handshake: async (peer) => void await peer.request("initialize") }),
  },
  "it writes what is not a message": { ...sh("echo no; exec cat"), protocol: "ndjson", strict: true },
};

for (const [when, options] of Object.entries(FAILURES)) {
  Deno.test(`no message of a tree says a thing twice when ${when}`, async () => {
    const failing = sidecar("s", { backoff: NO_BACKOFF, stop: { drain: 0, stdin: 0, term: 0 }, ...options });
    const once = { intensity: { restarts: 0, within: 60_000 } };
    const inner = supervisor("inner", [failing], { ...once, restart: "permanent" });
    const system = new System(supervisor("root", [inner], once));
    const log = new EventLog({ events: () => system.events() });
    const started = await failureOf(system.start()).catch(() => undefined);
    await system.ended;
    await log.ended;
    const late = await failureOf(system.ref("inner/s").ask("x"));
    const errors = [
      late,
      ...(started === undefined ? [] : [started]),
      ...log.events.flatMap((event) => [
        ...("cause" in event && event.cause instanceof Error ? [event.cause] : []),
        ...("exit" in event && "cause" in event.exit && event.exit.cause ? [event.exit.cause] : []),
      ]),
    ].flatMap((error) => [...causesOf(error)]);
    const messages = [
      ...errors.map(({ message }) => message),
      ...errors.map((error) => outcomeText(error, "root")),
    ];
    assert(messages.length > 1);
    assertEquals(messages.filter((message) => repeated(message).length > 0), []);
    assertMatch(late.message, /^Cannot reach 'inner\/s': .*its tree has ended: ./);
    assert(late.cause instanceof Error && late.message.endsWith(late.cause.message), `${late.cause}`);
  });
}

Deno.test("an ask names what its actor died of when the actor died of another's message", async () => {
  const failing = actor("a", () => ({
    receive() {
      throw new Error("no such table");
    },
  }), { restart: "temporary" });
  await using system = await start(supervisor("root", [failing]));
  const error = await failureOf(system.ref("a").ask("x"));
  assertEquals(error.message, "Cannot answer: 'a' (generation 1) ended before it replied: no such table");
});

Deno.test("giving up names the last failure once when supervisors below have given up", async () => {
  const once = { intensity: { restarts: 0, within: 60_000 } };
  const failing = sidecar("s", { ...sh(`sleep 0.1; ${dies}`), backoff: NO_BACKOFF });
  const system = new System(supervisor("root", [supervisor("inner", [failing], once)], once));
  await system.start();
  const end = await system.ended;
  const cause = end.reason === "shutdown" ? end.cause : undefined;
  assertEquals(
    cause?.message,
    "Cannot keep '/' running: more than 0 restarts within 60000 ms: 'inner' gave up, too: " +
      "the process of 'inner/s' exited with code 3, its last words: the disk is full",
  );
  const late = await failureOf(system.ref("inner/s").ask("x"));
  assertEquals(late.message, `Cannot reach 'inner/s': its tree has ended: ${cause?.message}`);
  assertStrictEquals(late.cause, cause);
});

Deno.test("an ask names why, and has it as its cause, when its sidecar is in quarantine", async () => {
  const ends = sidecar("s", { ...sh(`sleep 0.1; ${dies}`), protocol: "lines", backoff: NO_BACKOFF });
  const quarantined = supervisor("root", [ends], {
    intensity: { restarts: 0, within: 60_000 },
    onLimit: { quarantine: { coolDown: 60_000 } },
  });
  const why = "the process of 's' exited with code 3, its last words: the disk is full";
  await using system = new System(quarantined);
  const log = new EventLog({ events: () => system.events() });
  await system.start();
  await log.until(({ type }) => type === "quarantined");
  const error = await failureOf(system.ref("s").ask("x"));
  assertEquals(
    error.message,
    `Cannot reach 's': it is in quarantine for 60 s, and is then started again: Cannot keep '/' running: more than 0 restarts within 60000 ms: ${why}`,
  );
  assert(error.cause instanceof GaveUpError && error.cause.cause instanceof SidecarExitedError);
});

Deno.test("a pool says what its copies died of, once, when none is started again", async () => {
  const options = { ...sh(`sleep 0.1; ${dies}`), protocol: "lines", restart: "temporary" } as const;
  await using system = new System(supervisor("root", [pool("w", options, { size: 1 })]));
  const log = new EventLog({ events: () => system.events() });
  await system.start();
  await log.until(({ type }) => type === "finished");
  const error = await failureOf(system.ref("w").ask("x"));
  assertEquals(
    error.message,
    "Cannot reach 'w': none of its copies will be started again: " +
      "the process of 'w/1' exited with code 3, its last words: the disk is full",
  );
});

Deno.test("a start names its child once when it took too long", async () => {
  const options = FAILURES["its handshake is not answered"]!;
  const error = await failureOf(start(supervisor("root", [sidecar("s", options)])));
  assertEquals(
    error.message,
    "Cannot start 's': it was not ready within 100 ms: no reply to initialize",
  );
});
