/**
 * The shapes of configurations that other process managers run, which are examples here: a crash of each child in turn
 * leaves the others alone, but for those that the manifest names, and a stop leaves nothing.
 */
import { assert, assertEquals } from "@std/assert";
import { alive, checkout, Running } from "../cli/outrider.ts";

/** Each example, with the children that are restarted with another. */
const SHAPES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  compose: { db: ["worker"] },
  pm2: {},
  prefork: {},
  procfile: {},
  supervisord: {},
  systemd: {},
};

/** The latest incarnation of each child that has a process. */
function incarnations(up: Running): Map<string, { readonly generation: number; readonly pid: number }> {
  const started = up.lines.flatMap((line) => {
    const [, path, generation, pid] = / {2}(\S+)#(\d+) +started +\S+, pid (\d+)$/.exec(line) ?? [];
    return path === undefined ? [] : [[path, { generation: Number(generation), pid: Number(pid) }] as const];
  });
  return new Map(started);
}

/** Waits until the incarnation after that of `path` in `before` is ready. */
async function nextReady(up: Running, path: string, before: ReturnType<typeof incarnations>): Promise<void> {
  await up.line(new RegExp(` ${path}#${before.get(path)!.generation + 1} +ready `));
}

/** Kills each child in turn. */
async function survives(up: Running, name: string): Promise<void> {
  const together = SHAPES[name]!;
  await up.line(new RegExp(` ${name} +ready `));
  const living = new Set(await alive(up.pids()));
  const paths = [...incarnations(up)].flatMap(([path, { pid }]) => living.has(pid) ? [path] : []);
  assert(paths.length > 2 && Object.keys(together).every((path) => paths.includes(path)), `${paths}`);
  for (const path of paths) {
    const before = incarnations(up);
    Deno.kill(before.get(path)!.pid, "SIGKILL");
    const restarted = [path, ...together[path] ?? []];
    for (const one of restarted) await nextReady(up, one, before);
    const changed = [...incarnations(up)].flatMap(([one, { pid }]) =>
      pid === before.get(one)?.pid ? [] : [one]
    );
    assertEquals(changed.toSorted(), restarted.toSorted());
  }
}

Deno.test("a tree outlives a crash of each child and leaves nothing when it stops, in the shape of", async (t) => {
  const own = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
  const ran = Object.keys(SHAPES).map((name) =>
    t.step({
      name,
      ...own,
      async fn() {
        await using up = new Running(["up", `${checkout}examples/${name}/outrider.json`]);
        await survives(up, name);
        up.signal("SIGTERM");
        assertEquals(await up.ended(), { code: 0, stderr: "" });
        const told = up.lines.join("\n");
        assertEquals(told.match(/ {2}\S+ +(lost|gave up|quarantine) .*$/m), null);
        const workers = [...told.matchAll(/ worker \d+, pid (\d+)$/gm)].map(([, pid]) => Number(pid));
        assertEquals(await alive([...up.pids(), ...workers]), []);
      },
    })
  );
  assertEquals(await Promise.all(ran), Object.keys(SHAPES).map(() => true));
});
