/**
 * The commands of a task that start Outrider on a manifest. Pure.
 *
 * @module
 */

import { basename, resolve } from "node:path";
import { commandsOf, type Word } from "./shell_words.ts";

/** Verbs that start something. */
export const VERBS = ["up", "ask", "call", "pipe"] as const;

/** A `deno run … up FILE`. */
export interface Run {
  readonly verb: typeof VERBS[number];
  /** The words before the script. */
  readonly flags: readonly Word[];
  /** The words after FILE, options or not: a CHILD may be the first. */
  readonly rest: readonly Word[];
  /** `--control` of `up`. */
  readonly control: string | undefined;
  /** Where it runs. */
  readonly folder: string;
}

/** Finds the runs in `task`, in `folder`, whose FILE is `file`; their script is taken for Outrider. */
export function runsOf(
  task: string,
  { folder, file }: { readonly folder: string; readonly file: string },
): readonly Run[] {
  let here: string | undefined = folder;
  return commandsOf(task).flatMap((words) => {
    const [first, to] = words;
    if (first?.text === "cd" && to !== undefined) {
      here = here === undefined || to.open ? undefined : resolve(here, to.text);
      return [];
    }
    const run = here === undefined ? undefined : runIn(words, { folder: here, file });
    return run === undefined ? [] : [run];
  });
}

function runIn(
  words: readonly Word[],
  { folder, file }: { readonly folder: string; readonly file: string },
): Run | undefined {
  const program = words.findIndex(({ text }) => !/^[A-Za-z_]\w*=/.test(text));
  if (program < 0 || basename(words[program]!.text) !== "deno") return undefined;
  const begin = program + (words[program + 1]?.text === "run" ? 2 : 1);
  const at = words.findIndex(({ text }, index) =>
    index > begin && VERBS.some((verb) => verb === text) && !words[index - 1]!.text.startsWith("-")
  );
  if (at < 0) return undefined;
  const args = words.slice(at + 1);
  const flags = words.slice(begin, at - 1);
  // In another command of Deno's, such as `deno task`, the words are neither flags nor values of flags.
  if (flags.some(({ text }, index) => !isFlag(text) && !isFlag(flags[index - 1]?.text))) return undefined;
  const named = args.findIndex(({ text, open }) =>
    !open && !text.startsWith("-") && resolve(folder, text) === file
  );
  if (named < 0) return undefined;
  return {
    verb: words[at]!.text as Run["verb"],
    flags,
    rest: args.slice(named + 1),
    control: controlIn(args, folder),
    folder,
  };
}

/** Whether a word is a flag, or expands to some when it runs. */
function isFlag(word: string | undefined): boolean {
  return word !== undefined && /^[-$`]/.test(word);
}

function controlIn(args: readonly Word[], folder: string): string | undefined {
  const at = args.findIndex(({ text }) => text === "--control" || text.startsWith("--control="));
  const path = args[at]?.text.slice("--control=".length) || args[at + 1]?.text;
  return at < 0 || path === undefined ? undefined : resolve(folder, path);
}
