/** The pages about manifests: their examples are manifests, every field is named, and the defaults are the real ones. */
import { assert, assertEquals } from "@std/assert";
import { parse as parseJsonc } from "jsonc-parser";
import { resolveManifest } from "../../../src/manifest/load.ts";
import { BRANCHES, KEYS } from "../../../src/manifest/fields/manifest.ts";
import { FILE, sidecar } from "../probe.ts";

const read = (page: string) => Deno.readTextFileSync(new URL(`../../../${page}`, import.meta.url));
const page = read("docs/manifest.md");
const probes = read("docs/probes.md");
const others = read("docs/platforms.md") + read("docs/templates.md");
const confinement = read("docs/confinement.md");

/** The first table behind a heading: by field, the cells after it. A row of two fields has both in its first cell. */
function table(text: string, heading: string): Map<string, string[]> {
  const section = text.split(`\n${heading}`)[1];
  assert(section !== undefined, heading);
  const [, , ...rows] = section.slice(section.indexOf("\n|") + 1).split("\n\n")[0]!.trim().split("\n");
  return new Map(rows.map((row) => {
    const [name = "", ...cells] = row.split("|").slice(1, -1).map((cell) => cell.trim());
    return [/`([^`]+)`/.exec(name)?.[1] ?? name, cells];
  }));
}

/** What a cell says, as a manifest has it; `undefined` where it says nothing. */
function value(cell: string | undefined): unknown {
  const text = cell?.replaceAll("`", "");
  if (text === undefined || text === "" || text === "none") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text;
  }
}

/** The fields of a table with their values in one of its columns. */
function values(rows: Map<string, string[]>, column = 0): Record<string, unknown> {
  const all = [...rows].map(([field, cells]) => [field, value(cells[column])] as const);
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

for (
  const file of [
    "README.md",
    "docs/manifest.md",
    "docs/probes.md",
    "docs/platforms.md",
    "docs/templates.md",
    "docs/containment.md",
    "docs/confinement.md",
  ]
) {
  Deno.test(`every manifest in ${file} is one`, () => {
    const blocks = [...read(file).matchAll(/^```jsonc?\n((?:\/\/[^\n]*\n)*\{.*?)^```/gms)].map((
      [, text = ""],
    ) => parseJsonc(text));
    const manifests = blocks.filter((block) => "children" in block);
    assert(manifests.length > 0);
    for (const manifest of manifests) resolveManifest(manifest, { file: FILE });
  });
}

Deno.test("every field of a manifest is named", () => {
  const fields = [
    ...Object.values(KEYS).flat(),
    ...Object.values(BRANCHES).flat().flatMap(({ keys }) => keys),
  ];
  assert(fields.length > 60);
  // In prose as `field`, in an example as "field".
  const missing = fields.filter((field) =>
    !new RegExp(`["\`]${RegExp.escape(field)}["\`]`).test(page + probes + others + confinement)
  );
  assertEquals(missing, []);
});

Deno.test("what the tables call the defaults of a sidecar are its defaults", () => {
  for (const protocol of ["lines", undefined] as const) {
    const { cwd, inheritEnv, ...plain } = values(table(page, "## Every sidecar"));
    const written = {
      protocol,
      ...plain,
      ...values(table(page, "## Every child")),
      inheritEnv: String(inheritEnv).split(", "),
      backoff: values(table(page, "### backoff")),
      mailbox: values(table(page, "### mailbox")),
      stop: values(table(page, "### stop"), protocol === undefined ? 1 : 0),
    };
    assertEquals(cwd, "the manifest's folder");
    assertEquals(Object.keys(written).sort(), [
      ...[
        "attempts",
        "backoff",
        "inheritEnv",
        "mailbox",
        "maxFrame",
        "onDeath",
        "protocol",
        "ready",
        "restart",
        "significant",
        "stop",
      ],
      "strict",
    ]);
    assertEquals(sidecar(written), sidecar({ protocol }));
  }
  const ready = { stdout: "x" };
  const [, within] = /may have `within`, (\w+) unless/.exec(page)!;
  assertEquals(sidecar({ ready: { ...ready, within } }), sidecar({ ready }));
});

Deno.test("so are those of a supervisor, of a pool, and of a probe", () => {
  const children = [{ id: "a", command: "x" }];
  const written = values(table(page, "## Every supervisor"));
  assertEquals(Object.keys(written), ["strategy", "intensity", "onLimit", "autoShutdown", "permissions"]);
  assertEquals(
    resolveManifest({ name: "t", ...written, children }, { file: FILE }),
    resolveManifest({ name: "t", children }, { file: FILE }),
  );
  const copies = { size: 2, sidecar: { command: "x" } };
  const { size, ...pool } = { ...values(table(page, "## Every pool")), size: 2 };
  assertEquals(Object.keys(pool), [
    "routing",
    "perCopy",
    "grow",
    "shrinkAfter",
    "intensity",
    "onLimit",
  ]);
  const of = (fields: object) =>
    resolveManifest({ name: "t", children: [{ id: "a", ...copies, ...fields }] }, { file: FILE });
  assertEquals(of({ size, ...pool }), of({}));
  const readiness = { tcp: { port: 1 } };
  const numbers = values(table(probes, "## Numbers"));
  assertEquals(Object.keys(numbers).length, 5);
  assertEquals(
    sidecar({ probes: { readiness: { ...readiness, ...numbers } } }),
    sidecar({ probes: { readiness } }),
  );
});
