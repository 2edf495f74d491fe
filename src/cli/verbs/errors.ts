/**
 * `outrider errors [CODE]`
 *
 * @module
 */

import { CATALOGUE, CODES, explainCode } from "../catalogue/catalogue.ts";
import { cataloguePage, terminalText } from "../catalogue/page.ts";
import { commandName, EXIT, readArgs, UsageError, type Verb } from "../verb.ts";
import { nearestKey } from "../../text/words.ts";

/** Explains errors. */
export const errorsVerb: Verb = {
  help: `Usage: outrider errors [CODE]

Without CODE, lists the codes of all errors, one a line, with what each is
about. With CODE, such as sidecar_exited, says what happened, what it likely
comes from and what to do, with an example of the message.

  --markdown  all of it, as the page docs/errors.md

Exit code: 0 done; 2 there is no such code.`,

  run(args) {
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
      console.log(cataloguePage().trimEnd());
    } else console.log(code === undefined ? list() : explain(code));
    return Promise.resolve(EXIT.OK);
  },
};

function list(): string {
  const width = Math.max(...CODES.map((code) => code.length));
  return CATALOGUE.flatMap(({ title, codes }) =>
    Object.keys(codes).map((code) => `${code.padEnd(width)}  ${title.toLowerCase()}`)
  ).join("\n");
}

function explain(code: string): string {
  const entry = explainCode(code);
  if (entry !== undefined) return terminalText(code, entry);
  const near = nearestKey(code, CODES);
  const hint = near === undefined ? `'${commandName()} errors' lists all` : `did you mean '${near}'?`;
  throw new UsageError(`Cannot explain '${code}': there is no such code; ${hint}`);
}
