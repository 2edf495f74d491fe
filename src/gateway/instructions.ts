/**
 * What the gateway says to a model about itself: which servers are behind it, what each says, and which are missing.
 */

import type { Backend } from "./backend.ts";

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
    ...gone.map(({ name, absence }) => `Not available: ${name}: ${absence}.`),
    ...there.flatMap(({ name, introduction }) => {
      const { instructions } = introduction!;
      return instructions === undefined ? [] : ["", `## ${name}`, "", instructions];
    }),
  ].join("\n");
}
