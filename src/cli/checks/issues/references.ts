/**
 * Finds texts that look like references to variables, such as `${PORT}`: Outrider takes them as they are. Used by
 * `issues.ts`.
 */

import type { PlacedProgram } from "../../../manifest/resolve/children.ts";
import { basename } from "../../../permissions/path.ts";
import { inlineJson } from "../../../text/words.ts";
import { type CheckIssue, warning } from "./issue.ts";

const BRACED = /\$\{([A-Za-z_]\w*)(?::?-([^{}]*))?\}/;
/** Without braces only a whole text in capitals counts: `$1` of awk and `$x` of Perl are not meant. */
const PLAIN = /^\$([A-Z_][A-Z0-9_]*)$/;
const SHELLS = ["sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "busybox"];
/** Options whose argument is code of the program's own language. */
const CODE = /^(-[A-Za-z]*[ce]|--eval|--command|--expression)$/;

/** Returns a warning for each such text of a sidecar. */
export function referenceIssues({ path, entry }: PlacedProgram): CheckIssue[] {
  const { command, cwd, env, args } = entry;
  const variables = Object.entries(env).flatMap(([name, value]) => {
    const text = typeof value === "string" ? value : value && "default" in value ? value.default ?? "" : "";
    const [reference] = referenceIn(text);
    return reference === undefined ? [] : [
      warning(path, `its variable ${name} is ${quoted(text)} to the letter: ${wayOut(name, text)}`),
    ];
  });
  const list: readonly unknown[] = Array.isArray(args) && !runsCode(entry) ? args : [];
  const texts = [command, cwd, ...list].filter((text, index, all): text is string =>
    typeof text === "string" && !CODE.test(String(all[index - 1]))
  );
  const others = texts.filter((text) => referenceIn(text).length > 0).map((text) =>
    warning(
      path,
      `${
        quoted(text)
      } is taken to the letter, as there is no shell: have the program read the variable, or write ` +
        `"command": "sh", "args": ["-c", "exec …"]`,
    )
  );
  return [...variables, ...others];
}

function referenceIn(text: string): readonly (string | undefined)[] {
  const [whole, name, otherwise] = BRACED.exec(text) ?? PLAIN.exec(text) ?? [];
  return whole === undefined ? [] : [whole, name, otherwise];
}

/** How to have the value of the variable in `text` as that of `name`. */
function wayOut(name: string, text: string): string {
  const [whole, from, otherwise] = referenceIn(text);
  if (whole !== text) return `in an "envFile" with ${name}=${text} it is replaced`;
  const written = otherwise === undefined ? { from } : { from, default: otherwise };
  return `write ${inlineJson({ [name]: written })?.slice(2, -2) ?? `"${name}": { "from": "${from}" }`}`;
}

/** Whether its arguments are for a shell. */
function runsCode({ command, launcher }: PlacedProgram["entry"]): boolean {
  return [command, ...launcher ?? []].some((program) => SHELLS.includes(basename(program)));
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
