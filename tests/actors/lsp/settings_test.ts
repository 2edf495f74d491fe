/** Settings by section, as a language server asks for them. */
import { assertEquals } from "@std/assert";
import { applyMergePatch } from "../../../actors/lsp/capabilities.ts";
import { configurationOf, expandSettings, merged, neededSettings } from "../../../actors/lsp/settings.ts";

Deno.test("a section is found by its path, and what is missing is an empty section or an unset setting", () => {
  const settings = { css: { lint: { important: "error" }, validate: null }, list: [1], flag: false };
  const cases: readonly (readonly [item: unknown, answer: unknown])[] = [
    [{ section: "css.lint" }, { important: "error" }],
    [{ section: "css.lint.important", scopeUri: "file:///a.css" }, "error"],
    [{ section: "css.validate" }, null],
    [{ section: "flag" }, false],
    [{ section: "list" }, [1]],
    [{ section: "list.0" }, null],
    [{ section: "html" }, {}],
    [{ section: "toString" }, {}],
    [{ section: "css.format.enable" }, null],
    [{ section: "" }, settings],
    [{}, settings],
    [null, settings],
    [7, settings],
  ];
  for (const [item, answer] of cases) {
    assertEquals(configurationOf(settings, item), answer, JSON.stringify(item));
  }
});

Deno.test("dotted names at the top become objects, and those further down stay", () => {
  assertEquals(
    expandSettings({
      "css.lint.important": "error",
      css: { validate: true },
      "files.exclude": { "**/*.js": true },
    }),
    { css: { lint: { important: "error" }, validate: true }, files: { exclude: { "**/*.js": true } } },
  );
  assertEquals(expandSettings({ "js/ts.implicit": 1, a: 1, "a.b": 2 }), {
    "js/ts": { implicit: 1 },
    a: { b: 2 },
  });
  assertEquals(Object.getPrototypeOf(expandSettings(JSON.parse('{ "__proto__.x": 1 }'))), Object.prototype);
});

Deno.test("own settings go before those that a server can't do without", () => {
  const eslint = { diagnosticProvider: { identifier: "eslint" } };
  const folder = { uri: "file:///a", name: "a" };
  const { validate, run, nodePath, workspaceFolder } = merged(
    neededSettings(eslint, [folder]),
    { run: "onSave" },
  );
  assertEquals([validate, run, nodePath, workspaceFolder], ["on", "onSave", null, folder]);
  assertEquals(neededSettings({ diagnosticProvider: true }, null), {
    "js/ts": { implicitProjectConfig: {} },
  });
});

Deno.test("a merge patch merges objects, removes by null and replaces all else", () => {
  const target = { a: { b: 1, c: [1] }, d: 1 };
  assertEquals(applyMergePatch(target, { a: { b: null, c: [2] }, d: { e: { f: null, g: 1 } } }), {
    a: { c: [2] },
    d: { e: { g: 1 } },
  });
  assertEquals(target, { a: { b: 1, c: [1] }, d: 1 });
});
