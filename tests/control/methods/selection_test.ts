import { assertEquals } from "@std/assert";
import { dependentsOf, isNamedBy, orderOf, select } from "../../../src/control/methods/selection.ts";
import { fake } from "../../support/probes.ts";
import { supervisor } from "../../../src/supervision/supervisor_spec.ts";

const KNOWN = ["db", "team", "team/a", "team/b.c", "team/bxc", "web"];

Deno.test("select finds paths, patterns and all in start order, and none below another", () => {
  const found: [patterns: string[], paths: string[]][] = [
    [["web", "db"], ["db", "web"]],
    [["team/*"], ["team/a", "team/b.c", "team/bxc"]],
    [["team/b.c*"], ["team/b.c"]],
    [["team/*", "team"], ["team"]],
    [["all"], ["db", "team", "web"]],
    [["*"], ["db", "team", "web"]],
    [["*/a", "w*"], ["team/a", "web"]],
  ];
  for (const [patterns, paths] of found) assertEquals(select(patterns, KNOWN), { paths, unmatched: [] });
});

Deno.test("select names each pattern that no child has, and takes a child called all for itself", () => {
  assertEquals(select(["db", "wb", "team/x*"], KNOWN), { paths: ["db"], unmatched: ["wb", "team/x*"] });
  assertEquals(select(["all"], ["all", "b"]).paths, ["all"]);
});

Deno.test("isNamedBy says whether a path, one above it, a pattern or all names a child", () => {
  const named: [patterns: string[], path: string, is: boolean][] = [
    [["team"], "team/a", true],
    [["team/*"], "team/a/b", true],
    [["db", "*/a"], "team/a", true],
    [["all"], "team/a", true],
    [["team/a"], "team", false],
    [["tea"], "team/a", false],
    [["*"], "team/a", true],
  ];
  for (const [patterns, path, is] of named) assertEquals(isNamedBy(patterns, path), is, path);
});

const after = (...ids: string[]) => ({ after: ids.map((id) => ({ id, condition: "ready" as const })) });
const spec = (id: string, more = {}) => ({ ...fake(id, []).spec, ...more });

Deno.test("orderOf has each child wait for those before it, or, where a list has an after, for those that it names", () => {
  const plain = supervisor("root", ["a", "b", "c"].map((id) => spec(id)));
  assertEquals([...orderOf("start", ["a", "c"], plain)], [["a", []], ["c", ["a"]]]);
  assertEquals([...orderOf("stop", ["a", "c"], plain)], [["a", ["c"]], ["c", []]]);
  const team = supervisor("team", [spec("db"), spec("web", after("db")), spec("log")]);
  const root = supervisor("root", [team]);
  const paths = ["team/db", "team/web", "team/log"];
  assertEquals([...orderOf("restart", paths, root)], [
    ["team/db", []],
    ["team/web", ["team/db"]],
    ["team/log", []],
  ]);
  assertEquals([...orderOf("stop", paths, root)], [
    ["team/db", ["team/web"]],
    ["team/web", []],
    ["team/log", []],
  ]);
  assertEquals([dependentsOf("team/db", root), dependentsOf("team/web", root)], [["team/web"], []]);
});

Deno.test("orderOf and dependentsOf look at what a child names in another group", () => {
  const app = supervisor("app", [spec("web", after("../infra/db")), spec("mail")]);
  const infra = supervisor("infra", [spec("db"), spec("cache")]);
  const root = supervisor("root", [app, infra]);
  assertEquals([...orderOf("start", ["app/web", "infra/cache", "infra/db"], root)], [
    ["app/web", ["infra/db"]],
    ["infra/cache", []],
    ["infra/db", ["infra/cache"]],
  ]);
  assertEquals([...orderOf("stop", ["infra", "app"], root)], [["infra", ["app"]], ["app", []]]);
  assertEquals(dependentsOf("infra/db", root), ["app/web"]);
  assertEquals(dependentsOf("infra", root), ["app/web"]);
  assertEquals(dependentsOf("app", root), []);
});
