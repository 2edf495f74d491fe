/** What the package shows of itself: how much, in which order, and that nothing of it is ours alone. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { canDocument, docOf, entries, sections } from "../generate/api_page.ts";

const root = new URL("../../", import.meta.url);
const read = (file: string) => Deno.readTextFileSync(new URL(file, root));
const shown = canDocument ? await entries() : [];
const ignore = !canDocument;

/** The text of all files in `folders` that end in one of `ends`. */
function textOf(folders: readonly string[], ends: readonly string[]): string {
  return folders.flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, root))].map(({ name, isDirectory }) => {
      if (isDirectory) return textOf([`${folder}/${name}`], ends);
      return ends.some((end) => name.endsWith(end)) ? read(`${folder}/${name}`) : "";
    })
  ).join("\n");
}

Deno.test("mod.ts exports at most 90 names, sidecar among them, and each in a section", { ignore }, () => {
  const [first] = shown;
  const names = first!.names.map(({ name }) => name);
  assertLessOrEqual(names.length, 90);
  assert(
    ["actor", "sidecar", "supervisor", "launch", "start"].every((name) => names.includes(name)),
    `${names}`,
  );
  assertEquals(sections(read("mod.ts")).flatMap(({ names }) => names).sort(), names.toSorted());
});

Deno.test("every entry says what it is for, and every name what it is", { ignore }, () => {
  for (const { name, doc, names } of shown) {
    assert(doc.trim() !== "", name);
    assert(names.length > 0, name);
    for (const symbol of names) assert(docOf(symbol).trim() !== "", `${name} ${symbol.name}`);
  }
});

Deno.test("each type that a public signature names is exported by an entry", { ignore }, () => {
  const exported = new Set(shown.flatMap(({ names }) => names.map(({ name }) => name)));
  const unreachable = shown.flatMap(({ name: entry, names }) =>
    names.flatMap((symbol) =>
      typesIn(symbol.declarations).filter((name) => !exported.has(name)).map((name) =>
        `${entry}: ${symbol.name} names ${name}`
      )
    )
  );
  assertEquals(unreachable, []);
  const part = { kind: "typeRef", value: { typeName: "Near", resolution: { kind: "local" } } };
  assertEquals(typesIn([{ def: { tsType: part } }, { jsDoc: part }]), ["Near"]);
});

/** The names of types that a documented declaration refers to, other than those of the language and its own parameters. */
function typesIn(documented: unknown): string[] {
  if (typeof documented !== "object" || documented === null) return [];
  const { resolution, typeName } = documented as {
    readonly resolution?: { readonly kind: string; readonly name?: string };
    readonly typeName?: string;
  };
  const own = resolution?.kind === "import" || resolution?.kind === "local"
    ? [resolution.name ?? typeName!]
    : [];
  return [
    ...own,
    ...Object.entries(documented).flatMap(([key, part]) => key === "jsDoc" ? [] : typesIn(part)),
  ];
}

Deno.test("deno doc shows no member that is ours alone", { ignore }, () => {
  assertEquals(JSON.stringify(shown).match(/"kind":"internal"|@internal/g) ?? [], []);
});

Deno.test(
  "every value for authors is used by an actor, an example or a page, not by src alone",
  { ignore },
  () => {
    const users = textOf(["actors", "examples"], [".ts"]) +
      textOf(["docs"], [".md"]).replace(read("docs/api.md"), "") + read("README.md");
    const inComments = shown.map(({ doc }) => doc).join("\n") + JSON.stringify(shown);
    for (const { name: entry, names } of shown) {
      if (!/\/(actor|process|protocol)$/.test(entry)) continue;
      for (const symbol of names) {
        // Types and classes may be there because others refer to them; deno doc --lint sees to those.
        if (!symbol.declarations.some(({ kind }) => kind === "function" || kind === "variable")) continue;
        const word = new RegExp(`\\b${symbol.name}\\b`);
        const imported = new RegExp(
          `import \\{[^}]*\\b${symbol.name}\\b[^}]*\\} from \\\\?"@outrider/outrider`,
        );
        assert(word.test(users) || imported.test(inComments), `${entry} ${symbol.name}`);
      }
    }
  },
);
