/** Probes in a manifest: what they mean, what they need, and what is wrong with them. */
import { assert, assertEquals } from "@std/assert";
// deno-lint-ignore no-import-prefix
import { Ajv } from "npm:ajv@^8";
import { parse } from "../../../src/manifest/parse.ts";
import { permissionFlags, requiredPermissions } from "../../../src/manifest/grants/permissions.ts";
import { jsonSchema } from "../../../src/manifest/json_schema.ts";
import { factories } from "../../../actors/factories.ts";
import { asSidecar, FILE, neededBy, sidecar, sidecarFaults, treeOf } from "../probe.ts";

const KUBERNETES = {
  initialDelay: 0,
  period: 10_000,
  timeout: 1_000,
  successThreshold: 1,
  failureThreshold: 3,
};

/** The faults of one liveness probe, without the way to it. */
function faults(liveness: unknown, fields: Record<string, unknown> = {}): string[] {
  return sidecarFaults({ ...fields, probes: { liveness } }).map((fault) =>
    fault.replace("children[0].probes.liveness", "")
  );
}

Deno.test("a probe gets Kubernetes' numbers", () => {
  const handlers = { startup: { tcp: { port: 80 } }, readiness: { http: { port: 81 } } };
  assertEquals(sidecar({ probes: handlers }).probes, {
    startup: { tcp: { port: 80, host: "127.0.0.1" }, ...KUBERNETES },
    readiness: { http: { url: "http://127.0.0.1:81/" }, ...KUBERNETES },
  });
  assertEquals(sidecar({ probes: {} }).probes, {});
  assertEquals("probes" in sidecar(), false);
});

Deno.test("every handler and number can be written out", () => {
  const numbers = {
    initialDelay: "1m",
    period: "1.5s",
    timeout: 20,
    successThreshold: 2,
    failureThreshold: 9,
  };
  const ms = { initialDelay: 60_000, period: 1_500, timeout: 20, successThreshold: 2, failureThreshold: 9 };
  const handlers: readonly [unknown, unknown?][] = [
    [{ tcp: { port: 65_535, host: "::1" } }],
    [{ http: { url: "https://example.com/health?deep=1" } }],
    [{ http: { port: 1, path: "/x?y" } }, { http: { url: "http://127.0.0.1:1/x?y" } }],
    [{ command: ["pg_isready", "-q"] }],
    [{ command: ["./bin/check"] }, { command: ["/srv/bin/check"] }],
    [{ ping: { op: "ping" } }],
    [{ heartbeat: { stdout: "^beat" } }],
    [{ heartbeat: { stderr: "^beat" } }],
  ];
  for (const [written, meant = written] of handlers) {
    const { probes } = sidecar({
      protocol: "ndjson",
      probes: { readiness: { ...written as object, ...numbers } },
    });
    assertEquals(probes, { readiness: { ...meant as object, ...ms } } as typeof probes);
  }
  assertEquals(sidecar({ probes: { startup: { pattern: { stdout: "up" } } } }).probes, {
    startup: { pattern: { stdout: "up" }, ...KUBERNETES },
  });
});

Deno.test("the probes of a manifest become the options of the sidecar", () => {
  const { children } = parse(
    treeOf({
      id: "a",
      command: "cat",
      protocol: "lines",
      probes: {
        startup: { pattern: { stderr: "up" } },
        liveness: { ping: "x" },
        readiness: { command: ["true"], successThreshold: 3 },
      },
    }),
    { file: FILE },
  );
  assertEquals(factories.sidecar(asSidecar(children[0])).id, "a");
});

Deno.test("a probe has exactly one handler", () => {
  const all = `"tcp", "http", "command", "ping", "heartbeat" or "pattern"`;
  assertEquals(faults({}), [`: needs ${all}`]);
  assertEquals(faults({ period: "1s" }), [`: needs ${all}`]);
  assertEquals(faults({ tcp: { port: 1 }, command: ["x"] }), [
    `: has "tcp" and "command"; only one of them can be`,
  ]);
  assertEquals(faults({ http: {} }), [`.http: needs "url" or "port"`]);
  assertEquals(faults({ http: { url: "http://x", path: "/" } }), [
    `.http: has "url" and "path"; only one of them can be`,
  ]);
  assertEquals(faults({ heartbeat: {} }), [`.heartbeat: needs "stdout" or "stderr"`]);
  assertEquals(faults({ heartbeat: { stdout: "x", stderr: "x" } }), [
    `.heartbeat: has "stdout" and "stderr"; only one of them can be`,
  ]);
});

Deno.test("an unknown key of a probe is reported with the nearest", () => {
  assertEquals(faults({ commnd: ["x"] }), [`.commnd: unknown key; did you mean "command"?`]);
  assertEquals(faults({ tcp: { prt: 1, port: 1 } }), [`.tcp.prt: unknown key; did you mean "port"?`]);
  assertEquals(faults({ tcp: { port: 1 }, repetitions: 1 }), [
    `.repetitions: unknown key; valid keys are tcp, http, command, ping, heartbeat, pattern, initialDelay, period, ` +
    "timeout, successThreshold, failureThreshold, busyFor",
  ]);
  assertEquals(sidecarFaults({ probes: { livenes: {} } }), [
    `children[0].probes.livenes: unknown key; did you mean "liveness"?`,
  ]);
});

Deno.test("a host is taken as it is when it is one name or address", () => {
  for (
    const host of [
      "a",
      "a.b-c.example.",
      "h_x",
      "127.0.0.1",
      "0.0.0.0",
      "::1",
      "fe80::1%eth0",
      "::ffff:1.2.3.4",
    ]
  ) {
    assertEquals(sidecar({ probes: { liveness: { tcp: { port: 1, host } } } }).probes?.liveness, {
      ...KUBERNETES,
      tcp: { port: 1, host },
    });
  }
  for (const url of ["http://[::1]:80/*", "https://müller.de/a,b", "http://127.1/?*"]) {
    assertEquals(sidecar({ probes: { liveness: { http: { url } } } }).probes?.liveness, {
      ...KUBERNETES,
      http: { url },
    });
  }
});

Deno.test("ports, patterns, numbers and addresses are held against their bounds", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{ tcp: {} }, ".tcp.port: missing; expected a whole number"],
    [{ tcp: { port: 0 } }, ".tcp.port: must be 1 or more, got 0"],
    [{ tcp: { port: 65_536 } }, ".tcp.port: must be 65,535 or less, got 65536"],
    [{ tcp: { port: 1, host: "a,b" } }, ".tcp.host: must be a host's name or address"],
    ...[
      "a b",
      "a/b",
      "10.0.0.0/8",
      "1.2.3.4/8",
      "0.0.0.0/0",
      "a..b",
      ".a",
      "::1/64",
      "[::1]",
      "a:80",
      "1.2.3.4.",
      "unix:/x",
    ]
      .map((host) => [{ tcp: { port: 1, host } }, ".tcp.host: must be a host's name or address"] as const),
    ...["*", "*.example.com", "a*"].map((host) =>
      [
        { tcp: { port: 1, host } },
        `.tcp.host: must be a host's name or address; "*" would be many, so name the one`,
      ] as const
    ),
    ...["http://*/", "https://*.example.com:8080/x", "http://u:p@*/"].map((url) =>
      [
        { http: { url } },
        `.http.url: must be a host's name or address; "*" would be many, so name the one`,
      ] as const
    ),
    [{ http: { url: "http://a,b/" } }, ".http.url: must be a host's name or address"],
    [
      { tcp: { port: 1, host: "müller.de" } },
      `.tcp.host: must be a host's name or address in ASCII: "xn--mller-kva.de"`,
    ],
    [{ http: { port: 70_000 } }, ".http.port: must be 65,535 or less, got 70000"],
    [{ http: { port: 1, path: "x" } }, `.http.path: must start with "/"`],
    [{ http: { url: "ftp://x" } }, ".http.url: must be a URL that starts with http:// or https://"],
    [{ command: [] }, ".command: needs a program"],
    [{ command: [""] }, ".command[0]: must not be empty"],
    [{ command: "true" }, ".command: expected an array, got a string"],
    [{ heartbeat: { stdout: "(" } }, ".heartbeat.stdout: not a regular expression: Unterminated group"],
    [{ tcp: { port: 1 }, period: 0 }, ".period: must be 1 millisecond or more, got 0"],
    [{ tcp: { port: 1 }, failureThreshold: 0 }, ".failureThreshold: must be 1 or more, got 0"],
    [{ tcp: { port: 1 }, successThreshold: 2 }, ".successThreshold: must be 1 for liveness, got 2"],
    [
      { pattern: { stdout: "x" } },
      `.pattern: is for startup and readiness; a sidecar that says it again and again has a "heartbeat"`,
    ],
  ];
  for (const [probe, fault] of cases) assertEquals(faults(probe), [fault]);
  const readiness = { pattern: { stdout: "x" }, successThreshold: 2 };
  assertEquals(sidecarFaults({ probes: { readiness } }), [
    "children[0].probes.readiness.successThreshold: must be 1 for a pattern, got 2",
  ]);
});

Deno.test("a ping needs a protocol that can carry it, and a reply", () => {
  const hint = `set "protocol" to "lines" or "ndjson"`;
  assertEquals(faults({ ping: "x" }), [`.ping: needs a protocol; ${hint}`]);
  assertEquals(faults({ ping: "x" }, { protocol: "bytes" }), [
    `.ping: needs a protocol that pairs replies, not "bytes"; ${hint}`,
  ]);
  assertEquals(faults({ ping: "a\nb" }, { protocol: "lines" }), [
    `.ping: must be a text of one line, as "protocol" is "lines"`,
  ]);
  for (const ping of ["x", [1], null]) {
    assertEquals(faults({ ping }, { protocol: "ndjson" }), [
      `.ping: must be an object, which carries the id of a request, as "protocol" is "ndjson"`,
    ]);
  }
});

Deno.test("the permissions of probes are in needs, each once", () => {
  const manifest = parse(
    treeOf({
      id: "a",
      command: "tr",
      inheritEnv: [],
      probes: {
        startup: { command: ["pg_isready"] },
        liveness: { tcp: { port: 80 } },
        readiness: { http: { port: 80, path: "/ready" } },
      },
    }, {
      id: "b",
      command: "tr",
      inheritEnv: [],
      probes: {
        startup: { command: ["tr", "a", "b"] },
        liveness: { tcp: { port: 81, host: "::1" } },
        readiness: { http: { url: "https://example.com/x" } },
      },
    }),
    { file: FILE },
  );
  const all = requiredPermissions(manifest);
  assertEquals(all, [
    {
      name: "run",
      value: "tr",
      children: ["a", "b"],
      why: [...neededBy("program", "a", "b").why, { child: "b", purpose: "probe" }],
    },
    { name: "run", value: "pg_isready", ...neededBy("probe", "a") },
    { name: "net", value: "127.0.0.1:80", ...neededBy("probe", "a") },
    { name: "net", value: "[::1]:81", ...neededBy("probe", "b") },
    { name: "net", value: "example.com:443", ...neededBy("probe", "b") },
  ]);
  assertEquals(permissionFlags(all), [
    "--allow-run=tr,pg_isready",
    "--allow-net=127.0.0.1:80,[::1]:81,example.com:443",
  ]);
});

Deno.test("the JSON Schema knows probes", () => {
  const valid = new Ajv({ allowUnionTypes: true }).compile(jsonSchema());
  const tree = (probes: unknown) => ({ name: "t", children: [{ id: "a", command: "x", probes }] });
  assert(
    valid(tree({ startup: { tcp: { port: 80 }, period: "1s", failureThreshold: 30 } })),
    JSON.stringify(valid.errors),
  );
  for (
    const wrong of [
      { startup: { tcp: { port: 70_000 } } },
      { startup: { tcp: { port: 80 }, periodSeconds: 1 } },
      { started: { tcp: { port: 80 } } },
      { liveness: {} },
      { liveness: { tcp: { port: 80 }, command: ["x"] } },
    ]
  ) assertEquals(valid(tree(wrong)), false, JSON.stringify(wrong));
});
