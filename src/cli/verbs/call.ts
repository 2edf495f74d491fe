/**
 * `outrider call FILE CHILD METHOD [PARAMS]`
 *
 * @module
 */

import { answer, QUESTION_OPTIONS, timeoutOf } from "../talk/answer.ts";
import { readArgs, UsageError, type Verb } from "../verb.ts";
import { argument } from "../talk/stdin.ts";
import { findTalkTarget, talk } from "../talk/talk.ts";
import { messageKindOf, parseJsonArgument, protocolNameOf } from "../talk/wire.ts";

/** Calls one method of one child. */
export const callVerb: Verb = {
  help: `Usage: outrider call FILE CHILD METHOD [PARAMS] [OPTIONS]

Starts CHILD, whose protocol is 'jsonrpc', 'mcp' or 'lsp', and what it needs,
calls METHOD, prints the result as JSON, and stops everything again, in order.
Nothing else is on standard output.

  CHILD   its path, such as tools/search; a sidecar or a pool
  METHOD  such as tools/list
  PARAMS  a JSON object or array; - reads it from standard input

  --timeout DURATION  how long to wait for the result once CHILD is ready
                      (default 5s)
  --verbose           tell on standard error what happens, as 'up' does

The result is on one line; on a terminal it is laid out. What CHILD needs, and
which permissions that takes, is in: outrider ask --help

Exit code: 0 done; 1 CHILD, or what it needs, could not start, or ended before
it answered; 2 the manifest or the command line is wrong; 3 a permission is
missing; 4 the answer is an error; 5 no answer in time; 130 ended by a signal.`,

  async run(args) {
    const { values, positionals } = readArgs(args, QUESTION_OPTIONS);
    const [file, child, method, params, ...more] = positionals;
    if (file === undefined) throw new UsageError("Cannot go on: FILE is missing, the manifest to use");
    if (child === undefined) {
      throw new UsageError("Cannot go on: CHILD is missing, its path, such as workers/w1");
    }
    if (method === undefined) throw new UsageError("Cannot go on: METHOD is missing, the one to call");
    if (more.length > 0) {
      throw new UsageError(`Cannot use '${more[0]}': PARAMS is one JSON value; put it in quotes`);
    }
    const timeout = timeoutOf(values.timeout);
    const target = await findTalkTarget(file, child);
    const { entry, path } = target;
    const { protocol } = "sidecar" in entry ? entry.sidecar : entry;
    if (messageKindOf(protocol) !== "calls") {
      const is = protocol === undefined
        ? "it has no protocol"
        : `its protocol is '${protocolNameOf(protocol)}'`;
      throw new UsageError(
        `Cannot call '${path}': ${is}, not 'jsonrpc', 'mcp' or 'lsp'; see outrider ask --help`,
      );
    }
    const message = params === undefined ? { method } : { method, params: await paramsOf(params) };
    const question = { message, kind: "calls", timeout } as const;
    return await talk(target, { verbose: values.verbose === true }, (talking) => answer(talking, question));
  },
};

async function paramsOf(written: string): Promise<unknown> {
  const params = parseJsonArgument("PARAMS", new TextDecoder().decode(await argument(written)));
  if (typeof params === "object" && params !== null) return params;
  throw new UsageError("Cannot use PARAMS: it is a JSON object or array");
}
