/**
 * The `languageId` of a document, by its file name: the identifiers of the Language Server Protocol, and of the
 * servers beside it. Used by `call --open`.
 */

import { basename, extname } from "../../../permissions/path.ts";

/** Extensions whose identifier is another word, by that. */
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  bat: ["cmd"],
  c: ["h"],
  clojure: ["clj", "cljs", "cljc", "edn"],
  coffeescript: ["coffee"],
  cpp: ["cc", "cxx", "hh", "hpp", "hxx"],
  csharp: ["cs"],
  elixir: ["ex", "exs"],
  erlang: ["erl", "hrl"],
  fsharp: ["fs", "fsi", "fsx"],
  gomod: ["mod"],
  haskell: ["hs"],
  html: ["htm"],
  javascript: ["js", "mjs", "cjs"],
  javascriptreact: ["jsx"],
  julia: ["jl"],
  kotlin: ["kt", "kts"],
  latex: ["tex"],
  markdown: ["md"],
  ocaml: ["ml", "mli"],
  perl: ["pl", "pm"],
  powershell: ["ps1", "psm1"],
  python: ["py", "pyi"],
  ruby: ["rb"],
  rust: ["rs"],
  shellscript: ["sh", "bash", "zsh"],
  terraform: ["tf"],
  typescript: ["ts", "mts", "cts"],
  typescriptreact: ["tsx"],
  yaml: ["yml"],
};

/** Names that say it without an extension. */
const NAMES: Readonly<Record<string, string>> = {
  "CMakeLists.txt": "cmake",
  Containerfile: "dockerfile",
  Dockerfile: "dockerfile",
  GNUmakefile: "makefile",
  Gemfile: "ruby",
  Makefile: "makefile",
  Rakefile: "ruby",
};

const BY_EXTENSION = new Map(
  Object.entries(EXTENSIONS).flatMap(([id, extensions]) => extensions.map((name) => [name, id] as const)),
);

/** The identifier; an extension without another one is its own, such as `json`. `undefined`: nothing tells it. */
export function languageIdOf(path: string): string | undefined {
  const name = basename(path);
  if (Object.hasOwn(NAMES, name)) return NAMES[name];
  const extension = extname(name).slice(1).toLowerCase();
  return extension === "" ? undefined : BY_EXTENSION.get(extension) ?? extension;
}
