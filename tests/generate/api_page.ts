/**
 * docs/api.md: every entry of the package with every name that it exports, from the doc comments. Also what tests ask of
 * them: names, kinds and members, as `deno doc` has them.
 */
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);

/** The way to `file` in this checkout. */
const path = (file: string) => new URL(file, ROOT).href;

/** What `deno doc --json` says of one name, as far as it is read here. */
export interface DocumentedName {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly declarationKind: string;
    readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly { readonly kind: string }[] };
  }[];
}

/** An entry of the package: its name, as one imports it, its own doc comment and its names. */
export interface DocumentedEntry {
  readonly name: string;
  readonly file: string;
  readonly doc: string;
  readonly names: readonly DocumentedName[];
}

/** Whether this Deno's `deno doc --json` has the form that is read here, as 2.9 has and 2.6 has not. */
export const canDocument: boolean = Number(Deno.version.deno.split(".")[1]) >= 9;

/** All that `deno doc` says of the entries, in the order of deno.json; all but the command line and former names. */
export async function entries(): Promise<DocumentedEntry[]> {
  if (!canDocument) throw new Error("Cannot read what this Deno's 'deno doc' says: take Deno 2.9 or later");
  const listed = Object.entries(config.exports).filter(([entry]) => !FORMER.includes(entry));
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["doc", "--json", "--import-map=tests/support/npm/import_map.json"],
      ...listed.map(([, file]) => file),
    ],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, { module_doc?: { doc?: string }; symbols?: readonly DocumentedName[] }>;
  };
  // A name that two entries have is documented in the one where it is declared.
  const declared = new Map(
    Object.values(nodes).flatMap(({ symbols = [] }) => symbols)
      .filter((symbol) => docOf(symbol) !== "").map((symbol) => [symbol.name, symbol]),
  );
  return listed.map(([entry, file]) => {
    const { module_doc, symbols = [] } = nodes[path(file)]!;
    const names = symbols.filter(({ declarations }) =>
      declarations.some(({ declarationKind }) => declarationKind === "export")
    ).map((symbol) => docOf(symbol) === "" ? declared.get(symbol.name) ?? symbol : symbol);
    return { name: config.name + entry.slice(1), file, doc: module_doc?.doc ?? "", names };
  });
}

/** Entries that only stand for others. */
const FORMER = ["./cli", "./actors/sidecar", "./actors/kinds"];

const HEAD = `# The library, name by name

What each entry of the package exports. A program starts with \`@outrider/outrider\`; the others are for what they say.
\`deno doc jsr:@outrider/outrider/ENTRY --filter NAME\` has the whole of a comment, with its examples. This page is made by
\`deno task generate\`.

| to                                               | import                                              |
| ------------------------------------------------ | --------------------------------------------------- |
| make a tree, run it, talk to it                  | \`@outrider/outrider\`                              |
| read manifests, know their permissions           | \`@outrider/outrider/manifest\`                     |
| test a tree on a virtual clock                   | \`@outrider/outrider/testing\`                      |
| act on a tree that another program runs          | \`@outrider/outrider/control\`                      |
| write down what happens                          | \`@outrider/outrider/report\`                       |
| use pools, language servers, filters, workers    | \`@outrider/outrider/actors/…\`                     |
| write a protocol, or a codec                     | \`@outrider/outrider/protocol\`                     |
| write an actor for others                        | \`@outrider/outrider/actor\`, \`…/process\`         |

\`@outrider/outrider/actors/sidecar\` and \`…/actors/kinds\` are the former names of what is in the first entry and in
\`…/actors/factories\`.
`;

/** The text of the page, not yet formatted. */
export async function apiPage(): Promise<string> {
  const order = sections(await Deno.readTextFile(new URL("mod.ts", ROOT)));
  const parts = (await entries()).map((entry) => {
    const lines = (names: readonly DocumentedName[]) =>
      names.map((name) => `- \`${name.name}\`: ${firstSentence(docOf(name))}`).join("\n");
    const body = entry.file === "./mod.ts"
      ? order.map(({ title, names }) =>
        `### ${title}\n\n${lines(names.map((name) => entry.names.find((known) => known.name === name)!))}`
      ).join("\n\n")
      : lines(entry.names.toSorted((a, b) => a.name.localeCompare(b.name)));
    return `## ${entry.name}\n\n${firstSentence(entry.doc)}\n\n${body}`;
  });
  return `${HEAD}\n${parts.join("\n\n")}\n`;
}

/** The doc comment of a name. */
export function docOf({ declarations }: DocumentedName): string {
  return declarations.find(({ jsDoc }) => jsDoc?.doc !== undefined)?.jsDoc?.doc ?? "";
}

/** The sections of mod.ts: its comments, each with the names behind it. */
export function sections(source: string): { readonly title: string; readonly names: readonly string[] }[] {
  return source.split(/^\/\/ /m).slice(1).map((part) => ({
    title: part.slice(0, part.indexOf("\n")),
    names: [...part.matchAll(/\{([^}]*)\} from/g)].flatMap(([, list = ""]) =>
      list.split(",").map((name) => name.trim()).filter((name) => name !== "")
    ),
  }));
}

function firstSentence(doc: string): string {
  const text = doc.split(/\n\s*\n/)[0]!.replace(/\s+/g, " ").replace(/\{@link(?:code)? ([^}]*)\}/g, "`$1`")
    .trim();
  const plain = text.replace(/`[^`]*`/g, (code) => "x".repeat(code.length));
  const [full, short] = [/\.(?= |$)/, /[.:;](?= |$)/].map((end) => end.exec(plain)?.index ?? text.length);
  return `${text.slice(0, full! > 160 ? short : full)}.`;
}
