/**
 * `outrider reopen`
 */

import { printableLine } from "../../text/words.ts";
import { readTreeArgs, withTree } from "../control/request.ts";
import { EXIT, print, type Verb } from "../verb.ts";

/** Has a running tree let its log files go, and open them anew. */
export const reopenVerb: Verb = async (args) => {
  const { target, rest, timeout } = await readTreeArgs(args, {}, { names: [], most: Infinity });
  return await withTree({ target, acts: true, timeout }, async (client) => {
    const request = { method: "reopen", ...rest.length > 0 && { children: rest } };
    const files = await client.call(request) as readonly string[];
    print(...files.map((file) => `${printableLine(file)}: reopened`));
    return EXIT.OK;
  });
};
