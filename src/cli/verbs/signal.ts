/**
 * `outrider signal`
 */

import { printableLine } from "../../text/words.ts";
import { CHILD, EXIT, print, UsageError, type Verb } from "../verb.ts";
import { readTreeArgs, withTree } from "../control/request.ts";

/** Sends a signal to the process of a child. */
export const signalVerb: Verb = async (args) => {
  const { target, rest, timeout, values } = await readTreeArgs(args, {
    group: { type: "boolean" },
    process: { type: "boolean" },
  }, { names: [CHILD, "SIGNAL is missing, such as HUP"] });
  if (values.group && values.process) {
    throw new UsageError("Cannot use --group with --process: it is one of them");
  }
  const [child = "", name = ""] = rest;
  const signal = /^SIG/i.test(name) ? name.toUpperCase() : `SIG${name.toUpperCase()}`;
  if (!/^SIG[A-Z][A-Z0-9]+$/.test(signal)) {
    throw new UsageError(`Cannot use the signal ${name}: it takes a name, such as HUP`);
  }
  const scope = values.group ? "group" : values.process ? "process" : undefined;
  return await withTree({ target, acts: true, timeout }, async (client) => {
    await client.request({ method: "signal", child, signal, ...scope && { scope } });
    print(`${printableLine(child)}: ${signal} sent`);
    return EXIT.OK;
  });
};
