/**
 * `outrider pipe FILE CHILD`
 *
 * @module
 */

import { parseTime, readArgs, UsageError, type Verb } from "../verb.ts";
import { pipeBytes } from "../talk/pipe_bytes.ts";
import { type MessageOptions, MessagePipe } from "../talk/pipe_messages.ts";
import { findTalkTarget, talk, type TalkTarget } from "../talk/talk.ts";
import { messageKindOf, protocolNameOf } from "../talk/wire.ts";

/** Pipes standard input through one child. */
export const pipeVerb: Verb = {
  help: `Usage: outrider pipe FILE CHILD [OPTIONS]

Starts CHILD and what it needs, gives it each line of standard input, prints
the replies in the order of the lines, and stops everything again, in order.

  CHILD  its path, such as workers/w1; a sidecar or a pool

  lines                       each line is asked, each reply is a line
  ndjson, content-length      each line is JSON, and so is each reply
  netstring, length-prefixed  frames of that protocol, in and out
  bytes, pairing none         all is one stream: CHILD gets standard input as it
                              is, with its end, and what it writes is printed;
                              it is not started again; no pools

  --fail-fast         end at the first line that fails
  --timeout DURATION  for each reply, from when its line was read; default none
  --verbose           tell on standard error what happens, as 'up' does

Up to 1,024 lines are under way at a time. No more is read while they wait, or
while the output does. A line that fails is told on standard error with its
number, and the others go on. When CHILD ends, what it had fails, or is sent
again, as its 'onDeath' says, and the rest goes to its next incarnation. On a
terminal, standard error shows how far it has come, if the output goes
elsewhere. What CHILD needs, and which permissions that takes, is in:
outrider ask --help

Exit code: 0 all was answered, or the reader of the output has had enough; 1 a
line failed, or CHILD could not start, or ended for good; 2 the manifest or the
command line is wrong; 3 a permission is missing; 130 ended by a signal.`,

  async run(args) {
    const { values, positionals } = readArgs(args, {
      "fail-fast": { type: "boolean" },
      "timeout": { type: "string" },
      "verbose": { type: "boolean" },
    });
    const [file, child, ...more] = positionals;
    if (file === undefined) throw new UsageError("Cannot go on: FILE is missing, the manifest to use");
    if (child === undefined) {
      throw new UsageError("Cannot go on: CHILD is missing, its path, such as workers/w1");
    }
    if (more.length > 0) throw new UsageError(`Cannot use '${more[0]}': there is one FILE and one CHILD`);
    const verbose = values.verbose === true;
    const failFast = values["fail-fast"] === true;
    const timeout = values.timeout === undefined ? Infinity : parseTime("--timeout", values.timeout);
    const target = await findTalkTarget(file, child);
    const options = messageOptions(target);
    if (options !== undefined) {
      return await talk(
        target,
        { verbose },
        (talking) => new MessagePipe(talking, { ...options, timeout, failFast }).run(),
      );
    }
    const { entry } = target;
    if ("sidecar" in entry) {
      throw new UsageError(
        `Cannot pipe through '${child}': its copies do not answer, so nobody knows the order`,
      );
    }
    return await pipeBytes({ ...target, entry }, { verbose });
  },
};

/** How messages go through a child; `undefined`: it has a stream. @throws {UsageError} nothing can go through it */
function messageOptions(
  { entry, path }: TalkTarget,
): Omit<MessageOptions, "timeout" | "failFast"> | undefined {
  const { protocol, maxFrame, until } = "sidecar" in entry ? entry.sidecar : entry;
  if (protocol === undefined) {
    throw new UsageError(
      `Cannot pipe through '${path}': it has no "protocol" in the manifest; "bytes" is the plainest`,
    );
  }
  const name = protocolNameOf(protocol);
  if (name === "jsonrpc" || name === "lsp" || name === "mcp") {
    throw new UsageError(
      `Cannot pipe through '${path}': a line is not a JSON-RPC call; see outrider call --help`,
    );
  }
  if (name === "bytes" || messageKindOf(protocol) === "stream") return undefined;
  const { capacity, overflow } = entry.mailbox;
  return {
    protocol: name,
    maxFrame,
    // With any other policy, more than that would be refused, or push each other out.
    capacity: overflow === "wait" ? Infinity : capacity,
    many: until !== undefined,
  };
}
