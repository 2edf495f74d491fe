/**
 * `outrider events`
 */

import { ControlError } from "../../control/control_errors.ts";
import { visibleJson } from "../../text/printable.ts";
import { printableLine } from "../../text/words.ts";
import { EXIT, type Verb } from "../verb.ts";
import { readTreeArgs, withTree } from "../control/request.ts";

/** Tells what happens from now on, until Ctrl-C or the end of the tree; neither harms the other. */
export const eventsVerb: Verb = async (args) => {
  const { target, rest: [path], timeout, values } = await readTreeArgs(args, {
    json: { type: "boolean" },
    types: { type: "string" },
    // As everywhere else; there is nothing to read but what comes.
    follow: { type: "boolean", short: "f" },
  }, { names: [], most: 1 });
  const json = values.json === true;
  const types = values.types?.split(",").map((type) => type.trim());
  return await withTree({ target, acts: false, timeout, goesOn: true, json }, async (client) => {
    const as = json ? "data" : "text";
    try {
      const events = client.stream({ method: "events", ...{ path, types, as } }, { credit: CREDIT });
      for await (const item of events) {
        console.log(json ? visibleJson(JSON.stringify(item)) : printableLine(String(item)));
      }
    } catch (error) {
      // The runtime ends with its tree.
      if (!(error instanceof ControlError) || error.code !== "no_answer") throw error;
    }
    return EXIT.OK;
  });
};

/** Events that may be under way. */
const CREDIT = 256;
