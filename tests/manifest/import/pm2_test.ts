/** What `import` makes of a configuration of pm2. */
import { assertEquals } from "@std/assert";
import { Folder } from "../../cli/outrider.ts";
import { faultsOf, imported } from "./importing.ts";

Deno.test("import of pm2 takes scripts, copies, restarts, limits, stops, variables and logs over", async () => {
  const { manifest, left } = await imported(
    "pm2",
    JSON.stringify({
      apps: [
        {
          name: "api",
          script: "api.js",
          node_args: "--enable-source-maps",
          args: `--port 3000 'a b' "" --x="c d" it's`,
          instances: 2,
          max_memory_restart: "300M",
          exp_backoff_restart_delay: 100,
          min_uptime: "10s",
          kill_timeout: 3000,
          listen_timeout: 4000,
          env: { NODE_ENV: "production", PORT: 8000 },
          increment_var: "PORT",
          log_file: "api.log",
          log_type: "json",
        },
        {
          script: "./mail.py",
          cwd: "mail",
          restart_delay: 500,
          stop_exit_codes: [0, 3],
          out_file: "out.log",
          treekill: false,
          uid: 33,
          gid: "mail",
        },
        { name: "own", script: "server", args: ["-v"], autorestart: false, autostart: false, port: 80 },
        { name: "on path", script: "node", interpreter: "none", args: "-e 0", watch: false },
        { name: "line", script: "node a.js | tee $LOG", namespace: "bg" },
      ],
    }),
    { server: "" },
  );
  const stop = { signal: "SIGINT", term: "1600ms" };
  assertEquals(manifest, {
    name: "app",
    children: [
      {
        id: "api",
        size: 2,
        sidecar: {
          command: "node",
          args: ["--enable-source-maps", "api.js", "--port", "3000", "a b", '--x="c d"', "it's"],
          env: { NODE_ENV: "production", PORT: { copy: 8000 }, NODE_APP_INSTANCE: { copy: 0 } },
          limits: { memory: "300MiB" },
          backoff: { initial: "100ms", factor: 1.5, max: "15000ms", jitter: 0, resetAfter: "10s" },
          stop: { signal: "SIGINT", term: "3000ms" },
          log: { file: "api.log", max: "infinity", format: "json" },
        },
        startWithin: "4000ms",
        after: [],
      },
      {
        id: "mail",
        command: "python3",
        args: ["./mail.py"],
        cwd: "mail",
        env: { PYTHONUNBUFFERED: "1" },
        uid: 33,
        group: "mail",
        backoff: { initial: "500ms", factor: 1, max: "500ms", jitter: 0 },
        stop: { ...stop, scope: "process" },
        log: { file: "mail/out.log", max: "infinity" },
        restart: { on: "always", prevent: [0, 3] },
        after: [],
      },
      {
        id: "own",
        command: "./server",
        args: ["-v"],
        env: { PORT: "80" },
        stop,
        restart: "no",
        start: false,
        after: [],
      },
      { id: "on-path", command: "node", args: ["-e", "0"], env: { NODE_APP_INSTANCE: "0" }, stop, after: [] },
      {
        id: "bg",
        children: [{
          id: "line",
          command: "sh",
          args: ["-c", "node a.js | tee $LOG"],
          inheritEnv: ["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER", "LOG"],
          stop,
          after: [],
        }],
        after: [],
      },
    ],
  });
  assertEquals(left, []);
});

Deno.test("import of pm2 reads a list, a single app, YAML and loose JSON, and takes a limit of restarts where all have the same", async () => {
  const one = { name: "a", script: "a.js", max_restarts: 3 };
  const budget = [{ restarts: 3, within: "1h" }, { quarantine: {} }];
  for (
    const text of [
      JSON.stringify(one),
      `// apps\n[${JSON.stringify(one)}]`,
      "apps:\n  - name: a\n    script: a.js\n    max_restarts: 3\n",
    ]
  ) {
    const { manifest } = await imported("pm2", text);
    assertEquals([manifest.intensity, manifest.onLimit, manifest.children[0].backoff], [...budget, {
      resetAfter: "1s",
    }], text);
  }
  const { manifest: loose } = await imported(
    "pm2",
    "{ apps: [{ name: 'a', script: 'a.js', /* as pm2 reads it */ }] }",
  );
  assertEquals(loose.children[0].args, ["a.js"]);
  const { manifest, left } = await imported("pm2", JSON.stringify([one, { name: "b", script: "b.js" }]));
  assertEquals([manifest.intensity, left.length], [undefined, 2]);
});

Deno.test("import of pm2 lists with its line what has no counterpart", async () => {
  const { left } = await imported(
    "pm2",
    `{ "apps": [{
  "name": "a", "script": "a.js",
  "exec_mode": "cluster",
  "env_production": { "A": "b" },
  "watch": true,
  "cron_restart": "0 0 * * *",
  "wait_ready": true,
  "out_file": "o.log", "error_file":
    "e.log",
  "vizion": false,
  "pmx": true
}],
"deploy": {} }`,
  );
  assertEquals(left.map((line) => line.replace(/: .*/, "")), [
    "3 apps[0].exec_mode",
    "4 apps[0].env_production",
    "5 apps[0].watch",
    "6 apps[0].cron_restart",
    "7 apps[0].wait_ready",
    "8 apps[0].error_file",
    "11 apps[0].pmx",
    "13 deploy",
  ]);
});

Deno.test("import refuses a configuration of pm2 with a line for each fault", async () => {
  assertEquals(
    await faultsOf(
      "pm2",
      `{ "apps": [
  { "name": "a" },
  { "script": 5, "instances": "many" },
  { "script": "c.js", "env": { "A": {} }, "max_memory_restart": "lots" },
  { "script": "d.js", "args": "it's", "min_uptime": "ever", "stop_exit_codes": [300] },
  "e.js"
] }`,
    ),
    [
      '2 apps[0]: expected a "script"',
      '3 apps[1].instances: expected a number, got "many"',
      "4 apps[2].env.A: expected text, got an object",
      '4 apps[2].max_memory_restart: expected a size, such as "300M", got "lots"',
      "5 apps[3].stop_exit_codes[0]: expected a number, 0 to 255, got 300",
      '5 apps[3].min_uptime: expected a time, such as "10s", got "ever"',
      "6 apps[4]: expected an app, which is an object",
    ],
  );
  assertEquals(await faultsOf("pm2", '{ "apps": [] }'), ['1 apps: there is no app under "apps"']);
  assertEquals(await faultsOf("pm2", '{ "apps": [{ "a": 1, "a": 2 }] }'), [
    "1 apps[0].a: the same key again; the first is on line 1",
  ]);
});

Deno.test("import of pm2 takes an absolute script with a space for a file when the app has a cwd", async () => {
  await using folder = new Folder();
  const script = folder.write("my server", "");
  const app = { name: "a", script, cwd: "data", args: "-v" };
  const { manifest } = await imported("pm2", JSON.stringify({ apps: [app] }));
  const { command, args } = manifest.children[0];
  assertEquals([command, args], [script, ["-v"]]);
});
