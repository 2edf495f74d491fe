/**
 * Reads a line of a shell: as a program and its arguments where a shell would do no more than split it, else as what a
 * shell is to run. Pure; a line is never run to find out.
 */

/** A line of a shell, read. */
export interface ShellLine {
  /** The program and its arguments, or a shell with the line. */
  readonly command: string;
  readonly args: readonly string[];
  /** The variables that stand before the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Why it needs a shell: `a pipe`; without one, it needs none. */
  readonly shellFor?: string | undefined;
  /** The variables that the line refers to and does not set itself. */
  readonly variables: readonly string[];
}

/** Words of the shell's own grammar, and commands that are no programs. */
const SHELL_WORDS = new Set(
  (". : [[ alias bg break builtin case cd command continue coproc declare do done elif else enable esac eval exec exit " +
    "export fc fg fi for function getopts hash if in jobs let local popd pushd read readonly return select set shift " +
    "shopt source suspend then time times trap type typeset ulimit umask unalias unset until wait while { } !")
    .split(" "),
);

/** What only bash, or a shell like it, reads as it is meant. */
const BASH =
  /\[\[|[<>]\(|<<<|&>|>&\s*[^\s\d-]|\|&|\$['"]|\$\{!|\$\{\w+(?:\[|\/|:[\d\s]|\^|,|@)|(?:^|[^$(])\(\(|\w\+?=\(|\w\+=|pipefail|\{[^{}\s]{0,99}(?:,|\.\.)[^{}\s]{0,99}\}|\$(?:RANDOM|SECONDS|EPOCH|BASH|PIPESTATUS)|\becho\s+-e|(?:^|[\s;&|({])(?:source|function|select|declare|typeset|local|let|shopt|pushd|popd|mapfile|readarray|coproc|time|disown)\s/;

const BRACES = /^\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}/;
const ASSIGNMENT = /^([A-Za-z_]\w*)=/;
const VARIABLE = /\$(?:\{[#!]?([A-Za-z_]\w*)|([A-Za-z_]\w*))/g;
const OWN_VARIABLE =
  /(?:^|[\s;&|({])(?:(?:export|readonly|local|declare|typeset|for|read|unset)\s+(?:-\S+\s+)*)?([A-Za-z_]\w*)(?==|\s+in\s)|(?:^|[\s;&|({])read\s+(?:-\S+\s+)*([A-Za-z_]\w*)/g;

/** A word of a line. */
interface Word {
  text: string;
  /** So many of its first characters stood there without quotes. */
  bare: number;
}

/** The longest argument that Linux passes to a program, in bytes. */
export const MAX_ARGUMENT_BYTES = 131_071;

/** Reads a line, which may be several. `shell` runs it if it has to be; without one, `sh`, or `bash` for what only that has. */
export function readShellLine(line: string, shell?: string): ShellLine {
  // A space behind a backslash is no space.
  const start = line.trimStart();
  const trimmed = start.trimEnd();
  const text = trimmed.endsWith("\\") ? start.slice(0, trimmed.length + 1) : trimmed;
  const { words, shellFor: first, isOneCommand } = split(text);
  const { env, program } = withoutAssignments(words);
  const shellFor = first ?? ownReason(program);
  if (shellFor === undefined) {
    const [{ text: command }, ...args] = program as [Word, ...Word[]];
    return { command, args: args.map(({ text }) => text), env, variables: [] };
  }
  const isExec = isOneCommand && program.length === words.length && ownReason(program) === undefined;
  return {
    command: shell ?? (BASH.test(text) ? "bash" : "sh"),
    args: ["-c", isExec ? `exec ${text}` : text],
    env: {},
    shellFor,
    variables: variablesIn(text),
  };
}

/** Why the words alone are not a program with arguments. */
function ownReason([first, ...rest]: readonly Word[]): string | undefined {
  if (first === undefined) return "a line without a program";
  if (isBare(first) && SHELL_WORDS.has(first.text)) return `"${first.text}", which is the shell's own`;
  if (first.text === "") return "a program without a name";
  // What a shell's own echo makes of a backslash is not what the program makes of it.
  return first.text === "echo" && rest.some(({ text }) => text.includes("\\"))
    ? "the shell's own echo"
    : undefined;
}

/** The variables in front of the program; `exec` before it says only that the shell itself is to go. */
function withoutAssignments(
  words: readonly Word[],
): { env: Record<string, string>; program: readonly Word[] } {
  const count = words.findIndex((word) => !isAssignment(word));
  const env = words.slice(0, Math.max(count, 0)).map(({ text }) => {
    const at = text.indexOf("=");
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  const program = count < 0 ? [] : words.slice(count);
  const [first, second] = program;
  const isExec = first?.text === "exec" && isBare(first) && second?.text.startsWith("-") === false;
  return { env: Object.fromEntries(env), program: isExec ? program.slice(1) : program };
}

function isAssignment({ text, bare }: Word): boolean {
  const [name] = ASSIGNMENT.exec(text) ?? [];
  return name !== undefined && name.length <= bare;
}

function isBare({ text, bare }: Word): boolean {
  return bare === text.length;
}

/** Names that the line refers to, but for those that it sets. */
function variablesIn(text: string): string[] {
  const plain = text.replace(/'[^']*'/g, "''").replace(/\\[\s\S]/g, "");
  const own = new Set(plain.matchAll(OWN_VARIABLE).map(([, set, read]) => set ?? read));
  const names = plain.matchAll(VARIABLE).map(([, braced, bare]) => braced ?? bare ?? "");
  return [...new Set(names)].filter((name) => !own.has(name));
}

interface SplitLine {
  readonly words: readonly Word[];
  /** The first thing that only a shell does. */
  readonly shellFor: string | undefined;
  /** Whether it is one command: nothing is to be done before or after it. */
  readonly isOneCommand: boolean;
}

/** What an unquoted character needs a shell for, and whether it parts commands. */
const SPECIAL: Readonly<Record<string, readonly [reason: string, parts: boolean]>> = {
  "|": ["a pipe", true],
  ";": ['";"', true],
  "&": ['"&"', true],
  "(": ["parentheses", true],
  ")": ["parentheses", true],
  "\n": ["several lines", true],
  "<": ["a redirection", false],
  ">": ["a redirection", false],
  "*": ["a pattern of file names", false],
  "?": ["a pattern of file names", false],
  "[": ["a pattern of file names", false],
  "`": ["the output of a command", false],
};

/** Splits `text` into words as a POSIX shell does. */
function split(text: string): SplitLine {
  const words: Word[] = [];
  let word: Word | undefined;
  let shellFor: string | undefined;
  let isOneCommand = true;
  const need = (reason: string, parts = false) => {
    shellFor ??= reason;
    if (parts) isOneCommand = false;
  };
  const add = (piece: string, isBare: boolean) => {
    if (word === undefined) words.push(word = { text: "", bare: 0 });
    if (isBare && word.bare === word.text.length) word.bare += piece.length;
    word.text += piece;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    const next = text[at + 1] ?? "";
    if (char === " " || char === "\t") word = undefined;
    else if (char === "\\") {
      // At the end of all it stands for itself.
      if (next !== "\n") add(next === "" ? char : next, false);
      at++;
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) need("a quote without an end", true);
      add(text.slice(at + 1, end < 0 ? undefined : end), false);
      at = end < 0 ? text.length : end;
    } else if (char === '"') {
      const quoted = readQuoted(text, at + 1);
      if (quoted.shellFor !== undefined) need(quoted.shellFor, quoted.end >= text.length);
      add(quoted.text, false);
      at = quoted.end;
    } else if (char === "#" && word === undefined) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end - 1;
    } else if (char === "$") {
      const reason = substitution(next) ?? (next === "'" || next === '"' ? "a quote of bash's" : undefined);
      if (reason !== undefined) need(reason);
      add(char, reason === undefined);
    } else if (char === "~" && (word === undefined || /[=:]$/.test(word.text))) {
      need('"~"');
      add(char, true);
    } else if (char === "{" && BRACES.test(text.slice(at, at + 200))) {
      need("braces");
      add(char, true);
    } else if (char === "&" && (/[<>]/.test(text[at - 1] ?? "") || next === ">")) {
      need("a redirection");
    } else if (char in SPECIAL && !(char === "[" && word === undefined && /^\s|^$/.test(next))) {
      const [reason, parts] = SPECIAL[char]!;
      need((char === "|" || char === "&") && next === char ? `"${char}${char}"` : reason, parts);
      if (parts) word = undefined;
      else add(char, true);
    } else add(char, true);
  }
  return { words, shellFor, isOneCommand };
}

function substitution(next: string): string | undefined {
  if (next === "(") return "the output of a command";
  return /[\w{@*#?$!-]/.test(next) ? "a variable" : undefined;
}

/** Reads from behind a double quote to the closing one. */
function readQuoted(
  text: string,
  from: number,
): { text: string; end: number; shellFor?: string | undefined } {
  let quoted = "";
  let shellFor: string | undefined;
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    const next = text[at + 1] ?? "";
    if (char === '"') return { text: quoted, end: at, shellFor };
    if (char === "\\" && next !== "" && '$`"\\\n'.includes(next)) {
      quoted += next === "\n" ? "" : next;
      at++;
      continue;
    }
    if (char === "`") shellFor ??= "the output of a command";
    if (char === "$") shellFor ??= substitution(next);
    quoted += char;
  }
  return { text: quoted, end: text.length, shellFor: "a quote without an end" };
}
