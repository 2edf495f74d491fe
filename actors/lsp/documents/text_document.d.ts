/**
 * The outline of `text_document.ts`: what is used of it. tests/public/outlines_test.ts holds it to the package.
 */

/** A text and its version; made and changed by {@linkcode TextDocument}. */
export interface TextDocument {
  readonly languageId: string;
  readonly version: number;
  getText(): string;
}

export const TextDocument: {
  create(uri: string, languageId: string, version: number, content: string): TextDocument;
  /** Changes it in place. Throws where a change is none. */
  update(document: TextDocument, changes: readonly unknown[], version: number): TextDocument;
};
