/**
 * The documents that a client has opened at a language server, as the server has been told of them.
 *
 * Each notification is applied when it is framed for a process, so the texts are at all times what has been said to the
 * process, and a new one is opened these. One that was framed and never written comes again; the text that was opened has
 * it already, so it is dropped.
 */

import type { JsonValue } from "@outrider/outrider";
import type { TextDocument } from "./text_document.d.ts";

/** A literal import: `deno compile` sees it. */
const loadPackage = () => (
  // @ts-types="./text_document.d.ts"
  import("./text_document.ts")
);

interface Notification {
  readonly method?: string | undefined;
  readonly params?: unknown;
}

/** The parts of params that are looked at. */
interface Params {
  readonly textDocument?: {
    readonly uri?: string;
    readonly languageId?: string;
    readonly version?: number;
    readonly text?: string;
  };
  readonly contentChanges?: readonly unknown[];
}

/** What changes the texts; all else has to be written again. */
const OF_TEXTS: readonly unknown[] = [
  "textDocument/didOpen",
  "textDocument/didChange",
  "textDocument/didClose",
];

/** See the module. */
export class Documents {
  readonly #open = new Map<string, TextDocument>();
  /** Notifications whose effect is in the texts, though no process has them. */
  readonly #contained = new WeakSet<object>();
  /** Documents that were opened by hand at the process that runs, with the version. */
  readonly #byHand = new Map<string, number>();
  /** Whether what is said now is said by hand. */
  #isByHand = false;
  #package: typeof TextDocument | undefined;

  /** Before the first notification. */
  async load(): Promise<void> {
    this.#package ??= (await loadPackage()).TextDocument;
  }

  /** A message is framed; `false`: it is not to be written, as the process knows what it says. */
  written(message: Notification): boolean {
    if (this.#contained.delete(message)) return false;
    const { method, params } = message;
    const { textDocument: document, contentChanges } = (params ?? {}) as Params;
    const uri = document?.uri;
    if (typeof uri !== "string") return true;
    if (method === "textDocument/didOpen") this.#opened(uri, document!);
    else if (method === "textDocument/didClose") this.#open.delete(uri);
    else if (method === "textDocument/didChange") {
      return this.#changed(uri, document!.version, contentChanges);
    }
    return true;
  }

  #opened(uri: string, document: NonNullable<Params["textDocument"]>): void {
    const { text } = document;
    const [languageId, version] = [document.languageId ?? "", document.version ?? 0];
    // What JSON has no text for, such as a BigInt, reaches no process.
    if (typeof text !== "string" || typeof languageId !== "string" || typeof version !== "number") return;
    this.#open.set(uri, this.#package!.create(uri, languageId, version, text));
    if (this.#isByHand) this.#byHand.set(uri, version);
  }

  #changed(uri: string, version: number | undefined, changes: readonly unknown[] | undefined): boolean {
    const document = this.#open.get(uri);
    if (document === undefined || changes === undefined) return true;
    const next = version ?? document.version;
    if (typeof next !== "number") return true; // as above
    const opened = this.#byHand.get(uri);
    // It has waited while the client opened the document with its text.
    if (!this.#isByHand && opened !== undefined && version !== undefined && version <= opened) return false;
    try {
      this.#package!.update(document, changes, next);
    } catch {
      this.#open.delete(uri); // it is no change: what the server makes of it is not known
    }
    return true;
  }

  /** These messages were framed and never written. */
  unsent(messages: readonly unknown[]): void {
    for (const message of messages.flat() as readonly (Notification | undefined)[]) {
      if (OF_TEXTS.includes(message?.method)) this.#contained.add(message!);
    }
  }

  /** What is said up to {@linkcode Documents.toOpen} is said to a new process by hand, past what waits. */
  begin(): void {
    this.#byHand.clear();
    this.#isByHand = true;
  }

  /** The params of `textDocument/didOpen` for each document that the process does not know. */
  toOpen(): readonly JsonValue[] {
    this.#isByHand = false;
    return [...this.#open].filter(([uri]) => !this.#byHand.has(uri)).map(([uri, document]) => {
      const { languageId, version } = document;
      return { textDocument: { uri, languageId, version, text: document.getText() } };
    });
  }

  /** Forgets them all: another client begins. */
  clear(): void {
    this.#open.clear();
    this.#byHand.clear();
  }
}
