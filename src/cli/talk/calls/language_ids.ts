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

/** Extensions that are their own identifier. */
const SAME =
  "astro cfg clojure cmake cpp css dart diff dockerfile elm gleam go graphql groovy haskell hcl html ini java json json5 " +
  "jsonc kotlin latex less lua makefile markdown mdx nim nix php prisma proto puppet r ruby rust sass scala scss sql " +
  "svelte swift tex toml typst vue wgsl xml yaml zig";

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

/** Whether the identifier is a known one, and not just an extension. */
export function isKnownLanguage(id: string): boolean {
  return Object.hasOwn(EXTENSIONS, id) || SAME.split(" ").includes(id) || Object.values(NAMES).includes(id);
}

/** The identifier; an extension without another one is its own, such as `json`. `undefined`: nothing tells it. */
export function languageIdOf(path: string): string | undefined {
  const name = basename(path);
  if (Object.hasOwn(NAMES, name)) return NAMES[name];
  const extension = extname(name).slice(1).toLowerCase();
  return extension === "" ? undefined : BY_EXTENSION.get(extension) ?? extension;
}
