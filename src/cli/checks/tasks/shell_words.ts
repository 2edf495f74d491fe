/**
 * The words of a task's command line, as the shell of `deno task` splits them. Pure.
 *
 * A part that only the shell can expand, such as a variable or the output of another command, makes a word an open
 * one; its text is then the source text.
 *
 * @module
 */

/** One word, without its quotes. */
export interface Word {
  readonly text: string;
  /** It has a part that is known only when the task runs. */
  readonly open: boolean;
}

const BETWEEN = /^(?:&&|\|\||[;&|()\n])/;

/** The commands of a task, in order, each in words; how they hang together is left out. */
export function commandsOf(task: string): readonly (readonly Word[])[] {
  const commands: Word[][] = [[]];
  let at = 0;
  while (at < task.length) {
    const rest = task.slice(at);
    const between = BETWEEN.exec(rest)?.[0];
    if (between !== undefined) {
      commands.push([]);
      at += between.length;
    } else if (/^\s/.test(rest)) {
      at++;
    } else if (rest.startsWith("#")) {
      at += /^[^\n]*/.exec(rest)![0].length;
    } else {
      const { word, length } = wordAt(rest);
      commands.at(-1)!.push(word);
      at += length;
    }
  }
  return commands.filter((words) => words.length > 0);
}

/** The word that `text` begins with, and how much of it that is. */
function wordAt(text: string): { word: Word; length: number } {
  let said = "";
  let open = text.startsWith("~");
  let quote = "";
  let at = 0;
  for (; at < text.length; at++) {
    const char = text[at]!;
    if (quote === "" && (/\s/.test(char) || BETWEEN.test(char))) break;
    if (char === quote) quote = "";
    else if (quote === "'") said += char;
    else if (quote === "" && (char === "'" || char === '"')) quote = char;
    else if (char === "\\" && (quote === "" || /["$`\\]/.test(text[at + 1] ?? ""))) said += text[++at] ?? "";
    else if (char === "$" || char === "`") {
      const written = expansionAt(text.slice(at));
      open = true;
      said += written;
      at += written.length - 1;
    } else said += char;
  }
  return { word: { text: said, open: open || quote !== "" }, length: at };
}

/** `$(…)` and backticks to their end, whatever is in them; of a variable, the sign. */
function expansionAt(text: string): string {
  if (text.startsWith("`")) {
    const end = text.indexOf("`", 1);
    return end < 0 ? text : text.slice(0, end + 1);
  }
  if (!text.startsWith("$(")) return "$";
  let depth = 0;
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return text.slice(0, at + 1);
  }
  return text;
}
