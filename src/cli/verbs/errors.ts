/**
 * `outrider errors [CODE]`
 */

import { EXPLAINED_CODES, explainedText } from "../explained_codes.ts";
import { ERRORS_PAGE } from "../errors_page.ts";
import { commandName, EXIT, readArgs, UsageError, type Verb } from "../verb.ts";
import { nearestKey } from "../../text/words.ts";

/** Explains errors. */
export const errorsVerb: Verb = (args) => {
  // The codes of JSON-RPC are negative numbers, and no options.
  const [first] = args;
  const { values, positionals } = first !== undefined && /^-\d+$/.test(first)
    ? { values: {} as { markdown?: boolean }, positionals: [...args] }
    : readArgs(args, { markdown: { type: "boolean" } });
  const [code, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`Cannot explain more than one CODE: ${positionals.join(", ")}`);
  if (values.markdown === true) {
    if (code !== undefined) {
      throw new UsageError("Cannot use --markdown with a CODE: it prints all of them");
    }
    console.log(ERRORS_PAGE.trimEnd());
  } else console.log(code === undefined ? list() : explain(code));
  return Promise.resolve(EXIT.OK);
};

function list(): string {
  const width = Math.max(...[...EXPLAINED_CODES.keys()].map((code) => code.length));
  return [...EXPLAINED_CODES].map(([code, { section }]) => `${code.padEnd(width)}  ${section.toLowerCase()}`)
    .join("\n");
}

function explain(code: string): string {
  const entry = EXPLAINED_CODES.get(code);
  if (entry !== undefined) return explainedText(entry);
  const near = nearestKey(code, [...EXPLAINED_CODES.keys()]);
  const hint = near === undefined ? `'${commandName()} errors' lists all` : `did you mean '${near}'?`;
  throw new UsageError(`Cannot explain '${code}': there is no such code; ${hint}`);
}
