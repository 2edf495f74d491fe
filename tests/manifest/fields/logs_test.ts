/** What a manifest says about log files: which there are, what is wrong with them, and what they need. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { logsOf } from "../../../src/manifest/resolve/children.ts";
import { requiredPermissions } from "../../../src/manifest/grants/permissions.ts";
import { faultsOf, FILE, resolveManifest } from "../probe.ts";

const leaf = (id: string, fields: Record<string, unknown> = {}) => ({ id, command: "cat", ...fields });

Deno.test("logs of a manifest have the paths of their children, defaults, and files relative to its folder", () => {
  const manifest = resolveManifest({
    name: "t",
    log: { dir: "logs", gzip: true },
    children: [
      leaf("web", { log: { file: "../web.log", max: "1MB" } }),
      { id: "pool", size: 2, sidecar: { command: "cat", log: { dir: "pool", max: "infinity" } } },
      {
        id: "below",
        log: { dir: "below" },
        children: [leaf("db", { log: { file: "/var/db.log", format: "json" } })],
      },
    ],
  }, { file: "/srv/app/outrider.json" });
  const usual = { max: 10_000_000, keep: 5, gzip: false, overflow: "wait", format: "text" } as const;
  assertEquals(
    logsOf(manifest).map(({ file, dir, ...log }) => ({ ...log, at: file ?? dir })),
    [
      { ...usual, gzip: true, at: "/srv/app/logs" },
      { ...usual, max: 1_000_000, of: "web", at: "/srv/web.log" },
      { ...usual, max: "infinity", of: "pool", at: "/srv/app/pool" },
      { ...usual, of: "below", at: "/srv/app/below" },
      { ...usual, format: "json", of: "below/db", at: "/var/db.log" },
    ],
  );
});

Deno.test("a log needs a file or a folder, and not both", () => {
  const faults = (log: unknown) => faultsOf(JSON.stringify({ name: "t", log, children: [leaf("a")] }));
  assertEquals(faults({ max: "1MB" }), [`1:19 log: needs "file" or "dir"`]);
  assertEquals(faults({ file: "a", dir: "b" }), [`1:19 log: has "file" and "dir"; leave one of them out`]);
  assertEquals(faults({ file: "a", keep: 0 }).length, 1);
});

Deno.test("a manifest is refused when two of its logs would write to one file, or one rotates onto the other", () => {
  const manifest = (one: string, other: string) => ({
    name: "t",
    log: { file: one },
    children: [{ id: "s", children: [leaf("a", { log: { file: other } })] }],
  });
  for (
    const [one, other] of [["a.log", "./a.log"], ["a.log", "a.log.3.gz"], ["b/a.log.1", "b/a.log"]] as const
  ) {
    const [fault, ...more] = faultsOf(JSON.stringify(manifest(one, other)));
    assertStringIncludes(fault!, `another log has the file "${one}"`);
    assertEquals(more, []);
  }
  assertEquals(logsOf(resolveManifest(manifest("a.log", "b.log"), { file: FILE })).length, 2);
});

Deno.test("a log's permissions are its files, in each form that they may have, or its folder", () => {
  const manifest = resolveManifest({
    name: "t",
    log: { dir: "/logs" },
    children: [leaf("web", { log: { file: "/web.log", keep: 2, gzip: true } })],
  }, { file: FILE });
  const needed = requiredPermissions(manifest).filter(({ name }) => name === "read" || name === "write");
  const files = ["/web.log", "/web.log.1", "/web.log.1.gz", "/web.log.2", "/web.log.2.gz"];
  const expected = [
    { value: "/logs", children: [], why: [{ purpose: "log" }] },
    ...files.map((value) => ({ value, children: ["web"], why: [{ child: "web", purpose: "childLog" }] })),
  ];
  assertEquals(
    needed,
    ["read", "write"].flatMap((name) => expected.map((one) => ({ name, ...one }))) as typeof needed,
  );
});
