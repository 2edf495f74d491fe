/**
 * A text in JSON that is edited at random, with what a position in UTF-8 or by code points would get wrong; and all that
 * it has been.
 *
 * @module
 */

import { padding } from "./outcomes.ts";

const HEAD = '{ "😀": "ß😀𐐀",\r\n';
const TAIL = '"last": 0 }';
const MOST_MEMBERS = 20;

interface Position {
  readonly line: number;
  readonly character: number;
}

/** See the module. */
export class LspText {
  readonly uri: string;
  readonly #random: () => number;
  #members: string[] = [];
  #version = 0;
  #count = 0;
  /** The names of the members after each change, joined; nothing while it is closed. */
  readonly states: string[] = [];

  constructor(uri: string, random: () => number) {
    this.uri = uri;
    this.#random = random;
  }

  /** The params of `didOpen`. */
  open() {
    this.#version = 1;
    this.#note();
    return { textDocument: { uri: this.uri, languageId: "json", version: 1, text: this.#all } };
  }

  /** The params of `didClose`. */
  close() {
    this.states.push("");
    return { textDocument: { uri: this.uri } };
  }

  /** The params of `didChange`: one edit or two. */
  change() {
    const contentChanges = [this.#edit()];
    if (this.#random() < 0.3) contentChanges.push(this.#edit());
    this.#note();
    return { textDocument: { uri: this.uri, version: ++this.#version }, contentChanges };
  }

  get #all(): string {
    return HEAD + this.#members.map((name) => line(name)).join("") + TAIL;
  }

  #note(): void {
    this.states.push(["😀", ...this.#members, "last"].join());
  }

  #edit(): object {
    const at = Math.floor(this.#random() * this.#members.length);
    const start = { line: 1 + at, character: 0 };
    const choice = this.#members.length >= MOST_MEMBERS ? 1 : this.#random();
    const name = `𐐀${++this.#count}${padding(this.#random)}`;
    if (choice < 0.6 || this.#members.length === 0) {
      this.#members.splice(at, 0, name);
      return change(start, start, line(name));
    }
    if (choice < 0.75) {
      const before = this.#members.splice(at, 1, name)[0]!;
      const from = { line: start.line, character: 1 };
      return change(from, { line: start.line, character: 1 + before.length }, name);
    }
    this.#members.splice(at, 1);
    if (choice < 0.85) return { text: this.#all };
    return change(start, { line: start.line + 1, character: 0 }, "");
  }
}

/** The line of a member. */
function line(name: string): string {
  return `"${name}": "🦊",\r\n`;
}

function change(start: Position, end: Position, text: string): object {
  return { range: { start, end }, text };
}
