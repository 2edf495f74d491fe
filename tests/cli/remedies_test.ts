/**
 * The advice of docs/errors.md names what exists: each word in backticks is a key or value of a manifest, a member of
 * the library, an option of it with its value, or the path of a child; each command in quotes a verb with its options.
 */
import { assert, assertEquals } from "@std/assert";
import { EXPLAINED_CODES } from "../../src/cli/explained_codes.ts";
import { jsonSchema } from "../../src/manifest/json_schema.ts";
import { checkout } from "./outrider.ts";
import { Session } from "./session.ts";

const session = new Session({ flags: [] });

type Schema = { readonly [key: string]: unknown };

/** What to look a word up in. */
interface Known {
  /** Whether `a.b` is a key `a` of a manifest, anywhere, with a key `b` in it. */
  isKey(path: readonly string[]): boolean;
  /** The words that a key of a manifest may have as its value. */
  readonly values: ReadonlySet<string>;
  /** Members and names of the library's exports. */
  readonly members: ReadonlySet<string>;
  /** The words that an option of the library may have as its value. */
  readonly literals: ReadonlySet<string>;
  /** By verb, its options; the empty name has those of Deno. */
  readonly options: ReadonlyMap<string, ReadonlySet<string>>;
}

const texts = [...EXPLAINED_CODES.values()].flatMap(({ code, what, causes, remedy }) =>
  [what, ...causes, remedy].map((text) => [code, text] as const)
);

/** The words of `text` that are not in `known`, and those that look like one and are not marked as one. */
function unknownWords(text: string, known: Known): string[] {
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
  const commands = [...text.matchAll(/(?<=^|\s)'(outrider [^']+)'/g)].map(([, command = ""]) => command);
  const prose = text.replaceAll(/`[^`]+`/g, "").replaceAll(/(?<=^|\s)'[^']+'/g, "");
  return [
    ...spans.filter((span) => !isWord(span, known)),
    ...commands.filter((command) => !isCommand(command, known)),
    ...[...prose.matchAll(/--[a-z-]+/g)].map(([flag]) => flag).filter((flag) =>
      ![...known.options.values()].some((flags) => flags.has(flag))
    ),
    ...[...prose.matchAll(/\b[a-z]+[A-Z]\w*|\b[a-z]+_\w+/g)].map(([word]) => `${word}, without backticks`),
  ];
}

function isWord(span: string, { isKey, values, members, literals }: Known): boolean {
  if (span.startsWith('"')) {
    const [[key, value] = ["", ""]] = Object.entries(JSON.parse(`{${span}}`) as Schema);
    return isKey([key]) && (typeof value === "boolean" || values.has(String(value)));
  }
  const [, option, literal] = /^(\w+): "([^"]+)"$/.exec(span) ?? [];
  if (option !== undefined && literal !== undefined) return members.has(option) && literals.has(literal);
  if (/^\.\.(\/[a-z]+)+$/.test(span)) return true;
  const path = span.replace(/\(\)$/, "").split(".");
  if (isKey(path) || values.has(span)) return true;
  return !(path.length > 1 && isKey([path[0]!])) && path.every((part) => members.has(part));
}

function isCommand(command: string, { options }: Known): boolean {
  const [, verb = "", ...rest] = command.split(" ");
  const flags = options.get(verb);
  if (verb === "VERB") return rest.join(" ") === "--help";
  return flags !== undefined && rest.every((word) => !word.startsWith("-") || flags.has(word));
}

/** The keys of a JSON Schema: a path leads through properties, whatever stands between them. */
function keysOf(root: Schema): Pick<Known, "isKey" | "values"> {
  const definitions = (root["definitions"] ?? {}) as Record<string, Schema>;
  const properties = new Map<string, Schema[]>();
  const values = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) return node.forEach(walk);
    const schema = node as Schema;
    for (const [key, value] of Object.entries((schema["properties"] ?? {}) as Record<string, Schema>)) {
      properties.set(key, [...properties.get(key) ?? [], value]);
    }
    for (const value of [schema["const"], ...(schema["enum"] ?? []) as unknown[]]) values.add(String(value));
    Object.values(schema).forEach(walk);
  };
  walk(root);
  /** The schemas that one stands for: its alternatives and what it refers to. */
  const meant = (schema: Schema, seen = new Set<Schema>()): Schema[] => {
    if (seen.has(schema)) return [];
    seen.add(schema);
    const reference = String(schema["$ref"] ?? "").split("/").at(-1)!;
    const others = ["anyOf", "oneOf", "allOf"].flatMap((key) => (schema[key] ?? []) as Schema[]);
    if (reference in definitions) others.push(definitions[reference]!);
    return [schema, ...others.flatMap((other) => meant(other, seen))];
  };
  const leads = (from: readonly Schema[], [key, ...rest]: readonly string[]): boolean => {
    if (key === undefined) return true;
    const next = from.flatMap((schema) => meant(schema)).flatMap(({ properties = {} }) =>
      Object.hasOwn(properties as Schema, key) ? [(properties as Record<string, Schema>)[key]!] : []
    );
    return next.length > 0 && leads(next, rest);
  };
  const isKey = ([first = "", ...rest]: readonly string[]) =>
    properties.has(first) && leads(properties.get(first)!, rest);
  return { isKey, values };
}

/** All names in the documentation of the package's exports, and the strings of its types. */
async function publicWords(): Promise<Pick<Known, "members" | "literals">> {
  const { exports } = JSON.parse(await Deno.readTextFile(`${checkout}deno.json`)) as {
    exports: Record<string, string>;
  };
  const args = ["doc", "--json", "--import-map=tests/support/npm/import_map.json", ...Object.values(exports)];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: checkout })
    .output();
  assert(success, new TextDecoder().decode(stderr));
  const members = new Set(["system", "toJSON"]);
  const literals = new Set<string>();
  const found = JSON.parse(new TextDecoder().decode(stdout), (key, value: unknown) => {
    if (key === "name" && typeof value === "string") members.add(value);
    if (key === "string" && typeof value === "string") literals.add(value);
    return value;
  }) as unknown;
  assert(found !== undefined);
  return { members, literals };
}

async function optionsOf(verb: string): Promise<[string, Set<string>]> {
  const { stdout } = await session.run([verb, "--help"]);
  return [verb, new Set([...stdout.matchAll(/(?<=\s)--?[a-z][a-z-]*/g)].map(([flag]) => flag))];
}

async function verbs(): Promise<string[]> {
  const { stdout } = await session.run(["--help"]);
  return [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb = ""]) => verb);
}

Deno.test("the advice of docs/errors.md names keys, members, verbs and options that exist", async () => {
  const known: Known = {
    ...keysOf(jsonSchema() as Schema),
    ...await publicWords(),
    options: new Map([
      ...await Promise.all((await verbs()).map(optionsOf)),
      // Deno's own; and that of many language servers.
      ["", new Set(["--allow-read", "--allow-run", "--stdio"])],
    ]),
  };
  assert(known.options.size > 14 && known.members.size > 300);
  const wrong = texts.flatMap(([code, text]) => unknownWords(text, known).map((word) => `${code}: ${word}`));
  assertEquals(wrong, []);
});

Deno.test("unknownWords finds words that do not exist and words that are not marked", () => {
  const known: Known = {
    ...keysOf({
      properties: { probes: { $ref: "#/definitions/Probes" }, strict: { type: "boolean" } },
      definitions: {
        Probes: { anyOf: [{ enum: ["off"] }, { properties: { liveness: { properties: { timeout: {} } } } }] },
      },
    }),
    members: new Set(["system", "status", "timeout", "failures", "overflow"]),
    literals: new Set(["queue"]),
    options: new Map([["up", new Set(["--control"])]]),
  };
  const right = "Set `probes.liveness.timeout` or `off`, see `system.status()` or 'outrider up --control', " +
    '`"strict": false`, `overflow: "queue"`, `../infra/db`, docs/probes.md, DENORT_BIN, another user\'s file.';
  assertEquals(unknownWords(right, known), []);
  const wrong = "Set `probes.liveness.failures`, `failure`, maxFrame, --controll or 'outrider upp', " +
    '\'outrider up --for 1s\', `"strct": true`, `overflow: "cue"`, not_found.';
  assertEquals(unknownWords(wrong, known), [
    "probes.liveness.failures",
    "failure",
    '"strct": true',
    'overflow: "cue"',
    "outrider upp",
    "outrider up --for 1s",
    "--controll",
    "maxFrame, without backticks",
    "not_found, without backticks",
  ]);
});
