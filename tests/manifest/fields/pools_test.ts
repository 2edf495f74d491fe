/** Pools in a manifest: what they mean, what is wrong with them, and that everything sees their programs. */
import { assert, assertEquals } from "@std/assert";
// deno-lint-ignore no-import-prefix
import { Ajv } from "npm:ajv@^8";
import { factories } from "@outrider/outrider/actors/factories";
import { parse } from "../../../src/manifest/parse.ts";
import { permissionFlags, requiredPermissions } from "../../../src/manifest/grants/permissions.ts";
import { buildTree } from "../../../src/manifest/resolve/child_specs.ts";
import { pathsOf, sidecarsOf } from "../../../src/manifest/resolve/children.ts";
import { jsonSchema } from "../../../src/manifest/json_schema.ts";
import { asPool, errorOf, faultsOf, FILE, treeOf } from "../probe.ts";

const valid = new Ajv({ allowUnionTypes: true }).compile(jsonSchema());

/** One pool with these fields, parsed. */
const pool = (fields: Record<string, unknown>) =>
  asPool(parse(treeOf({ id: "p", ...fields }), { file: FILE }).children[0]);

/** The faults of one pool, without the way to it. */
const faults = (fields: Record<string, unknown>) =>
  faultsOf(treeOf({ id: "p", ...fields })).map((fault) => fault.replace(/^\S+ children\[0\]\.?/, ""));

const copy = { command: "cat", protocol: "ndjson" };

Deno.test("a pool gets every default, and its copies get those of a sidecar", () => {
  const { sidecar, ...rest } = pool({ size: 3, sidecar: { command: "./w", cwd: "d" } });
  assertEquals(rest, {
    id: "p",
    min: 3,
    max: 3,
    routing: "round-robin",
    perCopy: 1,
    grow: { waited: 1_000 },
    shrinkAfter: 30_000,
    mailbox: { capacity: 1024, overflow: "wait" },
    intensity: { restarts: 5, within: 180_000, per: "child" },
    onStartFailure: "retry",
    onLimit: { quarantine: { coolDown: 30_000, factor: 2, max: 600_000 } },
    restart: "permanent",
    significant: false,
    startWithin: "infinity",
  });
  const { children } = parse(treeOf({ id: "a", command: "./w", cwd: "d" }), { file: FILE });
  const { id: _, significant: _s, mailbox: _m, ...alone } = children[0] as unknown as Record<string, unknown>;
  assertEquals(sidecar as unknown, alone);
  assertEquals([sidecar.command, sidecar.cwd], ["/srv/w", "/srv/d"]);
});

Deno.test("everything of a pool can be written out", () => {
  const fields = {
    min: 1,
    max: 4,
    routing: { by: "hash", field: "user" },
    perCopy: 8,
    grow: { queued: 10, waited: "2s" },
    shrinkAfter: "1m",
    whenGivenUp: "cancel",
    mailbox: { capacity: 2, overflow: "fail", bytes: "1KB" },
    intensity: { restarts: 1, within: "1s" },
    onLimit: "escalate",
    restart: "transient",
    after: [],
    startWithin: "1h",
    sidecar: copy,
  };
  assert(valid({ name: "t", children: [{ id: "p", ...fields }] }), JSON.stringify(valid.errors));
  const { min, max, routing, grow, mailbox, startWithin, whenGivenUp } = pool(fields);
  assertEquals([min, max, routing, whenGivenUp], [1, 4, { by: "hash", field: "user" }, "cancel"]);
  assertEquals(grow, { queued: 10, waited: 2_000 });
  assertEquals([mailbox.bytes, startWithin], [1_000, 3_600_000]);
  assertEquals(pool({ size: 1, routing: { by: "least-busy" }, sidecar: copy }).routing, "least-busy");
  const { min: two, max: four } = pool({ size: 2, max: 4, sidecar: copy });
  assertEquals([two, four], [2, 4]);
});

Deno.test("the faults of a pool are reported by name", () => {
  assertEquals(faults({ sidecar: copy }), [`: needs "size", or "min" and "max"`]);
  assertEquals(faults({ max: 2, sidecar: copy }), [`: needs "size", or "min" and "max"`]);
  assert(!valid({ name: "t", children: [{ id: "p", max: 2, sidecar: copy }] }));
  assertEquals(faults({ min: 3, max: 2, sidecar: copy }), [`: "min" (3) must not be above "max" (2)`]);
  assertEquals(faults({ size: 0, sidecar: copy }), ["size: must be 1 or more, got 0"]);
  assertEquals(faults({ size: 1001, sidecar: copy }), ["size: must be 1,000 or less, got 1001"]);
  assertEquals(faults({ size: 1, routing: "robin", sidecar: copy }), [
    `routing: expected "round-robin", "least-busy" or "hash", or an object with "by", got "robin"`,
  ]);
  assertEquals(faults({ size: 1, routing: { by: "hash", fields: "x" }, sidecar: copy }), [
    `routing.fields: unknown key; did you mean "field"?`,
  ]);
  assertEquals(faults({ size: 1, routing: { by: "least-busy", field: "x" }, sidecar: copy }), [
    `routing.field: is for "hash", not for "least-busy"`,
  ]);
  assertEquals(
    faults({ size: 1, routing: { by: "hash", field: "x" }, sidecar: { ...copy, protocol: "lines" } }),
    [
      `routing.field: needs messages of JSON, and "protocol" is "lines"`,
    ],
  );
  assertEquals(faults({ size: 1, grow: { queue: 1 }, sidecar: copy }), [
    `grow.queue: unknown key; did you mean "queued"?`,
  ]);
  assertEquals(faults({ size: 1, sidecar: { ...copy, comand: 1 } }), [
    `sidecar.comand: unknown key; did you mean "command"?`,
  ]);
  assertEquals(faults({ size: 1, sidecar: {} }), [
    'sidecar.command: missing; expected a string, the program alone, with the rest in "args"',
  ]);
  assertEquals(faults({ size: 1, command: "x", sidecar: copy }), [
    `: has "sidecar" and "command"; only one of them can be`,
  ]);
});

Deno.test("a pool's key in the copy, or a copy's in the pool, is reported with its right place", () => {
  assertEquals(faults({ size: 1, env: {}, sidecar: { ...copy, mailbox: {} } }), [
    `env: unknown key; write it in "sidecar"`,
    `sidecar.mailbox: unknown key; write it beside "sidecar": it is the pool's`,
  ]);
});

Deno.test("the rules of a sidecar hold for copies", () => {
  assertEquals(faults({ size: 1, sidecar: { command: "x", maxInFlight: 1 } }), [
    `sidecar.maxInFlight: needs a protocol; set "protocol" to "lines" or "ndjson"`,
  ]);
  assertEquals(faults({ size: 1, sidecar: { command: "x", protocol: "bytes", ready: { reply: "x" } } }), [
    `sidecar.ready.reply: needs a protocol that pairs replies, not "bytes"; set "protocol" to "lines" or "ndjson"`,
  ]);
});

Deno.test("after refuses to wait for the completion of a pool", () => {
  const tree = treeOf({ id: "p", size: 1, sidecar: copy }, {
    id: "a",
    command: "x",
    after: [{ id: "p", condition: "completed" }],
  });
  assertEquals(faultsOf(tree).map((fault) => fault.replace(/^\S+ /, "")), [
    `children[1].after[0].condition: "p" never completes: a pool ends only when it gives up; wait until it is "ready"`,
  ]);
});

Deno.test("permissions, paths and lists of sidecars include the programs of copies", () => {
  const probes = { liveness: { tcp: { port: 99 } }, readiness: { command: ["pg_isready"] } };
  const manifest = parse(
    treeOf({
      id: "s",
      children: [{ id: "p", min: 2, max: 9, sidecar: { ...copy, inheritEnv: ["X"], probes } }],
    }),
    { file: FILE },
  );
  assertEquals(permissionFlags(requiredPermissions(manifest)), [
    "--allow-run=cat,pg_isready",
    "--allow-env=X",
    "--allow-net=127.0.0.1:99",
  ]);
  assertEquals(requiredPermissions(manifest)[0]!.children, ["s/p"]);
  assertEquals(pathsOf(manifest), ["s", "s/p", "s/p/1", "s/p/2"]);
  assertEquals(sidecarsOf(manifest).map(({ path, entry }) => [path, entry.command]), [["s/p", "cat"]]);
  const [supervisor] = buildTree(manifest, factories).children;
  assertEquals(supervisor!.children[0]!.children.map(({ id }) => id), ["1", "2"]);
});

Deno.test("the program of a pool that is wrong is salvaged", () => {
  const { programs } = errorOf(treeOf({ id: "p", size: 0, sidecar: { command: "./gone", env: { A: "1" } } }));
  assertEquals(programs, [{ path: "p", command: "/srv/gone", cwd: "/srv", env: { A: "1" } }]);
});
