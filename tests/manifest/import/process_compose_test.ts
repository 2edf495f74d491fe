/** What `import` makes of a file of process-compose. */
import { assertEquals } from "@std/assert";
import { faultsOf, imported } from "./importing.ts";

Deno.test("import of process-compose takes restarts, dependencies, probes, stops, variables and logs over", async () => {
  const { manifest, left } = await imported(
    "process-compose",
    `
version: "0.5"
x-common: &common
  availability: { restart: on_failure, backoff_seconds: 2, max_restarts: 3 }
environment:
  - "MODE=prod"
vars: { NAME: ann }
log_location: all.log
processes:
  db:
    <<: *common
    command: ./db --name {{.NAME}}
    working_dir: data
    environment: ["COST=5$$", "ME=\${USER}", "PORT=\${PORT:-80}"]
    readiness_probe:
      exec: { command: pg_isready -q }
      initial_delay_seconds: 1
      period_seconds: 2
      timeout_seconds: 3
      success_threshold: 2
      failure_threshold: 4
    liveness_probe:
      http_get: { host: 127.0.0.1, scheme: http, path: /up, port: "8080" }
    shutdown: { command: ./drain now, signal: 2, timeout_seconds: 7, parent_only: yes }
    log_location: db.log
    log_configuration: { rotation: { max_size_mb: 5, max_backups: 2, compress: true } }
    success_exit_codes: [0, 143]
  migrate:
    command: ./migrate && echo $MODE $KEY
    depends_on: { db: { condition: process_healthy } }
  web:
    entrypoint: [./web, --all]
    description: |
      The front
      of it
    replicas: 2
    env_file: web.env
    is_tty: true
    launch_timeout_seconds: 4
    ready_log_line: listening (1)
    depends_on:
      migrate: { condition: process_completed_successfully }
      db:
    <<: *common
  off:
    command: sleep 1
    disabled: true
`,
    { "web.env": "" },
  );
  const backoff = { initial: "2s", factor: 1, max: "2s", jitter: 0 };
  const budget = { intensity: { restarts: 3, within: "1h" }, onLimit: { quarantine: {} } };
  const { children, ...root } = manifest;
  assertEquals(root, {
    name: "app",
    env: { MODE: "prod" },
    log: { file: "all.log", max: "infinity" },
    ...budget,
  });
  const [db, migrate, web, off] = children;
  assertEquals(db, {
    id: "db",
    command: "data/db",
    args: ["--name", "ann"],
    cwd: "data",
    env: { COST: "5$", ME: { from: "USER", default: "" }, PORT: { from: "PORT", default: "80" } },
    probes: {
      readiness: {
        command: ["pg_isready", "-q"],
        initialDelay: "1s",
        period: "2s",
        timeout: "3s",
        successThreshold: 2,
        failureThreshold: 4,
      },
      liveness: { http: { port: 8080, path: "/up" } },
    },
    stop: { command: ["data/drain", "now"], signal: "SIGINT", term: "7s", scope: "process" },
    successExitStatus: [143],
    backoff,
    log: { file: "db.log", max: "5MB", keep: 2, gzip: true },
    restart: "on-failure",
    after: [],
  });
  assertEquals(migrate, {
    id: "migrate",
    command: "sh",
    args: ["-c", "./migrate && echo $MODE $KEY"],
    inheritEnv: ["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER", "KEY"],
    restart: "no",
    after: [{ id: "db", condition: "ready" }],
  });
  assertEquals(web, {
    id: "web",
    size: 2,
    ...budget,
    sidecar: {
      command: "./web",
      args: ["--all"],
      env: { PC_REPLICA_NUM: { copy: 0 } },
      envFile: "web.env",
      pty: true,
      ready: { stdout: "listening \\(1\\)", within: "1h" },
      backoff,
      restart: "on-failure",
    },
    description: "The front of it",
    startWithin: "4s",
    after: [{ id: "migrate", condition: "completed_successfully" }, { id: "db", condition: "started" }],
  });
  assertEquals(off, { id: "off", command: "sleep", args: ["1"], restart: "no", start: false, after: [] });
  assertEquals(left, []);
});

Deno.test("import of process-compose makes a group of a namespace, and names its members by their paths", async () => {
  const { manifest } = await imported(
    "process-compose",
    `
processes:
  db: { command: db, namespace: infra, availability: { restart: exit_on_failure } }
  web: { command: web, namespace: app, depends_on: { db: {} } }
  cat: { command: cat, depends_on: { web: {} } }
  two: { command: two, namespace: infra, depends_on: { db: {} } }
`,
  );
  const started = (id: string) => ({ id, condition: "started" });
  const shown = ({ id, after, children }: { id: string; after: unknown; children?: unknown[] }): unknown =>
    children === undefined ? [id, after] : [id, children.map((child) => shown(child as never))];
  assertEquals(manifest.children.map(shown), [
    ["infra", [["db", []], ["two", [started("db")]]]],
    ["app", [["web", [started("../infra/db")]]]],
    ["cat", [started("app/web")]],
  ]);
  assertEquals([
    manifest.autoShutdown,
    manifest.children[0].autoShutdown,
    manifest.children[0].children[0].significant,
  ], [
    "any_significant",
    "any_significant",
    true,
  ]);
});

Deno.test("import of process-compose lists with its line what has no counterpart", async () => {
  const { left, changed } = await imported(
    "process-compose",
    `
extends: other.yaml
processes:
  a:
    command: "web '\${HOST}' {{ range .X }}"
    is_daemon: true
    schedule: { cron: "* * * * *" }
    environment: ["URL=http://\${HOST}/"]
    shutdown: { send_keys: q }
    namespace: [one, two]
    depends_on: { b: { condition: process_completed }, c: { condition: process_completed }, none: {} }
    log_location: d.log
    availability: { restart: always, exit_on_end: true }
    unheard_of: 1
  b: { command: b, replicas: 2, availability: { restart: always, max_restarts: 2 } }
  c: { command: c, availability: { restart: always, max_restarts: 2 } }
  d: { command: d, availability: { restart: always }, log_location: ./d.log }
`,
  );
  assertEquals(left.map((line) => line.split(": ").slice(0, 1).join()), [
    "2 extends",
    "5 processes.a.command",
    "6 processes.a.is_daemon",
    "7 processes.a.schedule",
    "8 processes.a.environment[0]",
    "9 processes.a.shutdown.send_keys",
    "10 processes.a.namespace[1]",
    "11 processes.a.depends_on.b",
    "11 processes.a.depends_on.c",
    "11 processes.a.depends_on.none",
    "13 processes.a.availability.exit_on_end",
    "14 processes.a.unheard_of",
    "16 processes.c.availability.max_restarts",
    "17 processes.d.log_location",
  ]);
  assertEquals(changed[0], '5 processes.a.command: "${…}" in single quotes stays as it is');
});

Deno.test("import of process-compose says how a list in depends_on is written there", async () => {
  assertEquals(
    await faultsOf(
      "process-compose",
      "processes:\n  a: { command: a, depends_on: [b] }\n  b: { command: b }\n",
    ),
    ["2 processes.a.depends_on: expected an object, such as { db: { condition: process_started } }, got an array"],
  );
});

Deno.test("import of process-compose puts a process over the one that it extends, and refuses one that extends itself", async () => {
  const { manifest } = await imported(
    "process-compose",
    `
processes:
  top: { extends: base, command: top, environment: ["A=2"], availability: { max_restarts: 2 } }
  base: { command: base, working_dir: data, environment: ["A=1", "B=1"], availability: { restart: always } }
`,
  );
  const { command, cwd, env, restart } = manifest.children[0];
  assertEquals([command, cwd, env, restart], ["top", "data", { A: "2", B: "1" }, "always"]);
  assertEquals(
    await faultsOf(
      "process-compose",
      "processes:\n  a: { extends: b, command: a }\n  b: { extends: a, command: b }\n",
    ),
    [
      '3 processes.b.extends: "b" extends itself',
    ],
  );
});

Deno.test("import refuses a file of process-compose at once when its aliases say the same without end", async () => {
  const list = Array.from({ length: 100 }, (_, at) => `"VARIABLE_${at}=${"x".repeat(2_000)}"`).join();
  const processes = Array.from({ length: 100 }, (_, at) => `  p${at}: { command: a, environment: *all }`)
    .join("\n");
  assertEquals(await faultsOf("process-compose", `x-all: &all [${list}]\nprocesses:\n${processes}\n`), [
    "what its aliases come to is more than 10000000 characters",
  ]);
});

Deno.test("import refuses a file of process-compose with a line for each fault", async () => {
  assertEquals(
    await faultsOf(
      "process-compose",
      `processes:
  a: { command: [x], replicas: many }
  b:
    command: b
    working_dir: \${HOME}/x
    depends_on: { none: {}, c: { condition: healthy } }
  c: { command: c, availability: { restart: always } }
  d: { command: d, depends_on: { c: { condition: process_completed } } }
  e:
  f: { environment: [A], readiness_probe: { http_get: { port: 99999 } }, disabled: perhaps }
`,
    ),
    [
      "2 processes.a.command: expected text, got an array",
      '2 processes.a.replicas: expected a number, got "many"',
      "5 processes.b.working_dir: a folder that a variable names; write the folder itself",
      '6 processes.b.depends_on.c.condition: expected one of process_started, process_healthy, process_log_ready, process_completed, process_completed_successfully, got "healthy"',
      "9 processes.e: expected a process, and there is nothing",
      '10 processes.f.environment[0]: expected "NAME=value", got "A"',
      '10 processes.f: expected a "command"',
      "10 processes.f.readiness_probe.http_get: expected a port, 1 to 65535",
      '10 processes.f.disabled: expected true or false, got "perhaps"',
    ],
  );
  assertEquals(await faultsOf("process-compose", "[]"), ['1 expected a mapping with "processes"']);
  assertEquals(await faultsOf("process-compose", "version: 1"), [
    '1 processes: there is no process under "processes"',
  ]);
});

Deno.test("import of process-compose leaves an absolute env_file as it is when the process has a working_dir", async () => {
  const { manifest } = await imported(
    "process-compose",
    "processes: { a: { command: ./serve, working_dir: data, env_file: /etc/a.env } }",
  );
  const { command, envFile } = manifest.children[0];
  assertEquals([command, envFile], ["data/serve", "/etc/a.env"]);
});

Deno.test("import of process-compose has an answer within seconds when a value is made to take for ever", async () => {
  const before = performance.now();
  const open = "${".repeat(60_000);
  const text = `processes: { a: { command: "'${open}", environment: ["OPEN=${open.repeat(3)}"] } }`;
  assertEquals(await faultsOf("process-compose", text), [
    "1 processes.a.command: a quote without an end",
  ]);
  assertEquals(performance.now() - before < 20_000, true);
});

Deno.test("import of process-compose refuses an object in the place of a word when it has a toString of its own", async () => {
  const odd = "{ toString: 1, valueOf: 2 }";
  const text = `processes:
  a: { command: a, extends: ${odd} }
  b: { extends: a, is_tty: ${odd} }
  c: { command: c, liveness_probe: { http_get: { port: ${odd} } } }`;
  assertEquals(await faultsOf("process-compose", text), [
    "2 processes.a.extends: expected the name of another process of this file",
    "3 processes.b.is_tty: expected true or false, got an object",
    "4 processes.c.liveness_probe.http_get: expected a port, 1 to 65535",
  ]);
});
