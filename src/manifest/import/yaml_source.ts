/**
 * The text of a YAML file: its value, and the line of everything in it.
 *
 * The package `yaml` parses; what it makes of the tree itself is not used: it compares all keys of a mapping with each
 * other, and looks for an anchor in the whole file at each alias, which takes minutes for a file made for that. So an
 * alias is the very value of its anchor here, and whoever reads a value must not go through all of it.
 */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from "yaml";
import { ManifestError } from "../manifest_errors.ts";
import { MAX_DEPTH } from "../plain_json.ts";
import { manifestFileError } from "../read.ts";
import { quote } from "../../text/words.ts";
import type { ImportPath } from "./report.ts";

/** A value with the line that it is on. */
interface LocatedValue {
  readonly line: number;
  readonly value: unknown;
  /** What is in it, by key or index. */
  readonly inner?: ReadonlyMap<string, LocatedValue>;
}

/** The value of a YAML file. */
export interface YamlSource {
  readonly value: unknown;
  /** The line of a path, or of the nearest thing around it. */
  lineOf(path: ImportPath): number | undefined;
}

/**
 * Reads the text of `file`.
 *
 * @throws {ManifestError} it is not YAML, has a key twice or nests deeper than {@link MAX_DEPTH}
 */
export function readYaml(text: string, file: string): YamlSource {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: counter,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "silent",
  });
  const [document, second] = "empty" in documents ? [] : documents;
  if (document === undefined || document.contents === null) {
    throw manifestFileError("manifest_empty", file, "there is nothing in it but space and comments");
  }
  failOn(document, counter, file);
  if (second !== undefined) {
    const line = counter.linePos(second.range?.[0] ?? 0).line;
    throw manifestFileError("manifest_invalid", file, "a second document; expected one", { line });
  }
  const root = new YamlReader(counter, file).read(document.contents, 0);
  return {
    value: root.value,
    lineOf(path) {
      let at = root;
      for (const key of path) {
        const inner = at.inner?.get(String(key));
        if (inner === undefined) break;
        at = inner;
      }
      return at.line;
    },
  };
}

/** @throws {ManifestError} for the first error: the others mostly follow from it */
function failOn({ errors }: Document, counter: LineCounter, file: string): void {
  const [error] = errors;
  if (error === undefined) return;
  const { line, col: column } = counter.linePos(error.pos[0]);
  const message = error.code === "RESOURCE_EXHAUSTION"
    ? `nests deeper than ${MAX_DEPTH} levels`
    : `not YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  throw new ManifestError("manifest_invalid", { file, faults: [{ path: "", line, column, message }] });
}

/** How many keys a file may merge with `<<`, all together. */
const MAX_MERGED_KEYS = 100_000;

/** Goes through the tree of a document once. */
class YamlReader {
  readonly #counter: LineCounter;
  readonly #file: string;
  readonly #anchors = new Map<string, LocatedValue>();
  #mergedKeys = 0;

  constructor(counter: LineCounter, file: string) {
    this.#counter = counter;
    this.#file = file;
  }

  read(node: unknown, depth: number): LocatedValue {
    const line = this.#lineOf(node);
    if (depth > MAX_DEPTH) throw this.#invalid(`nests deeper than ${MAX_DEPTH} levels`, line);
    if (isAlias(node)) {
      const found = this.#anchors.get(node.source);
      if (found === undefined) throw this.#invalid(`no anchor ${quote(node.source)} before this`, line);
      return { ...found, line };
    }
    const read = this.#contentOf(node, line, depth);
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, read);
    }
    return read;
  }

  #contentOf(node: unknown, line: number, depth: number): LocatedValue {
    if (isScalar(node)) {
      return { line, value: typeof node.value === "bigint" ? Number(node.value) : node.value };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(item, depth + 1));
      const inner = new Map(items.map((item, index) => [String(index), item]));
      return { line, value: items.map(({ value }) => value), inner };
    }
    if (!isMap(node)) return { line, value: null };
    const own = new Map<string, LocatedValue>();
    const merged: LocatedValue[] = [];
    for (const { key, value } of node.items) {
      const at = this.#lineOf(key);
      const name = this.#keyOf(key, at);
      // A value on the lines after its key is looked for at the key.
      const read = { ...this.read(value, depth + 1), line: at };
      if (isMergeKey(key)) merged.push(...this.#mergedIn(read));
      else if (own.has(name)) {
        throw this.#invalid(`the key ${quote(name)} again; the first is on line ${own.get(name)!.line}`, at);
      } else own.set(name, read);
    }
    const inner = merged.length === 0 ? own : this.#withMerged(own, merged);
    const entries = inner.entries().map(([name, { value }]) => [name, value] as const);
    return { line, value: Object.fromEntries(entries), inner };
  }

  /** Of several that are merged the first wins, and what is written here over all. */
  #withMerged(
    own: ReadonlyMap<string, LocatedValue>,
    merged: readonly LocatedValue[],
  ): Map<string, LocatedValue> {
    const all = new Map(own);
    for (const { line, inner = new Map<string, LocatedValue>() } of merged) {
      this.#mergedKeys += inner.size;
      if (this.#mergedKeys > MAX_MERGED_KEYS) {
        throw this.#invalid(`"<<" merges more than ${MAX_MERGED_KEYS} keys`, line);
      }
      for (const [name, value] of inner) if (!all.has(name)) all.set(name, value);
    }
    return all;
  }

  #mergedIn({ value, inner, line }: LocatedValue): readonly LocatedValue[] {
    if (inner === undefined) throw this.#invalid('expected a mapping, or a list of them, after "<<"', line);
    return Array.isArray(value) ? [...inner.values()] : [{ line, value, inner }];
  }

  #keyOf(key: unknown, line: number): string {
    const { value } = isAlias(key) ? this.read(key, 0) : isScalar(key) ? key : { value: undefined };
    if (typeof value === "object" && value !== null || value === undefined) {
      throw this.#invalid("a key that is not text", line);
    }
    return String(value);
  }

  #lineOf(node: unknown): number {
    return this.#counter.linePos((node as Node | null)?.range?.[0] ?? 0).line;
  }

  #invalid(message: string, line: number): ManifestError {
    return manifestFileError("manifest_invalid", this.#file, message, { line });
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === "<<" && key.type === "PLAIN";
}
