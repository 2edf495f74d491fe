/** How a sidecar talks, in a manifest: what it means, what goes together, and what is wrong with it. */
import { assert, assertEquals } from "@std/assert";
// deno-lint-ignore no-import-prefix
import { Ajv } from "npm:ajv@^8";
import { codecs, HANDSHAKE_MS } from "@outrider/outrider/protocol";
import { jsonSchema } from "../../../src/manifest/json_schema.ts";
import { codecOf } from "../../../src/process/codecs/codecs.ts";
import { resolveProtocol } from "../../../src/sidecar/protocol.ts";
import { pairingIn } from "../../../src/manifest/validate/requests.ts";
import { asSupervisor, FILE, sidecar, sidecarFaults, treeOf } from "../probe.ts";
import { parse } from "../../../src/manifest/parse.ts";

const valid = new Ajv({ allowUnionTypes: true }).compile(jsonSchema());
const isValid = (fields: Record<string, unknown>) =>
  valid({ name: "t", children: [{ id: "a", command: "x", ...fields }] });

/** The faults of one sidecar, without the way to it. */
function faults(fields: Record<string, unknown>): string[] {
  return sidecarFaults(fields).map((fault) => fault.replace("children[0].", ""));
}

const NAMES =
  `"bytes", "lines", "ndjson", "content-length", "length-prefixed-be", "length-prefixed-le", "netstring", "jsonrpc", "lsp" or "mcp"`;
const PAIRS = `set "protocol" to "lines" or "ndjson"`;

Deno.test("every codec is a protocol by its name, and pairs replies as the actor does", () => {
  for (const [name, codec] of Object.entries(codecs)) {
    assertEquals(sidecar({ protocol: name }).protocol, name as keyof typeof codecs);
    assertEquals(sidecar({ protocol: { type: name } }).protocol, name as keyof typeof codecs);
    const usual = resolveProtocol(name as keyof typeof codecs);
    assertEquals(codecOf(usual.codec), codec);
    assertEquals(pairingIn(name), typeof usual.pairing === "object" ? "id" : usual.pairing as "none");
    assert(isValid({ protocol: name }) && isValid({ protocol: { type: name } }));
  }
});

const HELLO = { request: "a", params: [{ x: 1 }], expect: null };
const written: readonly [protocol: unknown, meant: unknown][] = [
  [{ type: "ndjson", pairing: "id" }, { type: "ndjson", pairing: { id: "id" } }],
  [{ type: "content-length", pairing: { id: "requestId" } }, {
    type: "content-length",
    pairing: { id: "requestId" },
  }],
  [{ type: "lines", pairing: "none" }, { type: "lines", pairing: "none" }],
  [{ type: "lines", pairing: { mark: "echo {mark}" } }, { type: "lines", pairing: { mark: "echo {mark}" } }],
  [{ type: "lines", newline: "any" }, { type: "lines", pairing: "in-order", newline: "any" }],
  [{ type: "lines", newline: "lf" }, "lines"],
  [{ type: "netstring", pairing: "in-order" }, { type: "netstring", pairing: "in-order" }],
  ["mcp", { type: "mcp" }],
  ["lsp", { type: "lsp" }],
  [{ type: "lsp", rootUri: "file:///a", initializationOptions: { x: 1 } }, {
    type: "lsp",
    rootUri: "file:///a",
    initializationOptions: { x: 1 },
  }],
  [{ type: "mcp", versions: ["2025-03-26"] }, { type: "mcp", versions: ["2025-03-26"] }],
  [{ type: "lsp", settings: { "a.b": 1 }, capabilities: { window: null }, processId: "none" }, {
    type: "lsp",
    settings: { "a.b": 1 },
    capabilities: { window: null },
    processId: "none",
  }],
  [{ type: "lsp", rootUri: ".", workspaceFolders: ["..", { uri: "lib", name: "L" }, "file:///x"] }, {
    type: "lsp",
    rootUri: "/srv",
    workspaceFolders: ["/", { uri: "/srv/lib", name: "L" }, "file:///x"],
  }],
  ["jsonrpc", { type: "jsonrpc", framing: "lines" }],
  [{ type: "jsonrpc" }, { type: "jsonrpc", framing: "lines" }],
  [{ type: "jsonrpc", framing: "headers" }, { type: "jsonrpc", framing: "headers" }],
  [{ type: "jsonrpc", dialect: "mcp" }, { type: "jsonrpc", framing: "lines", dialect: "mcp" }],
  [{ type: "jsonrpc", dialect: "lsp" }, { type: "jsonrpc", framing: "headers", dialect: "lsp" }],
  [{ type: "jsonrpc", dialect: "lsp", framing: "lines" }, {
    type: "jsonrpc",
    framing: "lines",
    dialect: "lsp",
  }],
  [{ type: "jsonrpc", hello: [HELLO, { notify: "b" }], goodbye: [{ request: "c" }] }, {
    type: "jsonrpc",
    framing: "lines",
    hello: [HELLO, { notify: "b" }],
    goodbye: [{ request: "c" }],
  }],
];

for (const [protocol, meant] of written) {
  Deno.test(`protocol ${JSON.stringify(protocol)}`, () => {
    assertEquals(sidecar({ protocol }).protocol, meant as ReturnType<typeof sidecar>["protocol"]);
    assert(isValid({ protocol }));
  });
}

const wrong: readonly [protocol: unknown, fault: string, schema?: "schema can't tell"][] = [
  [
    "jsonrcp",
    `protocol: expected ${NAMES}, or an object with "type", got "jsonrcp"; did you mean "jsonrpc"?`,
  ],
  [7, `protocol: expected ${NAMES}, or an object with "type", got 7`],
  [{}, `protocol.type: missing; expected ${NAMES}`],
  [{ framing: "headers" }, `protocol.type: missing; expected ${NAMES}`],
  [{ type: "line" }, `protocol.type: expected ${NAMES}, got "line"; did you mean "lines"?`],
  [{ type: "lines", pairings: "none" }, `protocol.pairings: unknown key; did you mean "pairing"?`],
  [
    { type: "ndjson", pairing: "ordered" },
    `protocol.pairing: expected "id", "in-order" or "none", or an object with "id" or "mark", got "ordered"`,
  ],
  [
    { type: "ndjson", pairing: "inorder" },
    `protocol.pairing: expected "id", "in-order" or "none", or an object with "id" or "mark", got "inorder"; did you mean "in-order"?`,
  ],
  [
    { type: "ndjson", pairing: { field: "x" } },
    `protocol.pairing.field: unknown key; valid keys are id, mark`,
  ],
  [{ type: "ndjson", pairing: { id: "" } }, `protocol.pairing.id: must not be empty`],
  [
    { type: "jsonrpc", pairing: "id" },
    `protocol.pairing: jsonrpc pairs replies in a way of its own; leave it out`,
  ],
  [{ type: "mcp", pairing: "id" }, `protocol.pairing: mcp pairs replies in a way of its own; leave it out`],
  [{ type: "mcp", rootUri: "file:///" }, `protocol.rootUri: is for "lsp", not for "mcp"`],
  [{ type: "lsp", rootUri: "http://x" }, `protocol.rootUri: must be a path, or start with file://`],
  [
    { type: "lsp", workspaceFolders: [7] },
    `protocol.workspaceFolders[0]: expected a path or an object with "uri", got 7`,
  ],
  [{ type: "lsp", settings: [] }, `protocol.settings: expected an object, got an array`],
  [{ type: "lsp", versions: ["2025-06-18"] }, `protocol.versions: is for "mcp", not for "lsp"`],
  [{ type: "mcp", settings: {} }, `protocol.settings: is for "lsp", not for "mcp"`],
  [{ type: "mcp", versions: [] }, `protocol.versions: needs at least one version`],
  [{ type: "lsp", framing: "headers" }, `protocol.framing: is for "jsonrpc", not for "lsp"`],
  [{ type: "lines", framing: "headers" }, `protocol.framing: is for "jsonrpc", not for "lines"`],
  [{ type: "ndjson", dialect: "lsp" }, `protocol.dialect: is for "jsonrpc", not for "ndjson"`],
  [
    { type: "jsonrpc", dialect: "lspp" },
    `protocol.dialect: expected "lsp" or "mcp", got "lspp"; did you mean "lsp"?`,
  ],
  [{ type: "lsp", hello: [HELLO] }, `protocol.hello: is for "jsonrpc", not for "lsp"`],
  [{ type: "jsonrpc", hello: HELLO }, `protocol.hello: expected an array, got an object`],
  [{ type: "jsonrpc", hello: [] }, `protocol.hello: needs a step; leave it out where there is none`],
  [
    { type: "jsonrpc", hello: ["a"] },
    `protocol.hello[0]: expected an object with "request" or "notify", got "a"`,
  ],
  [
    { type: "jsonrpc", hello: [HELLO, { request: "a", notify: "b" }] },
    `protocol.hello[1]: has "notify" and "request"; only one of them can be`,
  ],
  [
    { type: "jsonrpc", hello: [{ method: "a" }] },
    `protocol.hello[0].method: unknown key; valid keys are notify, params, request, expect`,
  ],
  [
    { type: "jsonrpc", hello: [{ reqest: "a" }] },
    `protocol.hello[0].reqest: unknown key; did you mean "request"?`,
  ],
  [{ type: "jsonrpc", hello: [{ notify: "" }] }, `protocol.hello[0].notify: must not be empty`],
  [
    { type: "jsonrpc", hello: [{ notify: "a", params: 7 }] },
    `protocol.hello[0].params: expected an object or an array, got 7`,
  ],
  [
    { type: "jsonrpc", goodbye: [{ request: "a", params: null }] },
    `protocol.goodbye[0].params: expected an object or an array, got null`,
  ],
  [
    { type: "jsonrpc", goodbye: [{ request: "a", expect: {} }] },
    `protocol.goodbye[0].expect: unknown key; a goodbye takes any answer`,
  ],
  [
    { type: "jsonrpc", hello: [{ notify: "a", expect: {} }] },
    `protocol.hello[0].expect: unknown key; a notification has no answer`,
  ],
  [
    { type: "lines", pairing: "id" },
    `protocol.pairing: "lines" can have "in-order" or "none"; only a JSON object has a field for an id`,
    "schema can't tell",
  ],
  [
    { type: "lines", pairing: { mark: "echo" } },
    `protocol.pairing.mark: must have {mark} in it, in whose place the mark is sent`,
    "schema can't tell",
  ],
  [
    { type: "ndjson", pairing: { mark: "echo {mark}" } },
    `protocol.pairing: "ndjson" can have "id", "in-order" or "none"; a mark is in a line of text`,
    "schema can't tell",
  ],
  [
    { type: "bytes", pairing: "in-order" },
    `protocol.pairing: "bytes" can have "none"; bytes come in pieces, not in replies`,
    "schema can't tell",
  ],
];

for (const [protocol, fault, schema] of wrong) {
  Deno.test(`protocol ${JSON.stringify(protocol)} is wrong`, () => {
    assertEquals(faults({ protocol }).at(-1), fault);
    if (schema === undefined) assert(!isValid({ protocol }));
  });
}

Deno.test("until, maxInFlight, onDeath, attempts and the bytes of a mailbox", () => {
  const fields = { onDeath: "replay", attempts: 5, maxInFlight: 2, mailbox: { bytes: "1MiB" } };
  assert(isValid({ protocol: "lines", until: { end: "." }, ...fields }));
  const { onDeath, attempts, maxInFlight, mailbox, until } = sidecar({
    protocol: "lines",
    until: { end: "" },
    ...fields,
  });
  assertEquals([onDeath, attempts, maxInFlight, until], ["replay", 5, 2, { end: "" }]);
  assertEquals(mailbox, { capacity: 1024, overflow: "wait", bytes: 1_048_576 });
  const last = { last: { field: "done" } };
  assertEquals(sidecar({ protocol: "ndjson", until: last }).until, { last: { field: "done", equals: true } });
  for (const equals of ["end", 0, false, null]) {
    const until = { last: { field: "kind", equals } };
    assertEquals(sidecar({ protocol: { type: "content-length" }, until }).until, until);
    assert(isValid({ protocol: "ndjson", until }));
  }
});

Deno.test("argument rules with faults are reported by name", () => {
  const of = (fields: Record<string, unknown>) => faults({ protocol: "ndjson", ...fields });
  assertEquals(of({ until: "." }), [`until: expected an object with "end", "mark" or "last", got "."`]);
  assertEquals(of({ until: {} }), [`until: needs "end", "mark" or "last"`]);
  assertEquals(
    of({ until: { end: ".", last: { field: "a" } } }).at(-1),
    `until: has "end" and "last"; only one of them can be`,
  );
  assertEquals(of({ until: { lastt: {} } }), [`until.lastt: unknown key; did you mean "last"?`]);
  assertEquals(of({ until: { last: { feld: "a" } } }), [
    `until.last.feld: unknown key; did you mean "field"?`,
  ]);
  assertEquals(of({ until: { last: { field: "a", equals: [] } } }), [
    "until.last.equals: expected a text, a number, true, false or null, got an array",
  ]);
  assertEquals(faults({ protocol: "lines", until: { end: "a\nb" } }), ["until.end: must be one line"]);
  assertEquals(of({ maxInFlight: 0 }), ["maxInFlight: must be 1 or more, got 0"]);
  assertEquals(of({ maxInFlight: 65_537 }), ["maxInFlight: must be 65,536 or less, got 65537"]);
  assertEquals(of({ attempts: 0 }), ["attempts: must be 1 or more, got 0"]);
  assertEquals(of({ onDeath: "deadletter" }), [
    `onDeath: expected "fail", "replay" or "dead-letter", got "deadletter"; did you mean "dead-letter"?`,
  ]);
  assertEquals(of({ mailbox: { bytes: "2GB" } }), [
    `mailbox.bytes: must be between 1 and 1,073,741,824 bytes, got "2GB"`,
  ]);
});

Deno.test("settings about replies are refused when the protocol has none", () => {
  const none = { type: "ndjson", pairing: "none" };
  const bytes = `needs a protocol that pairs replies, not "bytes"; ${PAIRS}`;
  const unpaired = `needs replies, and "pairing" is "none"; leave "pairing" out`;
  assertEquals(faults({ maxInFlight: 1, onDeath: "replay", attempts: 2 }), [
    `maxInFlight: needs a protocol; ${PAIRS}`,
    "onDeath: needs a protocol; without one, nothing is sent to it",
  ]);
  assertEquals(faults({ protocol: "bytes", maxInFlight: 1 }), [`maxInFlight: ${bytes}`]);
  assertEquals(faults({ protocol: none, maxInFlight: 1 }), [`maxInFlight: ${unpaired}`]);
  assertEquals(faults({ until: { end: "." } }), [`until: needs a protocol; ${PAIRS}`]);
  assertEquals(faults({ protocol: "bytes", until: { end: "." } }), [`until: ${bytes}`]);
  assertEquals(faults({ protocol: none, ready: { reply: {} } }), [`ready.reply: ${unpaired}`]);
  assertEquals(faults({ protocol: none, until: { last: { field: "a" } } }), [`until: ${unpaired}`]);
});

Deno.test("until takes the form of the protocol's messages", () => {
  assertEquals(faults({ protocol: "jsonrpc", until: { end: "." } }), [
    "until: a reply of jsonrpc is one message",
  ]);
  assertEquals(
    faults({ protocol: { type: "lines", pairing: { mark: "echo {mark}" } }, until: { end: "." } }),
    [
      `until: a reply that is paired by a mark is one text; leave it out, or "pairing"`,
    ],
  );
  assertEquals(faults({ protocol: "ndjson", until: { end: "." } }), [
    `until: "end" is a line, and "protocol" is "ndjson"; write "last": { "field": "…" }, which tells the last frame`,
  ]);
  assertEquals(faults({ protocol: "netstring", until: { end: "." } }), [
    `until: "end" is a line, and "protocol" is "netstring"; it is for "lines"`,
  ]);
  assertEquals(faults({ protocol: "lines", until: { last: { field: "a" } } }), [
    `until: "last" needs JSON, and "protocol" is "lines"; write "end": "…", the line behind the last`,
  ]);
  assertEquals(faults({ protocol: "netstring", until: { last: { field: "a" } } }), [
    `until: "last" needs JSON, and "protocol" is "netstring"`,
  ]);
});

Deno.test("a request in a manifest is one that its protocol can carry", () => {
  const reply = (protocol: unknown, reply: unknown) => faults({ protocol, ready: { reply } });
  const inOrder = { type: "ndjson", pairing: "in-order" };
  sidecar({ protocol: inOrder, ready: { reply: ["ping"] } });
  sidecar({ protocol: "jsonrpc", ready: { reply: { method: "ping" } } });
  sidecar({ protocol: "content-length", probes: { liveness: { ping: { op: "ping" } } } });
  assertEquals(reply("content-length", "ping"), [
    `ready.reply: must be an object, which carries the id of a request, as "protocol" is "content-length"`,
  ]);
  assertEquals(reply("jsonrpc", { params: [] }), [
    `ready.reply: must have a "method", as "protocol" is "jsonrpc"`,
  ]);
  assertEquals(reply("netstring", "ping"), [
    `ready.reply: can't be written in a manifest: a message is bytes, as "protocol" is "netstring"`,
  ]);
  assertEquals(reply("mcp", { method: "ping" }), [
    "ready.reply: the handshake of mcp tells when it is ready; leave it out",
  ]);
  assertEquals(reply({ type: "jsonrpc", hello: [HELLO] }, { method: "ping" }), [
    `ready.reply: the handshake in "hello" tells when it is ready; leave it out`,
  ]);
  sidecar({ protocol: "mcp", probes: { liveness: { ping: { method: "ping" } } } });
  // What is wrong with the protocol is a fault of its own, and the only one.
  assertEquals(reply("jsonrcp", "ping").length, 1);
  assertEquals(reply({ type: "lines", pairing: "id" }, 7).length, 1);
});

Deno.test("startWithin is a duration or infinity, for sidecars and supervisors", () => {
  assertEquals(sidecar({ startWithin: "2m" }).startWithin, 120_000);
  assertEquals(sidecar({ startWithin: "infinity" }).startWithin, "infinity");
  assertEquals(sidecar().startWithin, 90_000);
  assertEquals(sidecar({ ready: { stdout: "x" } }).startWithin, "infinity");
  const tcp = { tcp: { port: 1 } };
  assertEquals(sidecar({ probes: { readiness: tcp } }).startWithin, 90_000);
  assertEquals(sidecar({ probes: { startup: { ...tcp, failureThreshold: 30 } } }).startWithin, 300_000);
  assertEquals(sidecar({ probes: { liveness: tcp } }).startWithin, 90_000);
  assertEquals(sidecar({ protocol: "lsp", ready: { stderr: "x" } }).startWithin, HANDSHAKE_MS);
  assertEquals(sidecar({ protocol: { type: "mcp" } }).startWithin, HANDSHAKE_MS);
  assertEquals(sidecar({ protocol: { type: "jsonrpc", hello: [HELLO] } }).startWithin, HANDSHAKE_MS);
  const nested = parse(treeOf({ id: "s", startWithin: "5s", children: [{ id: "a", command: "x" }] }), {
    file: FILE,
  });
  assertEquals(asSupervisor(nested.children[0]).startWithin, 5_000);
  const expected =
    `startWithin: expected a duration such as "200ms", "1.5s", "3m" or "1h", or a number of milliseconds`;
  assertEquals(faults({ startWithin: 0 }), [
    "startWithin: must be 1 millisecond or more, got 0",
  ]);
  assertEquals(faults({ startWithin: "infinite" }), [
    `startWithin: expected a duration, or "infinity", got "infinite"; did you mean "infinity"?`,
  ]);
  assertEquals(faults({ startWithin: "soon" }), [`${expected}; got "soon"`]);
  assertEquals(faults({ startWithin: null }), [`${expected}; got null`]);
  assert(
    isValid({ startWithin: "infinity" }) && isValid({ startWithin: "1s" }) &&
      !isValid({ startWithin: "ever" }),
  );
});

Deno.test("goodbye is a step of stopping, 2 s by default", () => {
  assertEquals(sidecar({ protocol: "jsonrpc" }).stop.goodbye, 2_000);
  assertEquals(sidecar({ protocol: "jsonrpc", stop: { goodbye: "500ms" } }).stop, {
    drain: 1000,
    goodbye: 500,
    stdin: 2000,
    term: 5000,
    signal: "SIGTERM",
    scope: "group",
  });
});
