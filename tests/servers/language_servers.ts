/**
 * Language servers from npm, and one from PATH.
 *
 * @module
 */
import type { TrialServer } from "./server.ts";

const VSCODE_SERVERS = "vscode-langservers-extracted@4.10.0";
const TYPESCRIPT = "typescript@5.9.3";

/** Those that the table has. */
export const LANGUAGE_SERVERS: readonly TrialServer[] = [
  {
    ...onStdio("typescript-language-server", ["typescript-language-server@5.3.0", TYPESCRIPT]),
    document: {
      file: "a.ts",
      languageId: "typescript",
      text: "export const answer = 6 * 7;\nconst text: string = answer;\n",
      diagnostic: "Type 'number' is not assignable to type 'string'.",
    },
    ...hover(0, 14, "const answer: number"),
    remark:
      "needs `typescript` 5 or 6 beside it or in the workspace: version 7 has no `tsserver`. That is a " +
      "process of its own; Outrider ends it where it outlives the server",
  },
  {
    ...onStdio("pyright", ["pyright@1.1.414"], "pyright-langserver"),
    document: {
      file: "a.py",
      languageId: "python",
      text: "answer = 6 * 7\ntext: str = answer\n",
      diagnostic: 'Type "Literal[42]" is not assignable to declared type "str"',
    },
    ...hover(0, 2, "(variable) answer: Literal[42]"),
  },
  {
    name: "pylsp",
    kind: "lsp",
    packages: [],
    command: "pylsp",
    args: () => [],
    document: {
      file: "a.py",
      languageId: "python",
      text: "def answer():\n    return 42\n\n\nanswer()\n",
      diagnostic: "",
    },
    ...hover(4, 2, "answer()"),
    remark: "is not on npm: Debian has it as `python3-pylsp`. It lints with what is installed beside it",
  },
  {
    name: "bash-language-server",
    kind: "lsp",
    packages: ["bash-language-server@5.8.1"],
    command: "bash-language-server",
    args: () => ["start"],
    document: {
      file: "a.sh",
      languageId: "shellscript",
      text: "greet() { echo hello; }\ngreet\n",
      diagnostic: "",
    },
    ...symbols("greet"),
    early: "",
    remark:
      "answers with an empty list until it has read a document: wait for its first diagnostics. It lints " +
      "with `shellcheck` and formats with `shfmt`, if they are on its PATH",
  },
  {
    ...onStdio("yaml-language-server", ["yaml-language-server@1.25.0"]),
    document: {
      file: "a.yaml",
      languageId: "yaml",
      text: "level: low\nlevel: high\n",
      diagnostic: "Map keys must be unique",
    },
    ...symbols("level, level"),
    options: () => ({ settings: { "yaml.schemaStore.enable": false } }),
    remark: "reads schemas from schemastore.org as soon as it starts, unless its setting " +
      "`yaml.schemaStore.enable` is false, as it is here",
  },
  {
    ...onStdio(
      "dockerfile-language-server",
      ["dockerfile-language-server-nodejs@0.15.0"],
      "docker-langserver",
    ),
    document: {
      file: "Dockerfile",
      languageId: "dockerfile",
      text: "FROM debian:12\nRUNN true\n",
      diagnostic: "Unknown instruction: RUNN",
    },
    ...hover(0, 1, "Set the `baseImage` to use for subsequent instructions."),
  },
  {
    ...onStdio("vscode-html-language-server", [VSCODE_SERVERS]),
    document: {
      file: "a.html",
      languageId: "html",
      text: "<p>hello</p>\n<style>a { colour: red; }</style>\n",
      diagnostic: "Unknown property: 'colour'",
    },
    ...hover(0, 1, "The p element represents a paragraph."),
  },
  {
    ...onStdio("vscode-css-language-server", [VSCODE_SERVERS]),
    document: {
      file: "a.css",
      languageId: "css",
      text: "a { colour: red; }\n",
      diagnostic: "Unknown property: 'colour'",
    },
    ...hover(0, 0, "<a>"),
  },
  {
    ...onStdio("vscode-json-language-server", [VSCODE_SERVERS]),
    document: {
      file: "a.json",
      languageId: "json",
      text: '{ "level": "low", }\n',
      diagnostic: "Trailing comma",
    },
    ...symbols("level"),
    remark: "has no schemas but those that it is told of, by `json/schemaAssociations`",
  },
  {
    ...onStdio("vscode-eslint-language-server", [VSCODE_SERVERS, "eslint@9.39.5"]),
    document: { file: "a.js", languageId: "javascript", text: "var answer = 42;\n" },
    files: { "eslint.config.js": "module.exports = [{ rules: { 'no-var': 'error' } }];\n" },
    call: ({ uri }) => ({ method: "textDocument/diagnostic", params: { textDocument: { uri } } }),
    shown: ({ items }) => items.map(({ code }: { code: string }) => code).join(", "),
    expected: "no-var",
    remark: "loads `eslint` itself from the workspace, or from where its setting `nodePath` says",
  },
  {
    ...onStdio("svelte-language-server", ["svelte-language-server@0.18.4", TYPESCRIPT], "svelteserver"),
    document: {
      file: "a.svelte",
      languageId: "svelte",
      text: "<script>\n  let answer = 6 * 7;\n</script>\n<p>{answer}</p>\n",
      diagnostic: "",
    },
    ...hover(1, 8, "let answer: number"),
  },
];

/** One from npm that is told to use stdin and stdout. */
function onStdio(
  name: string,
  packages: readonly string[],
  command = name,
): Pick<TrialServer, "name" | "kind" | "packages" | "command" | "args"> {
  return { name, kind: "lsp", packages, command, args: () => ["--stdio"] };
}

/** What stands at a place of the document. */
function hover(
  line: number,
  character: number,
  expected: string,
): Pick<TrialServer, "call" | "shown" | "expected"> {
  return {
    call: ({ uri }) => ({
      method: "textDocument/hover",
      params: { textDocument: { uri }, position: { line, character } },
    }),
    shown: (result) => firstLineOf(result?.contents),
    expected,
  };
}

/** The names in the document. */
function symbols(expected: string): Pick<TrialServer, "call" | "shown" | "expected"> {
  return {
    call: ({ uri }) => ({ method: "textDocument/documentSymbol", params: { textDocument: { uri } } }),
    shown: (result) => result.map(({ name }: { name: string }) => name).join(", "),
    expected,
  };
}

type Contents = string | { readonly value: string } | readonly Contents[] | undefined;

/** The first sentence or line of code of a hover. */
function firstLineOf(contents: Contents): string {
  if (contents === undefined) return "";
  if (Array.isArray(contents)) return firstLineOf(contents[0]);
  const text = typeof contents === "string" ? contents : (contents as { readonly value: string }).value;
  const line = text.split("\n").find((each) => each.trim() !== "" && !each.startsWith("```")) ?? "";
  return line.replace(/(?<=\w{3}\.) .*/, "");
}
