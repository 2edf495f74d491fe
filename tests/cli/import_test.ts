/** `outrider import`: how it tells the format of a file, and that what it makes of each runs. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { alive, Folder, outrider, Running } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session();

/** A folder with a program `say`, which prints its arguments and the variable SAID, and lives until it is told to end. */
class AppFolder extends Folder {
  constructor() {
    super();
    Deno.mkdirSync(`${this.path}/app`);
    this.write(
      "app/say",
      '#!/bin/sh\ntrap "echo bye; exit 0" TERM INT\necho "$* $SAID"\nwhile :; do sleep 0.05; done\n',
    );
    Deno.chmodSync(`${this.path}/app/say`, 0o755);
  }
}

/** Imports a file into a manifest beside its folder, checks and starts that, and waits for these lines. */
async function runs(
  folder: Folder,
  file: string,
  env: Record<string, string>,
  ...lines: RegExp[]
): Promise<Running> {
  const output = `${folder.path}/outrider.json`;
  const made = await session.run(["import", `${folder.path}/app/${file}`, "-o", output]);
  assertEquals(made.code, 0, made.stderr);
  const checked = await session.run(["check", output]);
  assertEquals(checked.code, 0, checked.stderr);
  const up = new Running(["up", output], { env: { ...env, XDG_STATE_HOME: folder.path } });
  for (const line of lines) await up.line(line);
  return up;
}

async function ends(up: Running): Promise<void> {
  up.signal("SIGTERM");
  assertEquals((await up.ended()).code, 0);
  assertEquals(await alive(up.pids()), []);
}

/** Where each of these is among the lines. */
function order(up: Running, ...patterns: RegExp[]): number[] {
  const found = patterns.map((pattern) => up.lines.findIndex((line) => pattern.test(line)));
  assert(!found.includes(-1), up.lines.join("\n"));
  return found;
}

const sorted = (numbers: readonly number[]) => assertEquals(numbers, numbers.toSorted((a, b) => a - b));

Deno.test("import makes a manifest of a Procfile that runs its release first, then all with their ports and .env", async () => {
  await using folder = new AppFolder();
  folder.write("app/.env", "SAID=hello\n");
  folder.write(
    "app/Procfile",
    `web: ./say port $PORT\nrelease: echo released >&2\nworker: SAID=own ./say 'a  b'\n`,
  );
  await using up = await runs(
    folder,
    "Procfile",
    { PORT: "7000" },
    /web#1 .*port 7000 hello$/,
    /worker#1 .*a {2}b own$/,
  );
  sorted(order(up, /release#1 .*released/, /release#1 +ended/, /web#1 +stdout/));
  await ends(up);
  order(up, /web#1 +stdout +bye/, /worker#1 +stdout +bye/);
});

Deno.test("import makes a manifest of process-compose that starts by its conditions, restarts as it says, and stops in order", async () => {
  await using folder = new AppFolder();
  folder.write(
    "app/process-compose.yml",
    `
environment: ["SAID=all"]
processes:
  web:
    command: ./say web $$PC_REPLICA_NUM
    replicas: 2
    depends_on: { migrate: { condition: process_completed_successfully } }
  migrate:
    command: test -f made && echo "migrated $SAID"
    depends_on: { db: { condition: process_healthy } }
  db:
    command: sh -c "trap 'echo bye; exit 0' INT; sleep 0.2; echo > made; while :; do sleep 0.05; done"
    readiness_probe: { exec: { command: test -f made } }
    shutdown: { signal: 2 }
  flaky:
    command: if test -f once; then exec ./say again; else echo > once; exit 7; fi
    availability: { restart: on_failure }
    environment: ["SAID=own"]
`,
  );
  await using up = await runs(
    folder,
    "process-compose.yml",
    {},
    /web\/1#1 .*web 0 all$/,
    /web\/2#1 .*web 1 all$/,
    /flaky#2 .*again own$/,
  );
  sorted(
    order(up, /db#1 +ready/, /migrate#1 +stdout +migrated all/, /migrate#1 +ended/, /web\/1#1 +stdout/),
  );
  order(up, /flaky#1 +crashed .*exit code 7/);
  await ends(up);
  sorted(order(up, /web\/1#1 +stopped/, /db#1 +stopped/));
});

Deno.test("import makes a manifest of supervisord that starts by priority, numbers its copies, and stops in reverse", async () => {
  await using folder = new AppFolder();
  folder.write(
    "app/supervisord.conf",
    `
[program:web]
command=%(here)s/say web %(process_num)d %(ENV_FLAGS)s ; a comment
numprocs=2
process_name=%(program_name)s_%(process_num)d
environment=SAID="port 80%(process_num)02d"
[program:db]
command=./say "db  %(program_name)s" 100%%
priority=1
stopsignal=INT
environment=SAID="%(ENV_FLAGS)s!",OTHER=x
[program:job]
command=sh -c "echo done; exit 2"
priority=2
exitcodes=0,2
`,
  );
  await using up = await runs(
    folder,
    "supervisord.conf",
    { FLAGS: "-a -b" },
    /db#1 .*db {2}db 100% -a -b!$/,
    /web\/1#1 .*web 0 -a -b port 8000$/,
    /web\/2#1 .*web 1 -a -b port 8001$/,
    /job#1 +finished/,
  );
  sorted(order(up, /db#1 +started/, /job#1 +started/, /web\/1#1 +started/));
  await ends(up);
  sorted(order(up, /web\/1#1 +stopped/, /db#1 +stopped/));
});

Deno.test("import makes a manifest of pm2 that runs its scripts, restarts them but for codes to stop at, and ends them by SIGINT", async () => {
  await using folder = new AppFolder();
  folder.write("app/ends.sh", 'echo "ends $1 $NODE_APP_INSTANCE"\nexit "$1"\n');
  folder.write(
    "app/ecosystem.config.json",
    `{ "apps": [
      { "name": "api", "script": "say", "args": "api 'a  b'", "instances": 2, "increment_var": "SAID", "env": { "SAID": 3000 } },
      { "name": "stops", "script": "./ends.sh", "interpreter": "sh", "args": ["7"], "stop_exit_codes": [7] },
      { "name": "again", "script": "ends.sh", "interpreter": "sh", "args": ["0"], "restart_delay": 20 },
      { "name": "line", "script": "test -d . && exec ./say line" },
    ] }`,
  );
  await using up = await runs(
    folder,
    "ecosystem.config.json",
    {},
    /api\/1#1 .*api a {2}b 3000$/,
    /api\/2#1 .*api a {2}b 3001$/,
    /stops#1 +finished/,
    /again#2 .*ends 0/,
    /line#1 +stdout +line/,
  );
  await ends(up);
  order(up, /api\/1#1 +stdout +bye/, /line#1 +stdout +bye/);
});

Deno.test("import reads a file as the format of --from when neither its name nor its text says one", async () => {
  await using folder = new Folder();
  const file = folder.write("app.json", {
    package: { productName: "app" },
    tauri: { bundle: { externalBin: ["x"] } },
  });
  const told = await session.run(["import", file]);
  assertEquals([told.code, JSON.parse(told.stdout).name], [0, "app"]);
  const plain = folder.write("plain.json", {});
  const unknown = await session.run(["import", plain]);
  assertEquals(unknown.code, 2);
  assertStringIncludes(
    unknown.stderr,
    "neither its name nor its text says what it is; say it with --from FORMAT",
  );
  const asTauri = await session.run(["import", plain, "--from", "tauri"]);
  assertStringIncludes(asTauri.stderr, "it has no program as a sidecar");
  const wrong = await session.run(["import", plain, "--from", "compose"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "Cannot use --from compose: it takes ");
});

Deno.test("import names the flag when it may read a Procfile and not the .env beside it", async () => {
  await using folder = new Folder();
  const file = folder.write("Procfile", "web: ./web\n");
  const { code, stderr } = await outrider(["import", file], { flags: [`--allow-read=${file}`] });
  assertEquals(code, 3);
  assertStringIncludes(stderr, `add --allow-read=${folder.path}/.env`);
});

Deno.test("import refuses what it knows and does not read, with the way out", async () => {
  await using folder = new Folder();
  for (
    const [name, hint] of [
      ["ecosystem.config.js", "print its value: node -p"],
      ["docker-compose.yml", "#compose"],
      ["outrider.json", "it is a manifest already; 'outrider check' checks it"],
    ] as const
  ) {
    const { code, stderr } = await session.run(["import", folder.write(name, "services: {}\n")]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, hint);
  }
  const ours = await session.run([
    "import",
    folder.write("compose.yaml", "processes: { a: { command: a } }\n"),
  ]);
  assertEquals([ours.code, JSON.parse(ours.stdout).children[0].id], [0, "a"]);
});
