/**
 * `outrider call FILE CHILD METHOD [PARAMS]`
 */

import { answer, QUESTION_OPTIONS } from "../talk/answer.ts";
import { replyLimits } from "../talk/reply_limits.ts";
import { CHILD, commandName, FILE, readArgs, UsageError, type Verb } from "../verb.ts";
import { argument } from "../talk/stdin.ts";
import { findPartner } from "../talk/partner.ts";
import { talk } from "../talk/talk.ts";
import { messageKindOf, parseJsonArgument, protocolNameOf } from "../talk/wire.ts";

/** Calls one method of one child. */
export const callVerb: Verb = async (args) => {
  const needed = [FILE, CHILD, "METHOD is missing, the one to call"] as const;
  const { values, positionals } = readArgs(args, QUESTION_OPTIONS, needed);
  const [file, child, method, params, ...more] = positionals;
  if (more.length > 0) {
    throw new UsageError(`Cannot use '${more[0]}': PARAMS is one JSON value; put it in quotes`);
  }
  const limits = replyLimits(values);
  const target = await findPartner(file, child, { own: values.own === true, timeout: limits.timeout });
  const { protocol, path } = target;
  if (messageKindOf(protocol) !== "calls") {
    const is = protocol === undefined
      ? "it has no protocol"
      : `its protocol is '${protocolNameOf(protocol)}'`;
    throw new UsageError(
      `Cannot call '${path}': ${is}, not 'jsonrpc', 'mcp' or 'lsp'; see ${commandName()} ask --help`,
    );
  }
  const message = params === undefined ? { method } : { method, params: await paramsOf(params) };
  const question = { message, kind: "calls", limits } as const;
  return await talk(target, { verbose: values.verbose === true }, (talking) => answer(talking, question));
};

async function paramsOf(written: string): Promise<unknown> {
  const params = parseJsonArgument("PARAMS", new TextDecoder().decode(await argument(written)));
  if (typeof params === "object" && params !== null) return params;
  throw new UsageError("Cannot use PARAMS: it is a JSON object or array");
}
