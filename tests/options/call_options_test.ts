/** What callers give that no type would let them: refused with an `OptionError` that says what was expected. */
import { assertRejects, assertThrows } from "@std/assert";
import { actor, dynamicSupervisor, launch, OptionError, sidecar, start, supervisor } from "../../mod.ts";
import { pool } from "../../actors/pool/pool.ts";
import { parse } from "../../src/manifest/parse.ts";

// deno-lint-ignore no-explicit-any -- as a caller without types
const untyped = (value: unknown): any => value;

const echo = actor("echo", () => ({ receive: (text: string) => text }));
const CHILD = "expected a child, such as sidecar() or actor() makes";

const constructors: Readonly<Record<string, readonly [() => unknown, string]>> = {
  "sidecar without options": [
    () => untyped(sidecar)("a"),
    "Cannot make the sidecar 'a': expected its options, got nothing",
  ],
  "sidecar with its id among its options": [
    () => untyped(sidecar)({ id: "a", command: "cat" }),
    "Cannot name a child: its id is the first argument, a string; got an object",
  ],
  "sidecar of the protocol mcp": [
    () => untyped(sidecar)("a", { command: "cat", protocol: "mcp" }),
    `protocol: "mcp" can't be given here; mcp() of @outrider/outrider/actors/mcp makes such a sidecar`,
  ],
  "pool of a sidecar that is made": [
    () => untyped(pool)("p", sidecar("a", { command: "cat" }), { size: 2 }),
    "Cannot make the pool 'p': its copies need options, or a function; a child that is made already can't be copied",
  ],
  "pool with its options among those of its copies": [
    () => untyped(pool)("p", { command: "cat", size: 2 }),
    "Cannot make the pool 'p': its own options, such as { size: 2 }, are the third argument",
  ],
  "pool with its id among its options": [
    () => untyped(pool)({ id: "p" }),
    "Cannot make a pool: its id is the first argument, a string",
  ],
  "supervisor of a bare object": [
    () => untyped(supervisor)("s", [{ id: "a", command: "cat" }]),
    `Cannot make the supervisor 's': children[0]: ${CHILD}, got an object`,
  ],
  "parse of a value": [() => untyped(parse)({ name: "x" }), "Cannot parse a manifest: expected its text"],
  "parse without a place": [() => untyped(parse)("{}"), "Cannot parse a manifest: expected its text"],
};

for (const [title, [make, message]] of Object.entries(constructors)) {
  Deno.test(`${title} is refused`, () => void assertThrows(make, OptionError, message));
}

for (const begin of [launch, start]) {
  for (const [given, got] of [[undefined, "nothing"], [null, "null"], [{ id: "a" }, "an object"]] as const) {
    Deno.test(`${begin.name} refuses ${got} for a child`, async () => {
      await assertRejects(
        () => untyped(begin)(given),
        OptionError,
        `Cannot start a tree: ${CHILD}, got ${got}`,
      );
    });
  }
}

Deno.test("a tree refuses what is not a child, a path or a stream", async () => {
  await using app = await start([echo, dynamicSupervisor("jobs")]);
  const bare = { id: "a", command: "cat" };
  await assertRejects(
    () => untyped(app).startChild("jobs", bare),
    OptionError,
    `Cannot start a child: ${CHILD}, got an object`,
  );
  assertThrows(() => untyped(app).ref(), OptionError, "expected its path, or a child, got nothing");
  const job = await app.startChild("jobs", actor("job", () => ({ receive: () => {} })));
  assertThrows(
    () => untyped(job).lines("out"),
    OptionError,
    `Cannot read the lines of 'jobs/job': expected "stdout" or "stderr", got "out"`,
  );
});

Deno.test("ask and tell refuse options that are unknown, or are not options", async () => {
  await using app = await start(echo);
  const ref = untyped(app.ref(echo));
  for (
    const [options, message] of [
      [{ timout: 1 }, `Cannot ask 'echo': timout: unknown key; did you mean "timeout"?`],
      [5, "Cannot ask 'echo': expected its options, got a number"],
      [null, "Cannot ask 'echo': expected its options, got null"],
    ] as const
  ) {
    await assertRejects(() => ref.ask("x", options), OptionError, message);
  }
  for (const send of ["tell", "tryTell"]) {
    const message = `Cannot tell 'echo': onDeth: unknown key; did you mean "onDeath"?`;
    assertThrows(() => ref[send]("x", { onDeth: "fail" }), OptionError, message);
    assertThrows(() => ref[send]("x", 5), OptionError, "expected its options, got a number");
  }
});
