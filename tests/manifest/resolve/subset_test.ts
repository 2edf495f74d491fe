/** The part of a manifest that one child needs. */
import { assertEquals } from "@std/assert";
import type { Entry } from "@outrider/outrider/manifest";
import { parse } from "../../../src/manifest/parse.ts";
import { subsetFor } from "../../../src/manifest/resolve/subset.ts";
import { childrenWithPaths } from "../../../src/manifest/resolve/children.ts";
import { FILE, treeOf } from "../probe.ts";

const leaf = (id: string, after?: unknown[]) => ({ id, command: "x", ...(after && { after }) });

/** The paths of what is left for the child at `path`. */
function part(path: string, ...children: unknown[]): string[] | undefined {
  const found = subsetFor(parse(treeOf(...children), { file: FILE }), path);
  return found && childrenWithPaths(found).map(({ path }) => path);
}

Deno.test("in a list without 'after', all that stand before are needed", () => {
  const list = [leaf("a"), leaf("b"), leaf("c")];
  assertEquals(part("b", ...list), ["a", "b"]);
  assertEquals(part("a", ...list), ["a"]);
});

Deno.test("subset keeps the dependencies of a child with after, and theirs", () => {
  const list = [
    leaf("z"),
    leaf("a"),
    leaf("b", ["a"]),
    leaf("c", [{ id: "b", condition: "started" }]),
    leaf("d", []),
  ];
  assertEquals(part("c", ...list), ["a", "b", "c"]);
  assertEquals(part("z", ...list), ["z"]);
  assertEquals(part("d", ...list), ["d"]);
});

Deno.test("subset keeps the dependencies of the supervisors on each level as a whole", () => {
  const db = { id: "db", children: [leaf("main"), leaf("spare")] };
  const workers = { id: "workers", after: ["db"], children: [leaf("w1"), leaf("w2"), leaf("w3")] };
  assertEquals(part("workers/w2", leaf("log"), db, workers), [
    "db",
    "db/main",
    "db/spare",
    "workers",
    "workers/w1",
    "workers/w2",
  ]);
});

Deno.test("subset keeps a supervisor and a pool whole, and gives nothing for an unknown child", () => {
  const workers = { id: "workers", children: [leaf("w1"), leaf("w2")] };
  const pool = { id: "pool", size: 2, sidecar: { command: "x" } };
  assertEquals(part("workers", leaf("a"), workers), ["a", "workers", "workers/w1", "workers/w2"]);
  assertEquals(part("pool", pool), ["pool"]);
  for (const path of ["x", "a/b", "workers/x", "pool/1", "", "/", "workers/"]) {
    assertEquals(part(path, leaf("a"), workers, pool), undefined, path);
  }
});

Deno.test("everything else of the manifest stays, and of the child, which is the same object", () => {
  const manifest = parse(treeOf(leaf("a"), leaf("b", [])), { file: FILE });
  const found = subsetFor(manifest, "b")!;
  const { children, ...rest } = found;
  const { children: all, ...whole } = manifest;
  assertEquals<unknown>(rest, whole);
  const [kept]: readonly Entry[] = children;
  assertEquals(kept === all[1], true);
});

Deno.test("subset leaves templates out", () => {
  const text = JSON.stringify({ name: "t", children: [leaf("a")], templates: [leaf("b")] });
  const manifest = parse(text, { file: FILE });
  assertEquals(manifest.templates?.length, 1);
  assertEquals(subsetFor(manifest, "a")?.templates, undefined);
});

Deno.test("subset keeps the child of another group that one names, with what that needs, and leaves the rest of its group", () => {
  const infra = { id: "infra", children: [leaf("db", ["disk"]), leaf("disk"), leaf("cache")] };
  const app = { id: "app", children: [leaf("web", ["../infra/db"]), leaf("mail")] };
  assertEquals(part("app/web", app, infra, leaf("log")), [
    "app",
    "app/web",
    "infra",
    "infra/db",
    "infra/disk",
  ]);
});
