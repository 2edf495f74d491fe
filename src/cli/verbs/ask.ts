/**
 * `outrider ask FILE CHILD MESSAGE`
 *
 * @module
 */

import { answer, QUESTION_OPTIONS, timeoutOf } from "../talk/answer.ts";
import { readArgs, UsageError, type Verb } from "../verb.ts";
import { argument } from "../talk/stdin.ts";
import { findTalkTarget, talk, type TalkTarget } from "../talk/talk.ts";
import { messageKindOf, parseMessage } from "../talk/wire.ts";
import type { ProtocolEntry } from "../../options/types.ts";

/** Asks one child one question. */
export const askVerb: Verb = {
  help: `Usage: outrider ask FILE CHILD MESSAGE [OPTIONS]

Starts CHILD and what it needs, sends it MESSAGE, prints the reply, and stops
everything again, in order. Nothing else is on standard output.

  CHILD    its path, such as workers/w1; a sidecar or a pool
  MESSAGE  a line of text for 'lines'; JSON for 'ndjson', 'content-length' and
           'jsonrpc', 'mcp' and 'lsp', there as { "method": …, "params": … };
           bytes for the others; - reads it from standard input

  --timeout DURATION  how long to wait for the reply once CHILD is ready, or
                      for the first part of one with 'until' (default 5s)
  --verbose           tell on standard error what happens, as 'up' does

A reply of 'lines' is printed as it is, JSON on one line; on a terminal it is
laid out. Where a reply has many frames, each is printed as it comes.

What CHILD needs: its supervisors, what these and it are 'after', and where a
list of children has no 'after', those that stand before. Permissions are those
of 'outrider up', or fewer: all that is missing is told before anything starts.

Exit code: 0 answered; 1 CHILD, or what it needs, could not start, or ended
before it answered; 2 the manifest or the command line is wrong; 3 a permission
is missing; 4 the answer is an error; 5 no answer in time; 130 ended by a
signal.`,

  async run(args) {
    const { values, positionals } = readArgs(args, QUESTION_OPTIONS);
    const [file, child, text, ...more] = positionals;
    if (file === undefined) throw new UsageError("Cannot go on: FILE is missing, the manifest to use");
    if (child === undefined) {
      throw new UsageError("Cannot go on: CHILD is missing, its path, such as workers/w1");
    }
    if (text === undefined) {
      throw new UsageError("Cannot go on: MESSAGE is missing; - reads it from standard input");
    }
    if (more.length > 0) {
      throw new UsageError(`Cannot use '${more[0]}': there is one MESSAGE; put it in quotes`);
    }
    const timeout = timeoutOf(values.timeout);
    const target = await findTalkTarget(file, child);
    const protocol = answeringProtocol(target);
    const message = parseMessage(await argument(text), protocol);
    const question = { message, kind: messageKindOf(protocol)!, timeout };
    return await talk(target, { verbose: values.verbose === true }, (talking) => answer(talking, question));
  },
};

/** The protocol of a child that answers. @throws {UsageError} it does not */
export function answeringProtocol({ entry, path }: TalkTarget): ProtocolEntry {
  const { protocol } = "sidecar" in entry ? entry.sidecar : entry;
  const kind = messageKindOf(protocol);
  if (protocol === undefined) {
    throw new UsageError(
      `Cannot ask '${path}': it has no "protocol" in the manifest, so it takes no messages`,
    );
  }
  if (kind === "stream") {
    throw new UsageError(`Cannot ask '${path}': its protocol has no replies; see outrider pipe --help`);
  }
  return protocol;
}
