/** What is wrong with a single value: its type, its bounds, its unit, its characters. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { faultsOf, FILE, resolveManifest, sidecarFaults } from "../probe.ts";

Deno.test("wrong types are named in plain words", () => {
  assertEquals(
    sidecarFaults({ command: 7, args: "x", env: [], strict: "yes", mailbox: 1, inheritEnv: [null] }),
    [
      'children[0].command: expected a string, the program alone, with the rest in "args", got a number',
      `children[0].args: expected an array, such as ["--port", "8080"], got a string`,
      "children[0].env: expected an object, got an array",
      "children[0].strict: expected true or false, got a string",
      "children[0].mailbox: expected an object, got a number",
      "children[0].inheritEnv[0]: expected a string, got null",
    ],
  );
  assertEquals(faultsOf(`[]`), ["1:1 : expected an object, got an array"]);
  assertEquals(faultsOf(`{"name":"t","children":[[]]}`), [
    "1:25 children[0]: expected an object, got an array",
  ]);
});

Deno.test("a wrong choice lists the choices, and the nearest", () => {
  assertEquals(sidecarFaults({ restart: "permanant", protocol: "json", ready: "soon" }), [
    `children[0].restart: expected "permanent", "transient", "temporary", "on-success", "on-abnormal", "on-abort", ` +
    `"on-watchdog", "always", "on-failure" or "no", or an object, got "permanant"; did you mean "permanent"?`,
    `children[0].protocol: expected "bytes", "lines", "ndjson", "content-length", "length-prefixed-be", ` +
    `"length-prefixed-le", "netstring", "jsonrpc", "lsp" or "mcp", or an object with "type", got "json"; did you mean "ndjson"?`,
    `children[0].ready: expected "started", or an object with "stdout", "stderr" or "reply", such as { "stdout": "^listening" }, got "soon"`,
  ]);
});

Deno.test("an id is a segment of a path", () => {
  for (const id of ["", "a/b", "..", "-x", "a b", "ü", "a\u2028", "a\u0000", "🚀"]) {
    assertEquals(sidecarFaults({ id }).length, 1, JSON.stringify(id));
  }
});

Deno.test("an invalid regular expression is reported with its fault", () => {
  assertEquals(sidecarFaults({ ready: { stdout: "^(ready" } }), [
    "children[0].ready.stdout: not a regular expression: Unterminated group",
  ]);
  assertEquals(sidecarFaults({ ready: { stdout: "up(?!stream)" } }), [
    "children[0].ready.stdout: can't be waited for: a lookahead, `(?!…)`, is not supported, as it can't be matched in " +
    "linear time; a line only has to contain the pattern, so leave it out, or match more of the line",
  ]);
  assertEquals(sidecarFaults({ probes: { liveness: { heartbeat: { stderr: "(a)\\1" } } } }), [
    "children[0].probes.liveness.heartbeat.stderr: can't be waited for: a backreference, `\\1`, is not supported, as " +
    "it can't be matched in linear time; a line only has to contain the pattern, so leave it out, or match more of the line",
  ]);
  assertEquals(sidecarFaults({ ready: { stderr: "x".repeat(1001) } }), [
    "children[0].ready.stderr: must have 1000 characters at most",
  ]);
  assertEquals(sidecarFaults({ ready: { stderr: "" } }), ["children[0].ready.stderr: must not be empty"]);
});

Deno.test("negative and absurd numbers are refused with their bounds", () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ mailbox: { capacity: 0 } }, "mailbox.capacity: must be 1 or more, got 0"],
    [{ mailbox: { capacity: 1_000_001 } }, "mailbox.capacity: must be 1,000,000 or less, got 1000001"],
    [{ mailbox: { capacity: 1.5 } }, "mailbox.capacity: expected a whole number, got 1.5"],
    [{ backoff: { factor: 0.5 } }, "backoff.factor: must be 1 or more, got 0.5"],
    [{ backoff: { factor: 1001 } }, "backoff.factor: must be 1,000 or less, got 1001"],
    [{ backoff: { jitter: 1.1 } }, "backoff.jitter: must be 1 or less, got 1.1"],
    [{ backoff: { jitter: -0.1 } }, "backoff.jitter: must be 0 or more, got -0.1"],
    [
      { backoff: { initial: "2s", max: "1s" } },
      `backoff: "initial" (2000 ms) must not be above "max" (1000 ms)`,
    ],
    [{ stop: { term: -1 } }, "stop.term: must be 0 milliseconds or more, got -1"],
    [{ stop: { term: "-1s" } }, `stop.term: must be 0 milliseconds or more, got "-1s"`],
    [{ maxFrame: 0 }, "maxFrame: must be between 1 and 1,073,741,824 bytes, got 0"],
    [{ maxFrame: "2GB" }, `maxFrame: must be between 1 and 1,073,741,824 bytes, got "2GB"`],
    [
      { ready: { stdout: "x", within: "0.2ms" } },
      `ready.within: must be 1 millisecond or more, got "0.2ms"`,
    ],
  ];
  for (const [fields, fault] of cases) assertEquals(sidecarFaults(fields), [`children[0].${fault}`]);
  assertEquals(
    faultsOf(`{"name":"t","intensity":{"restarts":-1,"within":0},"children":[{"id":"a","command":"b"}]}`),
    [
      "1:37 intensity.restarts: must be 0 or more, got -1",
      "1:49 intensity.within: must be 1 millisecond or more, got 0",
    ],
  );
});

Deno.test("a number that no double holds is refused wherever it stands", () => {
  for (
    const field of [
      `"maxFrame": 1e400`,
      `"stop": {"term": 1e400}`,
      `"backoff": {"factor": 1e400}`,
      `"mailbox": {"capacity": 1e400}`,
    ]
  ) {
    const faults = faultsOf(`{"name":"t","children":[{"id":"a","command":"b",${field}}]}`);
    assertEquals(faults.length, 1, field);
    assertStringIncludes(faults[0] ?? "", "got a number too large to hold");
  }
});

Deno.test("a measure without a known unit says which there are", () => {
  const usual = `expected a duration such as "200ms", "1.5s", "3m" or "1h", or a number of milliseconds`;
  assertEquals(sidecarFaults({ stop: { drain: "10", stdin: "3 d", term: "5S" } }), [
    `children[0].stop.drain: ${usual}; "10" has no unit`,
    `children[0].stop.stdin: ${usual}; got "3 d"`,
    `children[0].stop.term: ${usual}; "5S" has an unknown unit`,
  ]);
  assertEquals(sidecarFaults({ stop: { drain: {}, stdin: true } }), [
    `children[0].stop.drain: ${usual}; got an object`,
    `children[0].stop.stdin: ${usual}; got true`,
  ]);
  assertStringIncludes(sidecarFaults({ maxFrame: "10mb" })[0] ?? "", `"10mb" has an unknown unit`);
});

Deno.test("text that no process can take is refused", () => {
  assertEquals(
    sidecarFaults({ command: "", args: ["a\0b"], env: { A: "\0", "B=": "x", "": "y" }, cwd: "" }),
    [
      "children[0].command: must not be empty",
      "children[0].args[0]: must not contain NUL",
      "children[0].cwd: must not be empty",
      "children[0].env.A: must not contain NUL",
      `children[0].env["B="]: a variable's name must not be empty or contain "=" or NUL`,
      `children[0].env[""]: a variable's name must not be empty or contain "=" or NUL`,
    ].sort((a, b) => order(a) - order(b)),
  );
  assertEquals(sidecarFaults({ args: ["\ud800"] }), [
    "children[0].args[0]: must not contain half a character (a lone surrogate)",
  ]);
  assertEquals(sidecarFaults({ inheritEnv: ["A*"] }), [
    `children[0].inheritEnv[0]: a variable's name must be letters, digits and "_"`,
  ]);
  assertEquals(faultsOf(`{"name":"t","children":[{"id":"a","command":"b","env":{"__proto__":"x"}}]}`), [
    `1:56 children[0].env.__proto__: cannot be a variable's name`,
  ]);

  function order(fault: string): number {
    return ["command", "args", "env", "cwd"].findIndex((key) => fault.startsWith(`children[0].${key}`));
  }
});

Deno.test("a module's values that JSON cannot hold are reported", () => {
  const circular: Record<string, unknown> = { id: "s" };
  circular.children = [circular];
  const of = (child: unknown) => () => resolveManifest({ name: "t", children: [child] }, { file: FILE });
  const messages = (child: unknown): string[] => {
    try {
      of(child)();
    } catch (error) {
      return (error as { faults: { message: string; line?: number }[] }).faults.map(({ message, line }) => {
        assertEquals(line, undefined);
        return message;
      });
    }
    return [];
  };
  assertEquals(messages(circular), ["nests deeper than 100 levels"]);
  assertEquals(messages({ id: "a", command: () => "x" }), [
    'expected a string, the program alone, with the rest in "args", got a function',
  ]);
  assertEquals(messages({ id: "a", command: "x", stop: { term: NaN } }), [
    `expected a duration such as "200ms", "1.5s", "3m" or "1h", or a number of milliseconds; got NaN`,
  ]);
  assertEquals(
    messages({ id: "a", command: "x", protocol: "ndjson", ready: { reply: { at: new Date(0) } } }),
    [
      "must be a JSON value",
    ],
  );
  assertEquals(messages(undefined), ["expected an object, got nothing"]);
});
