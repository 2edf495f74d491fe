/**
 * What process-compose does to the text of its file before it reads it: `${NAME}` becomes the value of a variable of its
 * own, `$$` a dollar, and in commands `{{.NAME}}` the value of one of the file's `vars`. Pure.
 */

import type { EnvInput } from "../../../options/types.ts";

/** The variables of templates. */
export type TemplateVars = ReadonlyMap<string, string>;

const TEMPLATE = /\{\{-?\s*\.(\w+)\s*-?\}\}/g;

/** How many characters are filled into a line, which is more than a program is given. */
const MOST_FILLED_IN = 200_000;

/** Whether a value is known at the start of process-compose alone. */
export function isReplacedThere(text: string): boolean {
  const plain = text.replaceAll("$$", "");
  const start = plain.indexOf("${");
  return start !== -1 && plain.includes("}", start);
}

/** A line for a shell, with the file's own variables in their places; the number of a copy is a variable of its own. */
export function shellTextOf(text: string, vars: TemplateVars, expands: boolean): string {
  let room = MOST_FILLED_IN;
  const filled = text.replace(TEMPLATE, (whole, name: string) => {
    const value = name === "PC_REPLICA_NUM" ? "${PC_REPLICA_NUM}" : vars.get(name) ?? whole;
    room -= value.length;
    return room < 0 ? whole : value;
  });
  return expands ? filled.replaceAll("$$", "$") : filled;
}

/** Whether something of a template is left. */
export function hasTemplate(text: string): boolean {
  return text.includes("{{");
}

/** The value of a variable that another one is; nothing where there is more to it. */
export function valueFrom(text: string): EnvInput | undefined {
  const [, name, fallback = ""] = /^\$\{([A-Za-z_]\w*)(?::?-([^${}]*))?\}$/.exec(text) ?? [];
  return name === undefined ? undefined : { from: name, default: fallback };
}
