/** What a sidecar leaves in groups and sessions of its own is ended when it has ended, and when the run is over. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { delay } from "@std/async";
import { contain } from "../../src/containment/contain.ts";
import { runIdsIn } from "../../src/containment/run_ids.ts";
import { processTable } from "../../src/process/ps.ts";
import { checkout, Diary, Folder, Running, words } from "../cli/outrider.ts";
import { Witness } from "./witness.ts";

const python = await new Deno.Command("sh", { args: ["-c", "command -v python3"], stdout: "null" }).output();
const hasPython = { ignore: !python.success };

/** A sidecar that hops from pid to pid, in a group whose number its first line tells. */
function hopper(witness: Witness, more: Record<string, unknown> = {}): Record<string, unknown> {
  const args = [`${checkout}tests/fixtures/hops_from_pid_to_pid.py`];
  return witness.sidecar("hop", "echo_ndjson", { command: "python3", args, ...more });
}

async function groupIsGone(group: number, ms = 20_000): Promise<boolean> {
  for (const until = performance.now() + ms; performance.now() < until; await delay(50)) {
    // A process that forks all the time may be in no reading: ask the system.
    try {
      Deno.kill(-group, 0 as unknown as Deno.Signal);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return true;
      throw error;
    }
  }
  // So that a failure leaves nothing.
  Deno.kill(-group, "SIGKILL");
  return false;
}

/** Starts a tree with the hopper; gives it, and the number of the group that hops. */
async function hopping(
  folder: Folder,
  witness: Witness,
  root: Record<string, unknown> = {},
  flags?: string[],
) {
  const file = folder.manifest([hopper(witness)], root);
  const up = new Running(["up", file], { env: { XDG_STATE_HOME: folder.path }, ...(flags && { flags }) });
  const line = await up.line(/hop#1 +stdout +\d+$/);
  await up.line(/tree +ready/);
  return { up, group: Number(/\d+$/.exec(line)![0]) };
}

for (
  const flags of [undefined, ["--allow-run=python3,kill,ps", "--allow-read", "--allow-write", "--allow-env"]]
) {
  const how = flags === undefined ? "" : ", under scoped permissions,";
  Deno.test(`a run${how} ends processes that hop from pid to pid when it is stopped`, hasPython, async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const { up, group } = await hopping(folder, witness, {}, flags);
    await using _ = up;
    up.signal("SIGTERM");
    await up.ended();
    assert(await groupIsGone(group), "it hops on");
  });
}

Deno.test(
  "a run ends what hops from pid to pid when the sidecar that started it has crashed",
  hasPython,
  async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const { up, group } = await hopping(folder, witness);
    await using _ = up;
    const started = await up.line(/hop#1 +started .* pid \d+/);
    Deno.kill(Number(/\d+$/.exec(started)![0]), "SIGKILL");
    await up.line(/hop#2 +started/);
    assert(await groupIsGone(group), "it hops on");
    // What its successor starts is not taken for it.
    const next = Number(/\d+$/.exec(await up.line(/hop#2 +stdout +\d+$/))![0]);
    assertNotEquals(next, group);
    Deno.kill(-next, 0 as unknown as Deno.Signal);
    up.signal("SIGTERM");
    await up.ended();
    assert(await groupIsGone(next), "the next one hops on");
  },
);

Deno.test(
  "a guardian ends processes that hop from pid to pid when the runtime is killed",
  hasPython,
  async () => {
    await using witness = new Witness();
    await using folder = new Folder();
    const { up, group } = await hopping(folder, witness, { onHostDeath: "guard" });
    await using _ = up;
    up.signal("SIGKILL");
    await up.ended();
    assert(await groupIsGone(group), "it hops on");
  },
);

Deno.test("a run ends and reports a sidecar's orphans in sessions of their own when that sidecar ends", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  const file = folder.manifest([
    witness.sidecar("leaves", "leaves_its_session", { restart: "permanent" }),
    witness.sidecar("stays", "leaves_its_session"),
  ]);
  await using up = new Running(["up", file], { env: { XDG_STATE_HOME: folder.path } });
  await up.line(/tree +ready/);
  const left = Number(/\d+$/.exec(await up.line(/leaves#1 +stdout +\d+$/))![0]);
  const other = Number(/\d+$/.exec(await up.line(/stays#1 +stdout +\d+$/))![0]);
  Deno.kill(Number(/\d+$/.exec(await up.line(/leaves#1 +started .* pid \d+/))![0]), "SIGKILL");
  const next = Number(/\d+$/.exec(await up.line(/leaves#2 +stdout +\d+$/))![0]);
  while (await isAlive(left)) await delay(20);
  assertEquals([await isAlive(other), await isAlive(next)], [true, true]);
  up.signal("SIGTERM");
  const { stderr } = await up.ended();
  assertMatch([...up.lines, stderr].join("\n"), new RegExp(`process ${left}, which .*left behind`, "i"));
  assertEquals([await isAlive(other), await isAlive(next)], [false, false]);
});

Deno.test({
  name: "a run with all permissions ends a process whose mark stands behind more variables than ps prints",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using folder = new Folder();
    const script = `v=$(printf %0100000d 0)
setsid env -i A=$v B=$v C=$v OUTRIDER_RUN="$OUTRIDER_RUN" /bin/sleep 600 >/dev/null 2>&1 </dev/null &
while [ "$(cat /proc/$!/comm)" != sleep ]; do sleep 0.02; done
echo $!; cat >/dev/null`;
    const child = {
      id: "hides",
      command: "sh",
      args: ["-c", script],
      inheritEnv: ["PATH"],
      ready: { stdout: "^[0-9]+$" },
      stop: { term: "300ms" },
    };
    const env = { XDG_STATE_HOME: folder.path };
    await using up = new Running(["up", folder.manifest([child])], { env, flags: ["--allow-all"] });
    const pid = Number(/\d+$/.exec(await up.line(/hides#1 +stdout +\d+$/))![0]);
    try {
      await up.line(/tree +ready/);
      up.signal("SIGTERM");
      await up.ended();
      assertEquals(await isAlive(pid), false);
    } finally {
      // So that a failure leaves nothing.
      if (await isAlive(pid)) Deno.kill(pid, "SIGKILL");
    }
  },
});

Deno.test("many children that end at once share the readings, and a run that is over waits for none", async () => {
  await using folder = new Folder();
  const containment = await contain(folder.manifest([]), { folder: folder.path });
  const command = { program: "true", args: [], cwd: undefined, env: {}, inheritEnv: ["PATH"] };
  const children = Array.from(
    { length: 40 },
    (_, index) => containment.registry!.spawn(command, {}, { path: `c${index}`, generation: 1 }),
  );
  await Promise.all(children.map(({ closed }) => closed));
  assertEquals(await containment.close(), { ended: [], remaining: [] });
});

Deno.test("a run finds the processes of a nested run that was killed, each with its own mark", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  await using inside = new Folder();
  const inner = inside.manifest([witness.sidecar("deep", "leaves_its_session")]);
  const [program, ...args] = words(["up", inner]);
  const env = { XDG_STATE_HOME: inside.path };
  const file = folder.manifest([
    {
      id: "inner",
      command: program,
      args,
      env,
      inheritEnv: ["PATH", "HOME"],
      ready: { stdout: "tree +ready" },
    },
  ]);
  await using up = new Running(["up", file], { env: { XDG_STATE_HOME: folder.path } });
  await up.line(/tree +ready/);
  const deep = Number(/\d+$/.exec(await up.line(/deep#1 +stdout +\d+$/))![0]);
  const [row] = (await processTable({ environment: true, pids: [deep] }))!;
  const marks = runIdsIn(row!.environment!);
  assertEquals(marks.map((mark) => mark.split(":").slice(2)), [["1", "inner"], ["1", "deep"]]);
  Deno.kill(Number(/\d+$/.exec(await up.line(/inner#1 +started .* pid \d+/))![0]), "SIGKILL");
  while (await isAlive(deep)) await delay(20);
  up.signal("SIGTERM");
  await up.ended();
  assertEquals(typeof await witness.gone(5_000), "number");
});

/**
 * A folder with a `ps` in it that says "reading" to `diary` when it has read all processes with their environments, and
 * the first time waits for a line in `gate` until it tells them.
 */
function slowPs(folder: Folder, { diary, gate }: { readonly diary: Diary; readonly gate: string }): string {
  new Deno.Command("mkfifo", { args: [gate] }).outputSync();
  const ps = `PATH=$(printf '%s' "$PATH" | sed 's/^[^:]*://'); export PATH
[ "$1" = axeww ] || exec ps "$@"
table=$(ps "$@")
echo reading > '${diary.path}'
if mkdir '${folder.path}/waited' 2>/dev/null; then read -r _ < '${gate}'; fi
printf '%s\\n' "$table"
`;
  Deno.mkdirSync(`${folder.path}/bin`);
  Deno.chmodSync(folder.write("bin/ps", `#!/bin/sh\n${ps}`), 0o755);
  return `${folder.path}/bin`;
}

Deno.test("a sidecar that ends during a reading is not taken for another's orphan", async () => {
  await using witness = new Witness();
  await using folder = new Folder();
  using diary = new Diary(folder);
  const gate = `${folder.path}/gate`;
  const bin = slowPs(folder, { diary, gate });
  using opened = Deno.openSync(gate, { read: true, write: true });
  const child = (id: string) =>
    witness.sidecar(id, "", { args: ["-c", "echo $$; exec sleep 600"], restart: "temporary" });
  const file = folder.manifest([child("first"), child("second"), child("third")]);
  const env = { XDG_STATE_HOME: folder.path, PATH: `${bin}:${Deno.env.get("PATH")}` };
  await using up = new Running(["up", file], { env });
  await up.line(/tree +ready/);
  const kill = async (id: string) => {
    Deno.kill(Number(/\d+$/.exec(await up.line(new RegExp(`${id}#1 +started .* pid \\d+`)))![0]), "SIGKILL");
    await up.line(new RegExp(`${id}#1 +crashed`));
  };
  await kill("first");
  assertEquals(await diary.next(), "reading");
  await kill("second");
  await delay(300); // a hunt that is older believes a single reading
  opened.writeSync(new TextEncoder().encode("go\n"));
  assertEquals(await diary.next(), "reading"); // so it has dealt with the one before
  up.signal("SIGTERM");
  const { code, stderr } = await up.ended();
  assertEquals([code, stderr], [0, ""]);
  assertEquals(up.lines.filter((line) => line.includes("left behind")), []);
});

async function isAlive(pid: number): Promise<boolean> {
  return (await processTable({ pids: [pid] }))!.some(({ zombie }) => !zombie);
}
