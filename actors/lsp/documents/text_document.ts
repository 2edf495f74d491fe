/** The package that edits texts, behind an outline: who checks the types of a program needs no package for it. */

export { TextDocument } from "vscode-languageserver-textdocument";
