/**
 * `outrider pipe FILE CHILD`
 */

import { CHILD, commandName, FILE, parseTime, readArgs, UsageError, type Verb } from "../verb.ts";
import { pipeBytes } from "../talk/bytes/pipe_bytes.ts";
import { runOnce } from "../talk/bytes/run_once.ts";
import { type MessageOptions, MessagePipe } from "../talk/pipe_messages.ts";
import { findPartner, isInTree, type TalkPartner } from "../talk/partner.ts";
import { talk } from "../talk/talk.ts";
import { messageKindOf, protocolNameOf } from "../talk/wire.ts";

/** Pipes standard input through one child. */
export const pipeVerb: Verb = async (args) => {
  const { values, positionals } = readArgs(args, {
    "fail-fast": { type: "boolean" },
    "own": { type: "boolean" },
    "timeout": { type: "string" },
    "verbose": { type: "boolean" },
  }, [FILE, CHILD]);
  const [file, child, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`Cannot use '${more[0]}': there is one FILE and one CHILD`);
  const verbose = values.verbose === true;
  const failFast = values["fail-fast"] === true;
  const timeout = values.timeout === undefined ? Infinity : parseTime("--timeout", values.timeout);
  const target = await findPartner(file, child, { own: values.own === true, timeout });
  const options = messageOptions(target);
  if (options !== undefined) {
    return await talk(
      target,
      { verbose },
      (talking) => new MessagePipe(talking, { ...options, timeout, failFast }).run(),
    );
  }
  const { from } = target;
  if (isInTree(from)) return await runOnce({ path: target.path, client: from }, { as: "pipe" });
  const { entry } = from;
  if ("sidecar" in entry) {
    throw new UsageError(
      `Cannot pipe through '${child}': its copies do not answer, so nobody knows the order`,
    );
  }
  return await pipeBytes({ path: target.path, from: { ...from, entry } }, { verbose });
};

/** How messages go through a child; `undefined`: it has a stream. @throws {UsageError} nothing can go through it */
function messageOptions(
  { path, protocol, maxFrame, capacity, many }: TalkPartner,
): Omit<MessageOptions, "timeout" | "failFast"> | undefined {
  if (protocol === undefined) {
    throw new UsageError(
      `Cannot pipe through '${path}': it has no "protocol" in the manifest; "bytes" is the plainest`,
    );
  }
  const name = protocolNameOf(protocol);
  if (name === "jsonrpc" || name === "lsp" || name === "mcp") {
    throw new UsageError(
      `Cannot pipe through '${path}': a line is not a JSON-RPC call; see ${commandName()} call --help`,
    );
  }
  if (name === "bytes" || messageKindOf(protocol) === "stream") return undefined;
  return { protocol: name, maxFrame, capacity: capacity ?? Infinity, many };
}
