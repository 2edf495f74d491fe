/** What a manifest says of secrets, users, pinned programs, limits and launchers. */
import { assertEquals } from "@std/assert";
import { parse } from "../../../src/manifest/parse.ts";
import {
  permissionFlags,
  type PermissionHost,
  requiredPermissions,
} from "../../../src/manifest/grants/permissions.ts";
import { FILE, sidecar, sidecarFaults, treeOf } from "../probe.ts";

const DIGEST = "0123456789abcdefABCDEF".padEnd(64, "0");

function flagsOf(fields: Record<string, unknown>, platform: PermissionHost = {}): string[] {
  const child = { id: "a", command: "w", inheritEnv: [], ...fields };
  return permissionFlags(requiredPermissions(parse(treeOf(child), { file: FILE }), platform));
}

Deno.test("paths of files and launchers are relative to the manifest; the rest is as written", () => {
  const { env, launcher, sha256, uid, gid, limits } = sidecar({
    env: { KEY: { file: "secrets/key" }, ABSOLUTE: { file: "/run/key" }, MODE: "live" },
    launcher: ["./launch", "./as-it-is"],
    sha256: DIGEST,
    uid: 0,
    gid: 4_294_967_294,
    limits: { memory: "200MB", cpu: 1.5 },
  });
  assertEquals(env, { KEY: { file: "/srv/secrets/key" }, ABSOLUTE: { file: "/run/key" }, MODE: "live" });
  assertEquals([launcher, sha256, uid, gid], [
    ["/srv/launch", "./as-it-is"],
    DIGEST,
    0,
    4_294_967_294,
  ]);
  assertEquals(limits, { memory: 200_000_000, cpu: 1.5, for: 5_000 });
  assertEquals(sidecar({ launcher: ["nice"], limits: { memory: "64GiB", for: "10m" } }).limits, {
    memory: 64 * 2 ** 30,
    for: 600_000,
  });
});

const faults: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ env: { K: { fil: "x" } } }, `env.K.fil: unknown key; did you mean "file"?`],
  [{ env: { K: {} } }, `env.K: needs "file", "from", "join" or "copy"`],
  [{ env: { K: { file: "" } } }, `env.K.file: must not be empty`],
  [{ env: { K: { file: "x", mode: 1 } } }, `env.K.mode: unknown key; valid keys are file`],
  [
    { env: { K: 1 } },
    `env.K: expected a text, such as "8080", or an object with "file", "from", "join" or "copy", got a number`,
  ],
  [
    { env: { PATH: { file: "x" } } },
    "env.PATH: must be a text: programs are looked up by it",
  ],
  [{ launcher: [] }, "launcher[0]: missing; expected a string"],
  [{ launcher: ["nice", 5] }, "launcher[1]: expected a string, got a number"],
  [{ pty: 1 }, "pty: expected true or false, got a number"],
  [{ pty: true, launcher: ["nice"] }, "pty: it is a launcher itself; leave out one of the two"],
  ...["bytes", "content-length", "netstring", "lsp", { type: "jsonrpc", framing: "headers" }].map((
    protocol,
  ) =>
    [
      { pty: true, protocol },
      `pty: a terminal alters bytes; use "lines" or "ndjson" as the protocol, or leave it out`,
    ] as const
  ),
  ...[{ ready: { stderr: "up" } }, { probes: { liveness: { heartbeat: { stderr: "tick" } } } }].map((waits) =>
    [{ pty: true, ...waits }, `pty: stderr comes on stdout there; wait for the line on "stdout"`] as const
  ),
  [{ sha256: "abc" }, "sha256: a SHA-256 must be 64 hexadecimal digits"],
  [{ uid: -1 }, "uid: must be 0 or more, got -1"],
  [{ gid: 1.5 }, "gid: expected a whole number, got 1.5"],
  [{ limits: {} }, `limits: needs "memory" or "cpu", or both`],
  [
    { limits: { memory: "0B" } },
    `limits.memory: must be between 1 and 1,125,899,906,842,624 bytes, got "0B"`,
  ],
  [{ limits: { cpu: 0 } }, "limits.cpu: must be 0.001 or more, got 0"],
  [{ limits: { cpus: 1 } }, `limits.cpus: unknown key; did you mean "cpu"?`],
  [
    { limits: { cpu: 1, for: "20m" } },
    `limits.for: must be between 1,000 and 600,000 milliseconds, got "20m"`,
  ],
  [{ MemoryMax: "200M" }, `MemoryMax: unknown key; write "limits": { "memory": "200MiB" }`],
  [
    { CPUQuota: "150%" },
    `CPUQuota: unknown key; write "limits": { "cpu": 1.5 }; over it, the program is not slowed down but restarted`,
  ],
  [{ runAsUser: 1000 }, `runAsUser: unknown key; write "uid": 1000`],
];

for (const [fields, fault] of faults) {
  Deno.test(`the fault of ${JSON.stringify(fields)} is reported`, () => {
    assertEquals(sidecarFaults(fields), [`children[0].${fault}`]);
  });
}

Deno.test("permissions: files of variables are read", () => {
  assertEquals(flagsOf({ env: { A: { file: "a" }, B: { file: "b" }, C: { file: "a" } } }, { file: FILE }), [
    "--allow-run=w",
    "--allow-read=/srv/outrider.json,/srv/a,/srv/b",
  ]);
});

Deno.test("permissions: a pinned program is read where it is; one that is not found takes all of read", () => {
  const locate = (command: string, path: string | undefined) => `${path ?? "/usr/bin"}/${command}`;
  assertEquals(flagsOf({ sha256: DIGEST }, { locate }), [
    "--allow-run=/usr/bin/w",
    "--allow-env=PATH",
    "--allow-read=/usr/bin/w",
  ]);
  const own = { sha256: DIGEST, env: { PATH: "/opt" } };
  assertEquals(flagsOf(own, { locate }), ["--allow-run=/opt/w", "--allow-read=/opt/w"]);
  assertEquals(flagsOf({ sha256: DIGEST, command: "./w" }), ["--allow-run=/srv/w", "--allow-read=/srv/w"]);
  assertEquals(flagsOf({ sha256: DIGEST }), ["--allow-run=w", "--allow-env=PATH", "--allow-read"]);
  assertEquals(flagsOf({ sha256: DIGEST, command: "deno" }, { execPath: "/x/deno" }), [
    ...["--allow-run=/x/deno", "--allow-read=/x/deno"],
  ]);
});

Deno.test("permissions: a launcher is run in place of its program; limits are read by ps", () => {
  const probes = { liveness: { command: ["alive"] } };
  assertEquals(flagsOf({ launcher: ["nice", "-n", "1"], probes }), ["--allow-run=nice,alive"]);
  assertEquals(flagsOf({ pty: true, sha256: undefined, probes }), ["--allow-run=script,alive"]);
  assertEquals(flagsOf({ limits: { cpu: 1 } }), ["--allow-run=w,ps"]);
});
