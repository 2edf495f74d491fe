/**
 * Finds interpreters whose replies are paired in order, and says what line has each print a mark. Pure; used by `check`.
 *
 * An interpreter answers some requests with nothing, and an error only on stderr: in order, each later reply would be taken
 * for that to the request before. Where a program that reads standard input by a script of its own can't be told from
 * one that interprets it, nothing is said.
 */

import type { ProgramEntry } from "../../../manifest/resolve/children.ts";
import { pairingOf } from "../../../options/fields/protocol.ts";
import { protocolNameOf } from "../../talk/wire.ts";

type PairedEntry = Pick<ProgramEntry, "command" | "protocol" | "until"> & { readonly args?: unknown };

interface Interpreter {
  /** The programs, by the last part of their path. */
  readonly programs: RegExp;
  /** The line that has it print a mark. */
  readonly mark: string;
  /** Whether it interprets what it reads, when it has these arguments. */
  readonly interprets: (args: readonly string[]) => boolean;
}

const KNOWN: readonly Interpreter[] = [
  { programs: /^bc$/, mark: 'print "{mark}\\n"', interprets: () => true },
  {
    programs: /^(?:python|pypy)[\d.]*$/,
    mark: 'print("{mark}")',
    interprets: (args) => args.some((arg) => /^-[A-Za-z]*i/.test(arg)),
  },
  {
    programs: /^(?:ba|da|k|z)?sh$/,
    mark: "echo {mark}",
    interprets: (args) => args.every((arg) => /^[-+][A-Za-bd-z]+$/.test(arg)),
  },
  { programs: /^sqlite3$/, mark: ".print {mark}", interprets: (args) => args.length < 2 },
  {
    programs: /^psql$/,
    mark: "\\echo {mark}",
    interprets: (args) => !args.some((arg) => /^(?:-[A-Za-z]*[cf]|--(?:command|file)\b)/.test(arg)),
  },
];

/** Returns the hint for an entry, as a sentence without its period; `undefined` where there is nothing to say. */
export function interpreterHint({ command, protocol, until, args }: PairedEntry): string | undefined {
  if (protocol === undefined || until !== undefined) return undefined;
  if (protocolNameOf(protocol) !== "lines" || pairingOf(protocol) !== "in-order") return undefined;
  const name = command.split("/").at(-1)!;
  const known = KNOWN.find(({ programs }) => programs.test(name));
  const given = Array.isArray(args) ? args.filter((arg) => typeof arg === "string") : [];
  if (known === undefined || !known.interprets(given)) return undefined;
  return `"${command}" answers some lines with nothing, after which each reply is taken for that to the line before: ` +
    `set "pairing": { "mark": ${JSON.stringify(known.mark)} } in its "protocol"`;
}
