/** Links of the pages: each leads to a file of the checkout, and from a page of the package to one of the package. */
import { assertEquals } from "@std/assert";

const root = new URL("../../", import.meta.url);
const { publish: { include } } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", root))) as {
  publish: { include: readonly string[] };
};

/** The pages, relative to the root. */
function* pages(folder = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder || ".", root))) {
    if (name.startsWith(".") || name === "node_modules") continue;
    if (isDirectory) yield* pages(`${folder}${name}/`);
    else if (name.endsWith(".md")) yield folder + name;
  }
}

/** What is wrong with the links of `page`, which has that `text`. */
function badLinks(page: string, text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
    if (/^https?:/.test(link)) return [];
    const url = new URL(link, new URL(page, root));
    const path = decodeURIComponent(url.pathname.slice(root.pathname.length));
    const kind = kindOf(url);
    if (kind === undefined) return [`${page}: ${link} leads nowhere`];
    if (isPublished(page) && !isPublished(path)) return [`${page}: ${link} is not published`];
    const { hash } = url;
    if (hash === "" || kind === "folder" || anchors(Deno.readTextFileSync(url)).includes(hash.slice(1))) {
      return [];
    }
    return [`${page}: ${link} has no such heading`];
  });
}

function kindOf(url: URL): "file" | "folder" | undefined {
  try {
    return Deno.statSync(url).isDirectory ? "folder" : "file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function isPublished(path: string): boolean {
  return include.some((name) => path === name || path.startsWith(`${name}/`));
}

/** As GitHub and JSR make them of headings. */
function anchors(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```.*?^```/gms, "");
}

Deno.test("every link of a page has a target, and a published page links to published files only", () => {
  const all = [...pages()];
  assertEquals(all.includes("README.md") && all.includes("docs/manifest.md"), true);
  assertEquals(all.flatMap((page) => badLinks(page, Deno.readTextFileSync(new URL(page, root)))), []);
});

Deno.test("a link that leads nowhere, out of the package, or to no heading is found", () => {
  const text =
    "[a](no.md) [b](../tests/) [c](manifest.md#every-child) [d](manifest.md#no) [e](https://x.y)\n" +
    "```\n[f](no.md)\n```\n[g](#here)\n# Here\n[h](probes.md)";
  assertEquals(badLinks("docs/probes.md", text), [
    "docs/probes.md: no.md leads nowhere",
    "docs/probes.md: ../tests/ is not published",
    "docs/probes.md: manifest.md#no has no such heading",
    "docs/probes.md: #here has no such heading",
  ]);
});

Deno.test("docs/README.md links every page of docs", async () => {
  const index = await Deno.readTextFile(new URL("docs/README.md", root));
  const linked = new Set([...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page!));
  const there = [...Deno.readDirSync(new URL("docs/", root))].map(({ name }) => name).filter((name) =>
    name !== "README.md"
  );
  assertEquals([...linked].toSorted(), there.toSorted());
});
