/** Keys as other tools name them: the hint says what to write, and what it says is taken. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parse } from "../../../src/manifest/parse.ts";
import { ManifestError } from "../../../src/manifest/manifest_errors.ts";
import { faultsOf, FILE, sidecarFaults, treeOf } from "../probe.ts";

/** The hint for one key of a readiness probe. */
function probeHint(key: string, value: unknown): string {
  return hintOf(sidecarFaults({ probes: { readiness: { [key]: value } } }), key);
}

/** The hint for one key of a sidecar. */
function sidecarHint(key: string, value: unknown): string {
  return hintOf(sidecarFaults({ [key]: value }), key);
}

function hintOf(faults: readonly string[], key: string): string {
  const fault = faults.find((one) => one.includes(key)) ?? faults.join("\n");
  assertStringIncludes(fault, "unknown key; ");
  return fault.slice(fault.indexOf("; ") + 2);
}

const probes: readonly [key: string, value: unknown, hint: string][] = [
  ["initialDelaySeconds", 0, `write "initialDelay": "0s"`],
  ["periodSeconds", 10, `write "period": "10s"`],
  ["period_seconds", 10, `write "period": "10s"`],
  ["timeoutSeconds", 0.5, `write "timeout": "0.5s"`],
  ["timeoutSeconds", "soon", `write it like "timeout": "1s"`],
  ["httpGet", { port: 8080, path: "/ok" }, `write "http": { "port": 8080, "path": "/ok" }`],
  ["httpGet", { port: 8080 }, `write "http": { "port": 8080 }`],
  ["httpGet", { port: 1, host: "db", scheme: "HTTPS" }, `write "http": { "url": "https://db:1/" }`],
  ["httpGet", { port: "web" }, `write it like "http": { "port": 8080, "path": "/health" }`],
  [
    "httpGet",
    { port: 8080, httpHeaders: [] },
    `write it like "http": { "port": 8080, "path": "/health" }`,
  ],
  ["tcpSocket", { port: 5432, host: "db" }, `write "tcp": { "port": 5432, "host": "db" }`],
  ["tcpSocket", {}, `write it like "tcp": { "port": 5432 }`],
  ["interval", "30s", `write "period": "30s"`],
  ["retries", 5, `write "failureThreshold": 5`],
  ["test", ["CMD", "curl", "-f", "http://localhost"], `write "command": ["curl", "-f", "http://localhost"]`],
  ["test", ["CMD-SHELL", "exit 1"], `write "command": ["sh", "-c", "exit 1"]`],
  ["exec", { command: ["cat", "/x"] }, `write "command": ["cat", "/x"]`],
  ["exec", { command: ["cat", "\u202e"] }, `write it like "command": ["pg_isready", "-q"]`],
  ["exec", { command: ["x".repeat(200)] }, `write it like "command": ["pg_isready", "-q"]`],
  ["grpc", { port: 1 }, `write it like "command": ["grpc_health_probe", "-addr=127.0.0.1:9000"]`],
];

for (const [key, value, hint] of probes) {
  Deno.test(`a probe with ${key}: ${JSON.stringify(value).slice(0, 40)}`, () => {
    assertEquals(probeHint(key, value), hint);
    // What it tells to write is a probe's.
    const told = hint.slice(hint.indexOf('"'));
    const [field] = Object.entries(JSON.parse(`{${told}}`));
    const handler = /^"(http|tcp|command)/.test(told) ? {} : { tcp: { port: 1 } };
    parse(
      treeOf({
        id: "a",
        command: "x",
        probes: { readiness: { ...handler, ...Object.fromEntries([field!]) } },
      }),
      {
        file: FILE,
      },
    );
  });
}

const sidecars: readonly [key: string, value: unknown, hint: string][] = [
  ["RestartSec", 5, `write "backoff": { "initial": "5s", "factor": 1, "max": "5s" }`],
  ["RestartSec=", "100ms", `write "backoff": { "initial": "100ms", "factor": 1, "max": "100ms" }`],
  ["restartSec", "2min", `write "backoff": { "initial": "2m", "factor": 1, "max": "2m" }`],
  ["RestartSec", "1min 30s", `write "backoff": { "initial": "90s", "factor": 1, "max": "90s" }`],
  ["RestartSec", "soon", `write it like "backoff": { "initial": "1s", "factor": 1, "max": "1s" }`],
  ["RestartMaxDelaySec", 60, `write "backoff": { "max": "60s" }`],
  [
    "ExecStartPre",
    "x",
    `write it like "after": [{ "id": "prepare", "condition": "completed_successfully" }]`,
  ],
  ["PartOf", "db.service", `write it like "after": [{ "id": "db", "restart": true }]`],
  ["RestartPreventExitStatus", "1 6 SIGABRT", `write "restart": { "prevent": [1, 6, "SIGABRT"] }`],
  ["RestartForceExitStatus", 0, `write "restart": { "force": [0] }`],
  ["RestartForceExitStatus", "EX_USAGE", `write it like "restart": { "force": [0] }`],
  ["TimeoutStopSec", 90, `write "stop": { "term": "90s" }`],
  ["terminationGracePeriodSeconds", 30, `write "stop": { "term": "30s" }`],
  [
    "WatchdogSec",
    "30s",
    `write "probes": { "liveness": { "heartbeat": { "stderr": "^alive" }, "period": "30s", "failureThreshold": 1 } }`,
  ],
  ["restartPolicy", "OnFailure", `write "restart": "on-failure"`],
  ["TimeoutStartSec", 90, `write "startWithin": "90s"`],
  ["TimeoutStartSec", "infinity", `write "startWithin": "infinity"`],
  ["WorkingDirectory", "/srv", `write "cwd": "/srv"`],
  ["environment", ["A=b=c", "B="], `write "env": { "A": "b=c", "B": "" }`],
  ["environment", { A: "b" }, `write "env": { "A": "b" }`],
  ["enviroment", { A: "b" }, `write "env": { "A": "b" }`],
  [
    "helthcheck",
    {},
    `write it like "probes": { "readiness": { "http": { "port": 8080, "path": "/health" } } }`,
  ],
  ["environment", "A=b", `write it like "env": { "PORT": "8080" }`],
  ["depends_on", ["b"], `write "after": ["b"]`],
  [
    "depends_on",
    { b: { condition: "service_healthy" }, c: { condition: "process_completed_successfully" } },
    `write "after": [{ "id": "b", "condition": "ready" }, { "id": "c", "condition": "completed_successfully" }]`,
  ],
  [
    "depends_on",
    { b: { condition: "service_started", restart: true } },
    `write "after": [{ "id": "b", "condition": "started", "restart": true }]`,
  ],
  ["depends_on", { b: {} }, `write it like "after": ["db"]`],
  [
    "healthcheck",
    {},
    `write it like "probes": { "readiness": { "http": { "port": 8080, "path": "/health" } } }`,
  ],
  [
    "healthcheck",
    { test: ["CMD", "pg_isready"], interval: "10s", timeout: "5s", retries: 5 },
    `write "probes": { "readiness": { "command": ["pg_isready"], "period": "10s", "timeout": "5s", "failureThreshold": 5 } }`,
  ],
  ["stop_grace_period", "30s", `write "stop": { "term": "30s" }`],
  ["stop_grace_period", "1m30s", `write "stop": { "term": "90s" }`],
  ["pre_stop", [], `write it like "stop": { "command": ["./drain"] }`],
  ["logging", {}, `write it like "log": { "file": "web.log", "max": "10MB", "keep": 5 }`],
  ["disabled", true, `write "start": false`],
  ["autostart", false, `write "start": false`],
  ["availability", { restart: "on_failure" }, `write "restart": "on-failure"`],
  ["shutdown", { signal: 3, timeout_seconds: 5 }, `write "stop": { "signal": "SIGQUIT", "term": "5s" }`],
  ["secrets", ["token"], `write it like "env": { "TOKEN": { "file": "/run/secrets/token" } }`],
  ["listen_timeout", 3000, `write "startWithin": "3000ms"`],
  ["log_type", "json", `write it like "log": { "file": "web.log", "format": "json" }`],
  ["exp_backoff_restart_delay", 100, `write "backoff": { "initial": "100ms" }`],
  ["min_uptime", "10s", `write "backoff": { "resetAfter": "10s" }`],
  ["instance_var", "N", `write it like "env": { "PORT": { "copy": 3000 } }`],
  ["interpreter", "python3", `write "command": "python3"`],
  ["filter_env", ["A"], `write it like "inheritEnv": ["PATH", "LANG"]`],
  ["treekill", false, `write "stop": { "scope": "process" }`],
  ["out_file", "api.log", `write "log": { "file": "api.log" }`],
  ["stdout_logfile", "/tmp/w.log", `write "log": { "file": "/tmp/w.log" }`],
  ["stdout_logfile_backups", 3, `write it like "log": { "file": "web.log", "max": "10MB", "keep": 5 }`],
  ["ExecStop", "nginx -s quit", `write it like "stop": { "command": ["nginx", "-s", "quit"] }`],
  ["stopasgroup", true, `write it like "stop": { "scope": "group" }`],
  ["kill_timeout", 3000, `write "stop": { "term": "3000ms" }`],
  ["mem_limit", "100m", `write "limits": { "memory": "100MiB" }`],
  ["max_memory_restart", "1G", `write "limits": { "memory": "1GiB" }`],
  ["restart_delay", 500, `write "backoff": { "initial": "500ms", "factor": 1, "max": "500ms" }`],
  ["autorestart", false, `write "restart": "no"`],
  ["exitcodes", "0,2", `write "successExitStatus": [0, 2]`],
  ["name", "web", `write "id": "web"`],
  ["script", "server.js", `write it like "command": "node"`],
  ["env_file", ".env", `write "envFile": ".env"`],
  ["env_file", [{ path: "a", required: false }], `write "envFile": [{ "path": "a", "required": false }]`],
  ["entrypoint", "./web", `write "command": "./web"`],
  ["tty", true, `write "pty": true`],
  ["backoff_seconds", 2, `write "backoff": { "initial": "2s", "factor": 1, "max": "2s" }`],
  ["parent_only", true, `write "stop": { "scope": "process" }`],
  ["launch_timeout_seconds", 5, `write "startWithin": "5s"`],
  ["ready_log_line", "up (1)", `write it like "ready": { "stdout": "^listening" }`],
];

for (const [key, value, hint] of sidecars) {
  Deno.test(`a sidecar with ${key}: ${JSON.stringify(value)}`, () => {
    assertEquals(sidecarHint(key, value), hint);
    const field: unknown = JSON.parse(`{${hint.slice(hint.indexOf('"'))}}`);
    const siblings = [{ id: "b", command: "x", restart: "temporary" }, {
      id: "c",
      command: "x",
      restart: "temporary",
    }];
    const a = { id: "a", command: "x", ...field as object };
    if (!/"(db|prepare|copy|file": "\/run.*)"/.test(hint)) parse(treeOf(a, ...siblings), { file: FILE });
  });
}

Deno.test("a key of a container has no counterpart, and one of a daemon is a flag of the program", () => {
  assertEquals(sidecarHint("image", "nginx"), "Outrider runs programs, not containers; leave it out");
  assertEquals(
    sidecarHint("is_daemon", true),
    "run the program in the foreground, with its flag for that, and leave it out",
  );
});

Deno.test("a key without a counterpart says what does the same, or that nothing does", () => {
  assertStringIncludes(sidecarHint("watch", true), "Outrider watches no files; let a watcher run");
  assertStringIncludes(sidecarHint("exec_mode", "cluster"), "copies of a pool share no port");
  assertStringIncludes(sidecarHint("priority", 10), "children start in the order of their list");
  assertStringIncludes(sidecarHint("ExecReload", "x"), "'outrider signal CHILD HUP' sends it");
});

Deno.test("a condition, a list of words as the command and a policy of compose are told what to be here", () => {
  const after = [{ id: "b", condition: "service_healthy" }];
  assertStringIncludes(sidecarFaults({ after }).join(), 'got "service_healthy"; did you mean "ready"?');
  assertStringIncludes(
    sidecarFaults({ command: ["sh", "-c", "x"] }).join(),
    'expected a string, the program alone, with the rest in "args", got an array',
  );
  assertStringIncludes(sidecarFaults({ restart: "unless-stopped" }).join(), 'did you mean "permanent"?');
});

Deno.test("a key that only looks like one of ours gets no other hint", () => {
  for (const key of ["disable_logs", "vizion", "extends"]) {
    assertEquals(sidecarHint(key, true), "Outrider has nothing of the kind");
  }
});

Deno.test("the hint for a key has all that its value says, each with its place", () => {
  assertEquals(
    sidecarHint("availability", { restart: "on_failure", backoff_seconds: 2, max_restarts: 4 }),
    `write "restart": "on-failure", and "backoff": { "initial": "2s", "factor": 1, "max": "2s" }, ` +
      `and "intensity": { "restarts": 4 } in its supervisor`,
  );
  assertEquals(
    sidecarHint("availability", { restart: "exit_on_failure" }),
    `write "restart": "no", and "significant": true, and "autoShutdown": "any_significant" in its supervisor`,
  );
  assertEquals(
    sidecarHint("deploy", { replicas: 2, resources: { limits: { cpus: "0.5", memory: "50M" } } }),
    `write "size": 2 in a pool, and "limits": { "memory": "50MiB" }, and "limits": { "cpu": 0.5 }`,
  );
  assertEquals(
    sidecarHint("deploy", { resources: { limits: { memory: "50M" } } }),
    `write "limits": { "memory": "50MiB" }`,
  );
  assertEquals(
    sidecarHint("healthcheck", { test: "true", start_period: "30s" }),
    `write "probes": { "readiness": { "command": ["sh", "-c", "true"] } }, ` +
      `and "startWithin": "120s"`,
  );
  assertEquals(
    sidecarHint("cpus", "0.5"),
    `write "limits": { "cpu": 0.5 }; over it, the program is not slowed down but restarted`,
  );
});

Deno.test("a key has the hint with an example when its value has no text, or is beyond all times", () => {
  const textless = { toString: 1 };
  assertEquals(sidecarHint("memLimit", textless), `write it like "limits": { "memory": "200MB" }`);
  assertStringIncludes(sidecarHint("CPUQuota", textless), `write it like "limits": { "cpu": 1.5 }`);
  assertEquals(sidecarHint("environment", [textless]), `write it like "env": { "PORT": "8080" }`);
  for (const condition of [textless, "constructor"]) {
    assertEquals(sidecarHint("dependsOn", { db: { condition } }), `write it like "after": ["db"]`);
  }
  assertEquals(
    sidecarHint("healthcheck", { test: "true", start_period: `${"9".repeat(30)}h1m` }),
    `write "probes": { "readiness": { "command": ["sh", "-c", "true"] } }`,
  );
});

Deno.test("a probe beside probes is told to be within them, as it is written", () => {
  for (const kind of ["startup", "readiness", "liveness"]) {
    const http = { http: { port: 80 } };
    assertEquals(sidecarHint(kind, http), `write "${kind}": { "http": { "port": 80 } } in "probes"`);
  }
});

Deno.test("a limit of the stop, written in stop as another tool has it, is its term", () => {
  for (const key of ["timeout", "timeout_seconds", "kill_timeout", "stop_grace_period"]) {
    const value = key === "kill_timeout" ? 3_000 : 3;
    const hint = hintOf(sidecarFaults({ stop: { [key]: value } }), key);
    assertEquals(hint, key === "kill_timeout" ? `write "term": "3000ms"` : `write "term": "3s"`);
  }
});

Deno.test("a key for times, for the shell and for one of several environments is told what does the same", () => {
  assertStringIncludes(sidecarHint("cron", "* * * * *"), "'outrider run CHILD'");
  assertStringIncludes(sidecarHint("cron_restart", "* * * * *"), "'outrider restart CHILD'");
  assertStringIncludes(sidecarHint("shell", true), `"command": "sh", "args": ["-c", "…"]`);
  assertStringIncludes(sidecarHint("env_production", {}), '"envFile"');
});

Deno.test("a value that most people write in another form first is shown in the right one", () => {
  assertStringIncludes(sidecarFaults({ env: { PORT: 8080 } }).join(), `a text, such as "8080", or`);
  assertStringIncludes(sidecarFaults({ ready: "listening" }).join(), `{ "stdout": "^listening" }`);
  assertStringIncludes(sidecarFaults({ args: "a b" }).join(), `an array, such as ["--port", "8080"]`);
});

Deno.test("timeout in a sidecar is told apart: of its start, its stop or a probe", () => {
  assertEquals(
    sidecarHint("timeout", 10),
    'write "startWithin" for its start, "stop": { "term": … } for its stop; a probe has a "timeout" of its own',
  );
});

Deno.test("a misplaced key is reported with its right place", () => {
  assertEquals(sidecarHint("StartLimitBurst", 3), `write "intensity": { "restarts": 3 } in its supervisor`);
  assertEquals(sidecarHint("deploy", { replicas: 2 }), `write "size": 2 in a pool`);
  assertEquals(sidecarHint("replicas", 3), `write "size": 3 in a pool`);
  assertEquals(sidecarHint("instances", 3), `write "size": 3 in a pool`);
  assertEquals(sidecarHint("max_restarts", 3), `write "intensity": { "restarts": 3 } in its supervisor`);
  assertEquals(sidecarHint("periodSeconds", 10), `write "period": "10s" in a probe`);
  assertEquals(
    sidecarHint("livenessProbe", {}),
    `write it like "liveness": { "http": { "port": 8080, "path": "/health" } } in "probes"`,
  );
  assertEquals(
    probeHint("terminationGracePeriodSeconds", 5),
    `write "stop": { "term": "5s" } in the sidecar`,
  );
  assertEquals(
    faultsOf(
      `{"name":"t","StartLimitBurst":"4","StartLimitIntervalSec":10,"children":[{"id":"a","command":"b"}]}`,
    ),
    [
      `1:13 StartLimitBurst: unknown key; write "intensity": { "restarts": 4 }`,
      `1:35 StartLimitIntervalSec: unknown key; write "intensity": { "within": "10s" }`,
    ],
  );
});

Deno.test("a probe as Kubernetes writes it gets one fault for each key, and no other", () => {
  const liveness = { httpGet: { path: "/ok", port: 80 }, initialDelaySeconds: 3, periodSeconds: 3 };
  assertEquals(sidecarFaults({ probes: { liveness } }), [
    `children[0].probes.liveness.httpGet: unknown key; write "http": { "port": 80, "path": "/ok" }`,
    `children[0].probes.liveness.initialDelaySeconds: unknown key; write "initialDelay": "3s"`,
    `children[0].probes.liveness.periodSeconds: unknown key; write "period": "3s"`,
  ]);
});

Deno.test("systemd's Restart and Kubernetes' thresholds are known: the one by its likeness, the others as they are", () => {
  assertEquals(sidecarHint("Restart", "on-failure"), `did you mean "restart"?`);
  assertEquals(sidecarHint("Restart=", "on-failure"), `did you mean "restart"?`);
  for (const key of ["successThreshold", "failureThreshold"]) {
    parse(treeOf({ id: "a", command: "x", probes: { readiness: { tcp: { port: 1 }, [key]: 2 } } }), {
      file: FILE,
    });
  }
});

for (
  const [child, hint] of [
    [{ command: "x", exec: ["x"] }, 'a sidecar has "command", and its arguments in "args"'],
    [{ cmd: "node" }, 'write "command": "node"'],
    [{ command: "x", arguments: ["a"] }, 'write "args": ["a"]'],
    [{ command: "x", ready: { stdout: "^up", timeout: "5s" } }, 'write "within": "5s"'],
    [{ command: "x", mailbox: { size: 5 } }, 'write "capacity": 5'],
    [{ command: "x", size: 2 }, `only a pool has "size"`],
  ] as const
) {
  const text = JSON.stringify({ name: "t", children: [{ id: "a", ...child }] });
  Deno.test(`the hint for ${text} names the key that is meant`, () => {
    const error = assertThrows(() => parse(text, { file: "t.json" }), ManifestError);
    assertStringIncludes(error.message, hint);
  });
}
