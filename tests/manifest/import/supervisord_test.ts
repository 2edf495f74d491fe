/** What `import` makes of a configuration of supervisord. */
import { assertEquals } from "@std/assert";
import { faultsOf, imported } from "./importing.ts";

Deno.test("import of supervisord takes restarts, stops, order, copies, variables and logs over", async () => {
  const { manifest, left, changed } = await imported(
    "supervisord",
    `
[supervisord]
environment=ALL="a,b",WHO=%(ENV_USER)s ; for all

[program:web]
command=bin/web --name "%(program_name)s x" -n %(process_num)02d %(ENV_FLAGS)s ; a comment
directory=srv
numprocs=3
numprocs_start=1
process_name=%(program_name)s_%(process_num)02d
environment=PORT="80%(process_num)02d",PATH="/opt/bin:%(ENV_PATH)s",
  NUMBER=%(process_num)d
autorestart=true
stopsignal=QUIT
stopwaitsecs=3

[program:redis]
command=redis-server 100%%
priority=1
stopasgroup=true
redirect_stderr=true
stdout_logfile=logs/%(program_name)s.log
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=3
user=redis
umask=027

[group:app]
programs=worker,importer
priority=2

[program:worker]
command=/bin/work
exitcodes=0,2
autostart=false
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0

[program:importer]
command=cat
exitcodes=2

[program:once]
command=true
autorestart=false
`,
  );
  const stop = { term: "10s", scope: "process" };
  assertEquals(manifest, {
    name: "app",
    env: { ALL: "a,b", WHO: { from: "USER" } },
    children: [
      {
        id: "redis",
        command: "redis-server",
        args: ["100%"],
        user: "redis",
        umask: "027",
        stop: { term: "10s" },
        log: { file: "logs/redis.log", max: "5MiB", keep: 3 },
        restart: "on-failure",
      },
      {
        id: "app",
        children: [
          { id: "importer", command: "cat", stop, restart: { on: "always", prevent: [2] } },
          {
            id: "worker",
            command: "/bin/work",
            stop,
            restart: "on-failure",
            successExitStatus: [2],
            start: false,
          },
        ],
      },
      { id: "once", command: "true", stop, restart: "no" },
      {
        id: "web",
        size: 3,
        sidecar: {
          command: "sh",
          args: [
            "-c",
            `export PATH=/opt/bin:"$PATH"; set -f; exec bin/web --name 'web x' -n $(printf '%02d' "$PROCESS_NUM") $FLAGS`,
          ],
          cwd: "srv",
          env: { PORT: { copy: 8001 }, NUMBER: { copy: 1 }, PROCESS_NUM: { copy: 1 } },
          inheritEnv: ["PATH", "HOME", "LANG", "TERM", "TMPDIR", "USER", "FLAGS"],
          stop: { signal: "SIGQUIT", term: "3s", scope: "process" },
        },
      },
    ],
  });
  assertEquals(left, []);
  assertEquals(changed[0], "11 [program:web] environment: runs in sh -c, for a variable");
});

Deno.test("import of supervisord has a shell split the value of a variable, and leaves its stars alone", async () => {
  const { manifest } = await imported(
    "supervisord",
    "[program:a]\ncommand=printf '[%%s]' %(ENV_FLAGS)s \"%(ENV_FLAGS)s\"\n" +
      '[program:b]\ncommand=b "%(ENV_FLAGS)s" %(ENV_FLAGS)s*x\n[program:c]\ncommand=c "%(ENV_FLAGS)s"\n',
  );
  const [a, b, c] = manifest.children;
  const { stdout } = await new Deno.Command(a.command, { args: a.args, cwd: "/", env: { FLAGS: "-a *" } })
    .output();
  assertEquals(new TextDecoder().decode(stdout), "[-a][*][-a *]");
  assertEquals([b.args[1], c.args[1]], [`set -f; exec b "$FLAGS" $FLAGS'*x'`, 'exec c "$FLAGS"']);
});

Deno.test("import of supervisord counts failed starts as startretries and startsecs say", async () => {
  const { manifest } = await imported(
    "supervisord",
    "[program:a]\ncommand=a\nstartretries=3\nstartsecs=5\n[program:b]\ncommand=b\n[program:c]\ncommand=c\nautorestart=false\n",
  );
  const [a, b, c] = manifest.children;
  assertEquals([manifest.intensity, manifest.onLimit], [{ restarts: 3, within: "1h" }, { quarantine: {} }]);
  assertEquals([a.backoff, b.backoff, c.backoff], [
    { initial: "1s", resetAfter: "5s" },
    { initial: "1s", resetAfter: "1s" },
    undefined,
  ]);
});

Deno.test("import of supervisord lists with its line what has no counterpart", async () => {
  const { left } = await imported(
    "supervisord",
    `[unix_http_server]
file=/tmp/x.sock
[supervisord]
logfile=/tmp/x.log
environment=A="x%(ENV_HOME)s"
[include]
files=conf.d/*.conf
[eventlistener:x]
command=y
[program:a]
command=a
command=b
startsecs=4
stdout_events_enabled=true
stdout_logfile=a.log
stderr_logfile=b.log
process_name=other
unheard_of=1
[program:b]
command=b
startretries=2
numprocs=2
process_name=%(program_name)s_%(process_num)d
stdout_logfile=b%(process_num)d.log
numprocs_start=8000
[rpcinterface:supervisor]
`,
  );
  assertEquals(left.map((line) => line.replace(/: .*/, "")), [
    "1 [unix_http_server]",
    "4 [supervisord] logfile",
    "5 [supervisord] environment",
    "6 [include]",
    "8 [eventlistener:x]",
    '11 "command", as it comes again on line 12, which counts',
    "14 [program:a] stdout_events_enabled",
    "16 [program:a] stderr_logfile",
    "17 [program:a] process_name",
    "18 [program:a] unheard_of",
    "24 [program:b] stdout_logfile",
    "25 [program:b] numprocs_start",
    "26 [rpcinterface:supervisor]",
  ]);
});

Deno.test("import refuses a configuration of supervisord with a line for each fault", async () => {
  assertEquals(
    await faultsOf(
      "supervisord",
      `stray=1
[program:a]
command=a "b
numprocs=many
exitcodes=0,300
what is this
[program:b]
command=%(nothing)s
environment=A="1,B=2
directory=%(ENV_HOME)s/x
stdout_logfile_maxbytes=big
autorestart=perhaps
[program:c]
[group:g]
programs=a,z
`,
    ),
    [
      "1 expected a section before it, such as [program:web]",
      "3 [program:a] command: a quote without an end",
      '4 [program:a] numprocs: expected a number, got "many"',
      '5 [program:a] exitcodes: expected a number, 0 to 255, got "300"',
      '6 expected "key=value" or a section',
      "8 [program:b] command: %(nothing)s, which supervisord does not know here",
      "9 [program:b] environment: a quote without an end",
      "10 [program:b] directory: what its variables say is not known to a manifest",
      '11 [program:b] stdout_logfile_maxbytes: expected a size, such as "50MB", got "big"',
      '12 [program:b] autorestart: expected true or false, got "perhaps"',
      '13 [program:c]: there is no "command"',
      "15 [group:g] programs: there is no [program:z]",
    ],
  );
  assertEquals(await faultsOf("supervisord", "[supervisord]\n"), [
    "there is no [program:…] in it; import the files that it includes",
  ]);
});
