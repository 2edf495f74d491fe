/**
 * `outrider pipe FILE CHILD`
 */

import { CHILD, FILE, parseTime, readArgs, UsageError, type Verb } from "../verb.ts";
import { pipeBytes } from "../talk/bytes/pipe_bytes.ts";
import { runOnce } from "../talk/bytes/run_once.ts";
import { type MessageOptions, MessagePipe } from "../talk/pipe_messages.ts";
import { findPartner, isInTree, type TalkPartner } from "../talk/partner.ts";
import { talk } from "../talk/talk.ts";
import type { CodecName } from "../../options/fields/protocol.ts";
import { jsonRpcDialectOf, messageKindOf, protocolNameOf } from "../talk/wire.ts";

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
  const { protocol, maxFrame, capacity } = target;
  if (protocol !== undefined && messageKindOf(protocol) === "calls") {
    const { CallPipe } = await import("../talk/calls/call_pipe.ts");
    const options = {
      maxFrame,
      capacity: capacity ?? Infinity,
      family: jsonRpcDialectOf(protocol),
      timeout,
      failFast,
    };
    return await talk(target, { verbose }, (talking) => new CallPipe(talking, options).run());
  }
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

/**
 * How messages go through a child that does not speak JSON-RPC; `undefined`: it has a stream.
 *
 * @throws {UsageError} nothing can go through it
 */
function messageOptions(
  { path, protocol, maxFrame, capacity, many }: TalkPartner,
): Omit<MessageOptions, "timeout" | "failFast"> | undefined {
  if (protocol === undefined) {
    throw new UsageError(
      `Cannot pipe through '${path}': it has no "protocol" in the manifest; "bytes" is the plainest`,
    );
  }
  if (messageKindOf(protocol) === "stream") return undefined;
  const name = protocolNameOf(protocol) as Exclude<CodecName, "bytes">;
  return { protocol: name, maxFrame, capacity: capacity ?? Infinity, many };
}
