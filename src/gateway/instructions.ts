/**
 * What the gateway says to a model about itself: which servers are behind it, what each says, and which are missing.
 *
 * The invariant: what a server says stands in its own section, as a quotation, so that it can't pass for the gateway or for
 * another server.
 */

import { lineOf, withoutControls } from "../text/one_line.ts";
import type { Backend } from "./backend.ts";

/** The most characters of what one server says. */
const LONGEST = 8_192;

/** The text of `instructions`. Pure. */
export function instructionsOf(
  backends: readonly Pick<Backend, "name" | "prefix" | "introduction" | "absence" | "isOpen">[],
  { isBare }: { readonly isBare: boolean },
): string {
  const there = backends.filter(({ isOpen }) => isOpen);
  const starting = backends.filter(({ isOpen, absence }) => !isOpen && absence === undefined);
  const gone = backends.filter(({ absence }) => absence !== undefined);
  const names = (of: readonly { readonly name: string }[]) => of.map(({ name }) => name).join(", ");
  return [
    there.length === 0 ? "None of the servers is available now." : `Servers: ${names(there)}.`,
    ...isBare || backends.length === 0
      ? []
      : [`The name of a tool or prompt begins with that of its server, as in ${backends[0]!.prefix}NAME.`],
    ...starting.length === 0 ? [] : [`Still starting: ${names(starting)}.`],
    ...gone.map(({ name, absence }) => `Not available: ${name}: ${lineOf(absence!)}.`),
    ...there.flatMap(({ name, introduction }) => {
      const { instructions } = introduction!;
      return instructions === undefined ? [] : ["", `## ${name}`, "", ...quotation(instructions)];
    }),
  ].join("\n");
}

/** `text` as lines of a quotation in Markdown, whatever breaks lines. */
function quotation(text: string): readonly string[] {
  const lines = text.slice(0, LONGEST).split(/\r\n|[\n\v\f\r\x85\u2028\u2029]/).map(withoutControls);
  const rest = text.length - LONGEST;
  return [...lines, ...rest > 0 ? [`… (${rest} more characters)`] : []]
    .map((line) => `> ${line}`.trimEnd());
}
