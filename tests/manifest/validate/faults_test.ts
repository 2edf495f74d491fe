/** What is wrong with the shape of a manifest, named by place, in plain words, all of it at once. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "../../../src/manifest/parse.ts";
import { MAX_CHILDREN, MAX_LEVELS } from "../../../src/manifest/validate/rules.ts";
import { errorOf, faultsOf, FILE, sidecarFaults, treeOf } from "../probe.ts";

Deno.test("an unknown key is named with its place and the nearest valid key", () => {
  const text = `{\n  "name": "t",\n  "children": [\n    { "id": "a", "comand": "tr" }\n  ]\n}`;
  assertEquals(faultsOf(text), [`4:18 children[0].comand: unknown key; did you mean "command"?`]);
});

Deno.test("an unknown key near no other lists the valid ones", () => {
  assertEquals(sidecarFaults({ mailbox: { foo: 3 } }), [
    "children[0].mailbox.foo: unknown key; valid keys are capacity, overflow, bytes",
  ]);
  assertEquals(sidecarFaults({ ready: { stdout: "x", foo: 1 } }), [
    "children[0].ready.foo: unknown key; valid keys are stdout, within",
  ]);
});

Deno.test("the configuration of an MCP client is one fault that names the verbs for it", () => {
  const hint =
    `'outrider mcp ${FILE}' serves it, and 'outrider import ${FILE} -o outrider.json' makes a manifest of it`;
  for (const key of ["mcpServers", "servers", "context_servers"]) {
    assertEquals(faultsOf(`{ "${key}": { "web": { "command": "serve" } } }`), [
      `1:3 ${key}: this is the configuration of an MCP client; ${hint}`,
    ]);
  }
  const [unknown = ""] = faultsOf(
    `{ "name": "t", "servers": {}, "children": [{ "id": "a", "command": "b" }] }`,
  );
  assertStringIncludes(unknown, "1:16 servers: unknown key");
});

Deno.test("an unknown key of a protocol lists those of its type", () => {
  const keys =
    "type, rootUri, workspaceFolders, settings, capabilities, processId, initializationOptions, clientInfo";
  assertEquals(sidecarFaults({ protocol: { type: "lsp", foo: 1 } }), [
    `children[0].protocol.foo: unknown key; valid keys are ${keys}`,
  ]);
  assertEquals(sidecarFaults({ protocol: { type: "mcp", setings: {} } }), [
    "children[0].protocol.setings: unknown key; valid keys are type, versions",
  ]);
  assertEquals(sidecarFaults({ protocol: { type: "lsp", rootUri: null } }), [
    "children[0].protocol.rootUri: expected a path or a file: URL, or the key left out, got null",
  ]);
});

Deno.test("unknown keys are found at every level", () => {
  assertEquals(sidecarFaults({ backoff: { jiter: 0 } }), [
    `children[0].backoff.jiter: unknown key; did you mean "jitter"?`,
  ]);
  assertEquals(faultsOf(`{"name":"t","stratgy":"x","children":[{"id":"a","command":"b"}]}`), [
    `1:13 stratgy: unknown key; did you mean "strategy"?`,
  ]);
  assertEquals(
    faultsOf(
      `{"name":"t","children":[{"id":"s","inherit_env":[],"children":[{"id":"a","command":"b","inherit_env":[]}]}]}`,
    ),
    [
      "1:35 children[0].inherit_env: unknown key; valid keys are id, strategy, intensity, onLimit, onStartFailure, autoShutdown, env, envFile, " +
      "restart, significant, after, startWithin, description, start, log, children",
      `1:88 children[0].children[0].inherit_env: unknown key; did you mean "inheritEnv"?`,
    ],
  );
});

Deno.test("a key that only looks harmless is unknown, too", () => {
  for (const key of ["__proto__", "constructor", "toString", ""]) {
    const faults = faultsOf(`{"name":"t",${JSON.stringify(key)}:1,"children":[{"id":"a","command":"b"}]}`);
    assertEquals(faults.length, 1, key);
    assertStringIncludes(faults[0] ?? "", "unknown key");
  }
  const [fault = ""] = faultsOf(
    `{"name":"t","children":[{"id":"p","size":1,"sidecar":{"command":"b","toString":1}}]}`,
  );
  assertStringIncludes(fault, "unknown key; valid keys are ");
});

Deno.test("a value that has no text is a fault like any other when other faults name it", () => {
  const none = `{"toString":1}`;
  assertEquals(
    faultsOf(
      `{"name":"t","children":[{"id":${none},"children":[{"id":"db","command":"b"}]},` +
        `{"id":"w","command":"b","after":["db"]}]}`,
    ),
    [
      "1:31 children[0].id: expected a string, got an object",
      `1:119 children[1].after[0]: it has no sibling "db"`,
    ],
  );
  assertEquals(
    faultsOf(`{"name":"t","children":[{"id":"p","min":${none},"max":2,"sidecar":{"command":"b"}}]}`),
    [
      "1:41 children[0].min: expected a whole number, got an object",
    ],
  );
});

Deno.test("a rule about two keys is passed over when one of them is missing or has no text", () => {
  for (const routing of [{ field: "user" }, { by: null, field: "user" }]) {
    const faults = faultsOf(
      treeOf({ id: "p", size: 1, routing, sidecar: { command: "b", protocol: "ndjson" } }),
    );
    assertEquals(faults.length, 1, faults.join());
    assertStringIncludes(faults[0]!, "children[0].routing.by: ");
  }
  const faults = sidecarFaults({ backoff: { initial: { toString: 1 } } });
  assertEquals(faults.length, 1, faults.join());
  assertStringIncludes(faults[0]!, "backoff.initial: expected a duration");
});

Deno.test("a missing key is named once, at the object that lacks it", () => {
  assertEquals(faultsOf(`{\n "children": [ { "command": "x" } ]\n}`), [
    "1:1 name: missing; expected a string",
    "2:16 children[0].id: missing; expected a string",
  ]);
});

Deno.test("a child is a program or a supervisor, not neither and not both", () => {
  assertEquals(faultsOf(treeOf({ id: "a" }).replaceAll(/\s/g, "")), [
    `1:28 children[0]: a child needs "command" (a program), "sidecar" (a pool) or "children" (a supervisor)`,
  ]);
  assertEquals(sidecarFaults({ children: [] }), [
    `children[0]: has "children" and "command"; only one of them can be`,
  ]);
  const leaf = { id: "b", command: "x" };
  assertEquals(sidecarFaults({ command: 7, children: [leaf] }), [
    `children[0]: has "children" and "command"; only one of them can be`,
  ]);
  assertEquals(sidecarFaults({ command: undefined, strict: 1, zzz: 2 }).sort(), [
    "children[0].strict: expected true or false, got a number",
    "children[0].zzz: unknown key; valid keys are id, strategy, intensity, onLimit, onStartFailure, autoShutdown, env, envFile, restart, " +
    "significant, after, startWithin, description, start, log, children, size, min, max, routing, perCopy, grow, shrinkAfter, whenGivenUp, mailbox, " +
    "sidecar, command, args, protocol, until, stdin, cwd, inheritEnv, platforms, on, launcher, pty, sha256, uid, gid, user, group, nice, umask, limits, " +
    "backoff, ready, probes, " +
    "maxInFlight, onDeath, attempts, maxFrame, successExitStatus, stop, strict",
    `children[0]: a child needs "command" (a program), "sidecar" (a pool) or "children" (a supervisor)`,
  ]);
});

Deno.test("a supervisor needs a child", () => {
  assertEquals(faultsOf(`{"name":"t","children":[]}`), ["1:24 children: needs at least one child"]);
  assertEquals(faultsOf(`{"name":"t","children":[{"id":"s","children":[]}]}`), [
    "1:46 children[0].children: needs at least one child",
  ]);
});

Deno.test("a duplicate id names both places; the same id elsewhere is fine", () => {
  const leaf = (id: string) => `{"id":"${id}","command":"x"}`;
  assertEquals(faultsOf(`{"name":"t","children":[\n${leaf("a")},\n${leaf("b")},\n${leaf("a")}]}`), [
    `4:7 children[2].id: duplicate id "a"; the first is children[0].id on line 2`,
  ]);
  parse(`{"name":"t","children":[${leaf("a")},{"id":"s","children":[${leaf("a")}]}]}`, { file: FILE });
});

Deno.test("a duplicate id is found even if other things are wrong", () => {
  const faults = faultsOf(treeOf({ id: "a", command: 1 }, { id: "a", comand: "x" }));
  assertEquals(faults.length, 3);
  assertStringIncludes(faults.join("\n"), `duplicate id "a"`);
});

Deno.test("a rule about several keys is told beside the other faults when one of them is wrong", () => {
  const pool = { id: "p", min: 5, max: 2, perCopy: "x", sidecar: { command: "cat", zzz: 1 } };
  const told = errorOf(treeOf(pool)).faults.map(({ path, message }) => `${path}: ${message}`);
  assertEquals(told, [
    `children[0]: "min" (5) must not be above "max" (2)`,
    "children[0].perCopy: expected a whole number, got a string",
    "children[0].sidecar.zzz: unknown key",
  ]);
});

Deno.test("a platform that is no text is a fault when the manifest is searched for its programs", () => {
  const [fault, ...more] = errorOf(treeOf({ id: "a", command: "cat", platforms: [{}] })).faults;
  assertEquals([fault?.path, more.length], ["children[0].platforms[0]", 0]);
});

Deno.test("readiness is one thing, spelled right", () => {
  assertEquals(sidecarFaults({ ready: { stdot: "x" } }), [
    `children[0].ready.stdot: unknown key; did you mean "stdout"?`,
  ]);
  assertEquals(sidecarFaults({ ready: { within: 1 } }), [
    `children[0].ready: needs "stdout", "stderr" or "reply"`,
  ]);
  assertEquals(sidecarFaults({ ready: { stdout: "x", reply: 1 } }).slice(0, 1), [
    `children[0].ready: has "stdout" and "reply"; only one of them can be`,
  ]);
});

Deno.test("a reply needs a protocol that pairs replies", () => {
  const wants = `set "protocol" to "lines" or "ndjson"`;
  assertEquals(sidecarFaults({ ready: { reply: "ping" } }), [
    `children[0].ready.reply: needs a protocol; ${wants}`,
  ]);
  assertEquals(sidecarFaults({ protocol: "bytes", ready: { reply: "ping" } }), [
    `children[0].ready.reply: needs a protocol that pairs replies, not "bytes"; ${wants}`,
  ]);
  for (const reply of [1, "a\nb"]) {
    assertEquals(sidecarFaults({ protocol: "lines", ready: { reply } }), [
      `children[0].ready.reply: must be a text of one line, as "protocol" is "lines"`,
    ]);
  }
  // What has no field for an id could be sent by nobody.
  for (const reply of ["ping", 1, true, null, [{ op: "ping" }]]) {
    assertEquals(sidecarFaults({ protocol: "ndjson", ready: { reply } }), [
      `children[0].ready.reply: must be an object, which carries the id of a request, as "protocol" is "ndjson"`,
    ]);
  }
});

Deno.test("supervisors nest 32 levels deep and no deeper", () => {
  const nest = (levels: number): unknown =>
    levels === 1 ? { id: "a", command: "b" } : { id: "s", children: [nest(levels - 1)] };
  parse(treeOf(nest(MAX_LEVELS)), { file: FILE });
  const faults = errorOf(treeOf(nest(MAX_LEVELS + 1))).faults;
  assertEquals(faults.map(({ message }) => message), ["supervisors nest deeper than 32 levels"]);
});

Deno.test("a tree has 10,000 children at most", () => {
  const leaves = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: `c${index}`, command: "b" }));
  const text = (count: number) =>
    JSON.stringify({ name: "t", children: [{ id: "s", children: leaves(count) }] });
  assertEquals(faultsOf(text(MAX_CHILDREN)), [
    "1:46 children[0].children: more than 10,000 children in the whole manifest",
  ]);
  parse(text(MAX_CHILDREN - 1), { file: FILE });
});

Deno.test("the message lists all faults, a line each, in the order of the file", () => {
  const error = errorOf(`{\n "name": "t", "nam": 1,\n "children": [{ "id": "a", "comand": "x" }]\n}`);
  assertEquals(error.code, "manifest_invalid");
  assertEquals(
    error.message,
    `Cannot use manifest /srv/outrider.json: 2 faults
  outrider.json:2:15  nam  unknown key; did you mean "name"?
  outrider.json:3:28  children[0].comand  unknown key; did you mean "command"?`,
  );
});

Deno.test("a message is bounded and safe for a terminal, whatever the manifest holds", () => {
  const keys = Array.from(
    { length: 3000 },
    (_, index) => `"\\u001b[31m\\u202e${"k".repeat(200)}${index}": 1`,
  );
  const error = errorOf(`{"name":"t","children":[{"id":"a","command":"b"}],${keys.join(",")}}`);
  assertEquals(error.faults.length, 3000);
  assertStringIncludes(error.message, "and 2950 more");
  for (const unsafe of ["\u001b", "\u202e"]) assertEquals(error.message.includes(unsafe), false);
  assertEquals(error.message.length < 16_000, true);
});

Deno.test("a manifest with thousands of unknown keys, or misspelt dependencies, is refused in a moment", () => {
  const started = performance.now();
  const keys = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`commandx${index}`, 1]));
  const unknown = faultsOf(JSON.stringify({ name: "t", children: [{ id: "a", command: "b", ...keys }] }));
  assertEquals(unknown.length, 5_000);
  const children = Array.from({ length: 4_000 }, (_, index) => ({
    id: `c${index}${"q".repeat(20)}`,
    command: "b",
    after: [`x${index}${"q".repeat(20)}`],
  }));
  assertEquals(faultsOf(JSON.stringify({ name: "t", children })).length, 4_000);
  const took = performance.now() - started;
  assertEquals(took < 60_000, true, `${took} ms; each compared with each takes minutes`);
});
