/** Options that the types refuse, and JavaScript lets through: each is understood as in a manifest, or refused at once. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { OptionError, sidecar, supervisor } from "@outrider/outrider";

// deno-lint-ignore no-explicit-any -- what no type has checked
const loose = { sidecar: sidecar as any, supervisor: supervisor as any };
const one = (options: object) => loose.sidecar("a", { command: "cat", ...options });
const root = (options: object, children: unknown = [one({})]) => loose.supervisor("r", children, options);

/** What is refused: where, and what is said of it. */
const REFUSED: Readonly<Record<string, readonly [make: () => unknown, path: string, says: string]>> = {
  "an unknown protocol": [() => one({ protocol: "json-lines" }), "protocol", `did you mean "ndjson"?`],
  "a key that is misspelt": [
    () => one({ protcol: "ndjson" }),
    "protcol",
    `unknown key; did you mean "protocol"?`,
  ],
  "an id among the options": [
    () => one({ id: "a" }),
    "id",
    "unknown key; the id is the first argument",
  ],
  "children among the options": [
    () => root({ children: [] }),
    "children",
    "unknown key; the children are the second argument",
  ],
  "two letters that are swapped": [() => one({ agrs: [] }), "agrs", `did you mean "args"?`],
  "two letters that are swapped in a longer key": [
    () => one({ afetr: ["db"] }),
    "afetr",
    `did you mean "after"?`,
  ],
  "an argument that is a number": [() => one({ args: [3] }), "args[0]", "expected a string, got a number"],
  "a command that is a list": [
    () => one({ command: ["cat", "-n"] }),
    "command",
    'the program alone, with the rest in "args", got an array',
  ],
  "a variable that is a number": [
    () => one({ env: { PORT: 8080 } }),
    "env.PORT",
    `expected a text, such as "8080", or an object`,
  ],
  "a strategy with hyphens": [
    () => root({ strategy: "one-for-one" }),
    "strategy",
    `did you mean "one_for_one"?`,
  ],
  "an intensity with max": [
    () => root({ intensity: { max: 2 } }),
    "intensity.max",
    `did you mean "restarts"?`,
  ],
  "a restart type of others": [() => one({ restart: "never" }), "restart", `did you mean "temporary"?`],
  "an onDeath of others": [() => one({ onDeath: "retry" }), "onDeath", `did you mean "replay"?`],
  "an id with a space": [
    () => loose.sidecar("my worker", { command: "cat" }),
    "",
    `"my worker" must be letters`,
  ],
  "a child instead of a list": [() => root({}, one({})), "children", "expected an array, got an object"],
  "a duration with a space": [
    () => one({ stop: { term: "10 s" } }),
    "stop.term",
    "expected a duration such as",
  ],
  "a size in small letters": [() => one({ maxFrame: "10mb" }), "maxFrame", `"10mb" has an unknown unit`],
  "a limit on nothing": [() => one({ limits: { for: "5s" } }), "limits", `needs "memory" or "cpu", or both`],
  "a probe of no kind": [() => one({ probes: { liveness: {} } }), "probes.liveness", `needs "tcp", "http"`],
  "options that are a word": [() => loose.sidecar("a", "cat"), "", "expected its options, got a string"],
};

for (const [what, [make, path, says]] of Object.entries(REFUSED)) {
  Deno.test(`${what} is refused when the child is made, with its place and a way out`, () => {
    const error = assertThrows(make, OptionError);
    assertEquals([error.code, error.path], ["invalid_option", path]);
    assertStringIncludes(error.message, says);
  });
}

Deno.test("a partial backoff, a restart type of systemd's and siblings by id are understood as in a manifest", () => {
  const { restart, rules, after, backoff, startWithin } = one({
    restart: { on: "always", prevent: [78] },
    after: ["db"],
    backoff: { initial: 50 },
    startWithin: "10s",
  });
  assertEquals([restart, rules, after, startWithin], [
    "permanent",
    { prevent: [78] },
    [{ id: "db", condition: "ready" }],
    10_000,
  ]);
  assertEquals(backoff, { initial: 50, factor: 2, max: 30_000, jitter: 0.25, resetAfter: 60_000 });
  const { supervises } = root({ intensity: { restarts: 2 }, onLimit: { quarantine: { coolDown: "1m" } } });
  assertEquals([supervises.intensity, supervises.onLimit], [
    { restarts: 2, within: 180_000, per: "supervisor" },
    { quarantine: { coolDown: 60_000, factor: 1, max: 600_000 } },
  ]);
});

Deno.test("an option that is named as a member of every object is unknown like any other", () => {
  for (const name of ["toString", "constructor", "hasOwnProperty", "valueOf"]) {
    for (
      const make of [
        () => one({ [name]: 1 }),
        () => one({ restart: name }),
        () => one({ onDeath: name }),
        () => one({ protocol: name }),
        () => root({ strategy: name }),
        () => root({ intensity: { [name]: 1 } }),
      ]
    ) {
      const { message } = assertThrows(make, OptionError);
      assertStringIncludes(message, name);
      assertEquals(message.includes("undefined"), false, message);
    }
  }
});
