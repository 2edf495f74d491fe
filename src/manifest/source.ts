/**
 * The text of a JSON manifest: its value, and the line and column of everything in it. Comments and trailing commas
 * are allowed; a key that occurs twice is not.
 */

import {
  createScanner,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { MAX_DEPTH } from "./plain_json.ts";
import type { ManifestIssue } from "./issue.ts";
import { quote } from "../text/words.ts";

/** A place in a text; line and column from 1, the column in UTF-16 units. */
export interface SourcePosition {
  /** The line. */
  readonly line: number;
  /** The column. */
  readonly column: number;
}

/** The result of {@link Source.read}: the value, or the syntax faults of the text. */
export interface ParsedSource {
  /** The value; undefined if the text is not JSON. */
  readonly value: unknown;
  /** Whether there is nothing in the text but space and comments. */
  readonly empty: boolean;
  /** The faults of the text itself. */
  readonly faults: readonly (ManifestIssue & { readonly offset: number })[];
}

/** The text of a manifest, and where things are in it. */
export class Source {
  readonly #text: string;
  readonly #starts: readonly number[];
  readonly #values = new Map<Node, ReadonlyMap<string, Node>>();
  #tree: Node | undefined;

  /** Takes text without a byte order mark. */
  constructor(text: string) {
    this.#text = text;
    this.#starts = [0, ...text.matchAll(/\r\n|\r|\n/g).map(({ 0: end, index }) => index + end.length)];
  }

  /** Parses the text. Invalid JSON has no value, so that no further fault is derived from a guess at it. */
  read(): ParsedSource {
    const { tokens, tooDeepAt } = this.#scan();
    if (tooDeepAt !== undefined) {
      const message = `nests deeper than ${MAX_DEPTH} levels`;
      return { value: undefined, empty: false, faults: [{ path: [], message, offset: tooDeepAt }] };
    }
    const errors: ParseError[] = [];
    this.#tree = parseTree(this.#text, errors, { allowTrailingComma: true });
    if (this.#tree === undefined || errors.length > 0) {
      return { value: undefined, empty: tokens === 0, faults: this.#syntax(errors) };
    }
    return { value: getNodeValue(this.#tree), empty: false, faults: this.#twice(this.#tree) };
  }

  /** Where an offset into the text is. */
  at(offset: number): SourcePosition {
    // By halves: a manifest with a fault on each of its lines must not take a minute.
    let [line, after] = [1, this.#starts.length + 1];
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((this.#starts[middle - 1] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    return { line, column: offset - (this.#starts[line - 1] ?? 0) + 1 };
  }

  /** Where a path leads: to its key or its value, or, if it is not there, to the nearest thing around it. */
  locate(path: readonly PropertyKey[], on: "key" | "value"): SourcePosition {
    let node = this.#tree;
    for (const [index, key] of path.entries()) {
      const inner = node && this.#step(node, key);
      if (inner === undefined) break;
      const last = on === "key" && index === path.length - 1;
      node = last && inner.parent?.type === "property" ? inner.parent.children?.[0] : inner;
    }
    return this.at(node?.offset ?? 0);
  }

  /** One step down the tree. An object's keys are indexed once: with thousands of faults, searching takes minutes. */
  #step(node: Node, key: PropertyKey): Node | undefined {
    if (node.type === "array") return node.children?.[Number(key)];
    const known = this.#values.get(node);
    if (known !== undefined) return known.get(String(key));
    const pairs = (node.children ?? []).flatMap(({ children: [name, value] = [] }) =>
      name && value ? [[String(name.value), value] as const] : []
    );
    this.#values.set(node, new Map(pairs));
    return this.#step(node, key);
  }

  /** Counts tokens other than space and comments. The parser calls itself for each level: it must not see too many. */
  #scan(): { tokens: number; tooDeepAt?: number } {
    const scanner = createScanner(this.#text, true);
    const [openBrace, closeBrace, openBracket, closeBracket, end] = [1, 2, 3, 4, 17];
    let [depth, tokens] = [0, 0];
    for (let token: number = scanner.scan(); token !== end; token = scanner.scan()) {
      tokens++;
      if (token === openBrace || token === openBracket) depth++;
      else if (token === closeBrace || token === closeBracket) depth--;
      if (depth > MAX_DEPTH) return { tokens, tooDeepAt: scanner.getTokenOffset() };
    }
    return { tokens };
  }

  /** Reports one fault a line: the parser's further errors on a line mostly follow from the first. */
  #syntax(errors: readonly ParseError[]): ParsedSource["faults"] {
    const lines = new Set<number>();
    return errors.filter(({ offset }) => {
      const { line } = this.at(offset);
      return !lines.has(line) && lines.add(line);
    }).map(({ error, offset, length }) => {
      const token = this.#text.slice(offset, offset + length);
      return { path: [], offset, ...SYNTAX[printParseErrorCode(error)]?.(token) ?? { message: "not JSON" } };
    });
  }

  #twice(node: Node, path: readonly PropertyKey[] = []): ParsedSource["faults"] {
    if (node.type === "array") {
      return (node.children ?? []).flatMap((item, index) => this.#twice(item, [...path, index]));
    }
    const first = new Map<string, number>();
    return (node.children ?? []).flatMap(({ children: [key, value] = [] }) => {
      if (key === undefined) return [];
      const name = String(key.value);
      const inner = value === undefined ? [] : this.#twice(value, [...path, name]);
      const earlier = first.get(name);
      if (earlier === undefined) return first.set(name, key.offset) && inner;
      const message = `the same key again; the first is on line ${this.at(earlier).line}`;
      return [{ path: [...path, name], message, offset: key.offset }, ...inner];
    });
  }
}

type Wording = (token: string) => { readonly message: string; readonly hint?: string };

const say = (message: string, hint?: string): Wording => () =>
  hint === undefined ? { message } : { message, hint };

const SYNTAX: Readonly<Record<string, Wording>> = {
  InvalidSymbol: (token) => ({
    message: `${quote(token)} is not valid JSON`,
    hint: `keys and text go in double quotes`,
  }),
  InvalidNumberFormat: (token) => ({ message: `${quote(token)} is not a number` }),
  PropertyNameExpected: say("expected a key in double quotes"),
  ValueExpected: say("expected a value"),
  ColonExpected: say(`expected ":" after the key`),
  CommaExpected: say(`expected "," before this`),
  CloseBraceExpected: say(`expected "}"`),
  CloseBracketExpected: say(`expected "]"`),
  EndOfFileExpected: say("expected nothing after the manifest"),
  InvalidCommentToken: say("expected a value, not a comment"),
  UnexpectedEndOfComment: say("the comment has no end"),
  UnexpectedEndOfString: say("the text has no closing quote on its line"),
  UnexpectedEndOfNumber: say("the number has no end"),
  InvalidUnicode: say(`"\\u" needs four hexadecimal digits`),
  InvalidEscapeCharacter: say("unknown escape", `a backslash is written "\\\\"`),
  InvalidCharacter: say("a control character must be escaped"),
};
