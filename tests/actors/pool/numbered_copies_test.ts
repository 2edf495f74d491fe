/** The number of a copy in its environment: it is the copy's own, whatever becomes of the copies beside it. */
import { assertEquals, assertThrows } from "@std/assert";
import { launch, OptionError, sidecar } from "@outrider/outrider";
import { pool, replaceAll, scalePool } from "@outrider/outrider/actors/pool";
import { Folder, outrider, Running } from "../../cli/outrider.ts";

const says =
  'echo "port $PORT" >&2; while read -r line; do [ "$line" = die ] && exit 1; echo "$PORT $NUMBER"; done';
const copy = {
  command: "sh",
  args: ["-c", says],
  protocol: "lines",
  env: { PORT: { copy: 8080 }, NUMBER: { copy: 0 } },
  backoff: { initial: 0 },
} as const;

Deno.test("each copy of a pool has its number when it is restarted, replaced, taken away and added again", async () => {
  await using app = await launch(pool("web", copy, { size: 3 }));
  const numbers = (paths: readonly string[]) => Promise.all(paths.map((path) => app.ref(path).ask("who")));
  const all = ["8080 0", "8081 1", "8082 2"];
  const paths = ["web/1", "web/2", "web/3"];
  assertEquals(await numbers(paths), all);
  const events = app.events({ path: "web/2", types: ["ready"] });
  void app.ref("web/2").ask("die").catch(() => {});
  await events.next();
  assertEquals(await numbers(paths), all);
  assertEquals(await numbers(await replaceAll(app.ref("web"))), all);
  assertEquals(await numbers(await scalePool(app.ref("web"), 1)), all.slice(0, 1));
  assertEquals(await numbers(await scalePool(app.ref("web"), 3)), all);
});

Deno.test("a sidecar refuses the number of a copy when it is not one of a pool", () => {
  assertThrows(() => sidecar("web", copy), OptionError, "only a sidecar of a pool has one");
});

Deno.test("a pool of a manifest gives each copy its number when the pool is scaled", async () => {
  await using folder = new Folder();
  const { backoff: _, ...web } = copy;
  folder.manifest([{ id: "web", size: 1, sidecar: web }]);
  await using up = new Running(["up"], { cwd: folder.path });
  await up.line(/tree +ready/);
  const verb = (...args: string[]) => outrider(args, { cwd: folder.path });
  assertEquals((await verb("scale", "web", "2")).code, 0);
  await up.line(/web\/2#1 +stderr +port 8081$/);
  up.signal("SIGTERM");
  await up.ended();
  const env = { PORT: { copy: 1 } };
  const file = folder.manifest([{ id: "a", command: "cat", env }], { env });
  const { stdout, stderr } = await verb("check", file);
  assertEquals(
    (stdout + stderr).match(/PORT\.copy {2}only a sidecar of a pool has one/g)?.length,
    2,
    stdout + stderr,
  );
});
