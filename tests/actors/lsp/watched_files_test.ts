/** Which files a language server hears of. */
import { assert, assertEquals } from "@std/assert";
import { globMatcher } from "../../../actors/lsp/globs.ts";
import {
  changeOf,
  type FileChange,
  WATCHED_FILES,
  watchedChanges,
  watchedFiles,
} from "../../../actors/lsp/watched_files.ts";

Deno.test("a glob pattern fits the paths that LSP says it does", () => {
  const cases: readonly (readonly [glob: string, fits: readonly string[], not: readonly string[]])[] = [
    ["*.ts", ["a.ts", ".ts"], ["a/b.ts", "a.tsx"]],
    ["**/*.ts", ["a.ts", "a/b/c.ts"], ["a.js"]],
    ["src/**", ["src/a", "src/a/b", "src"], ["srcs/a"]],
    ["a/**/b", ["a/b", "a/x/y/b"], ["a/b/c", "xa/b"]],
    ["**", ["a", "a/b"], []],
    ["?.{ts,js}", ["a.ts", "b.js"], ["ab.ts", "a.css", ".ts"]],
    ["{a,b/{c,d}}/*.x", ["a/1.x", "b/c/1.x", "b/d/.x"], ["b/1.x"]],
    ["[a-c]1", ["a1", "c1"], ["d1", "A1"]],
    ["[!a-c]1", ["d1"], ["a1", "/1"]],
    ["[ab-]", ["-", "a"], ["c"]],
    ["a.b+(c)", ["a.b+(c)"], ["aXb+(c)"]],
    ["😀?", ["😀x"], ["😀"]],
    ["a**b", ["ab", "axxb"], ["a/b"]],
  ];
  for (const [glob, fits, not] of cases) {
    const matches = globMatcher(glob)!;
    for (const path of fits) assert(matches(path), `${glob} fits ${path}`);
    for (const path of not) assert(!matches(path), `${glob} does not fit ${path}`);
  }
});

Deno.test("what is not a glob pattern fits nothing, and a costly one is over soon", () => {
  for (const wrong of ["{a", "[a", "x".repeat(5_000), "{a,b}".repeat(20)]) {
    assertEquals(globMatcher(wrong), undefined);
  }
  const names = `${"a/".repeat(1_000)}b`;
  assertEquals(globMatcher("**/".repeat(1_000) + "c")!(names), false);
  assertEquals(globMatcher("*a".repeat(500) + "c")!("a".repeat(2_000)), false);
});

const folders = [{ uri: "file:///ws", name: "ws" }, { uri: "file:///other%20one", name: "o" }];

function watched(...watchers: readonly unknown[]) {
  return watchedFiles({ id: "1", method: WATCHED_FILES, registerOptions: { watchers } }, folders);
}

Deno.test("a watcher needs its folder, as deep as its pattern, and no more", () => {
  const places = (...watchers: readonly unknown[]) =>
    watched(...watchers).map(({ folder, isDeep }) => `${folder}${isDeep ? "/**" : ""}`);
  assertEquals(places({ globPattern: "**/*.ts" }), ["/ws/**", "/other one/**"]);
  assertEquals(places({ globPattern: { baseUri: "file:///x/y", pattern: "package.json" } }), ["/x/y"]);
  assertEquals(places({ globPattern: { baseUri: folders[0], pattern: "a/b/*/c" } }), ["/ws/a/b/**"]);
  assertEquals(places({ globPattern: "/etc/ssl/*.pem" }), ["/etc/ssl", "/etc/ssl"]);
  assertEquals(
    places({ globPattern: "{" }, { globPattern: 7 }, null, {}, { globPattern: { baseUri: "x:y" } }),
    [],
  );
});

Deno.test("a change is told to the watchers of its path and its kind", () => {
  const wanted = watched(
    { globPattern: { baseUri: "file:///ws", pattern: "**/*.ts" }, kind: 1 | 4 },
    { globPattern: { baseUri: "file:///ws/lib", pattern: "*" } },
    { globPattern: "/etc/*.conf", kind: 2 },
  );
  const told = (path: string, change: FileChange) =>
    watchedChanges(new Map([[path, change]]), wanted)?.changes.map(({ type }) => type);
  assertEquals(told("/ws/a/b.ts", "created"), [1]);
  assertEquals(told("/ws/a/b.ts", "changed"), undefined);
  assertEquals(told("/ws/a/b.ts", "deleted"), [3]);
  assertEquals(told("/ws/lib/x", "changed"), [2]);
  assertEquals(told("/ws/lib/x/y", "changed"), undefined);
  assertEquals(told("/elsewhere/b.ts", "created"), undefined);
  assertEquals(told("/etc/a.conf", "changed"), [2]);
  assertEquals(watchedChanges(new Map([["/ws/ü.ts", "created"]]), wanted)?.changes, [
    { uri: "file:///ws/%C3%BC.ts", type: 1 },
  ]);
});

Deno.test("what happened to a file follows from what was seen first, and whether it is there", () => {
  const seen = (["made", "renamed", "other"] as const).map((
    first,
  ) => [changeOf(first, true), changeOf(first, false)]);
  assertEquals(seen, [["created", undefined], ["created", "deleted"], ["changed", "deleted"]]);
});
