/**
 * `outrider ask FILE CHILD MESSAGE`
 */

import { answer, QUESTION_OPTIONS } from "../talk/answer.ts";
import { replyLimits } from "../talk/reply_limits.ts";
import { CHILD, commandName, FILE, readArgs, UsageError, type Verb } from "../verb.ts";
import { argument } from "../talk/stdin.ts";
import { findPartner, type TalkPartner } from "../talk/partner.ts";
import { talk } from "../talk/talk.ts";
import { messageKindOf, parseMessage } from "../talk/wire.ts";
import type { ProtocolEntry } from "../../options/types.ts";

const ASK_OPTIONS = { ...QUESTION_OPTIONS, idle: { type: "string" } } as const;

/** Asks one child one question. */
export const askVerb: Verb = async (args) => {
  const message = "MESSAGE is missing; - reads it from standard input";
  const { values, positionals } = readArgs(args, ASK_OPTIONS, [FILE, CHILD, message]);
  const [file, child, text, ...more] = positionals;
  if (more.length > 0) {
    throw new UsageError(`Cannot use '${more[0]}': there is one MESSAGE; put it in quotes`);
  }
  const limits = replyLimits(values);
  const target = await findPartner(file, child, { own: values.own === true, timeout: limits.timeout });
  const protocol = answeringProtocol(target);
  const question = {
    message: parseMessage(await argument(text), protocol),
    protocol,
    limits,
  };
  return await talk(target, { verbose: values.verbose === true }, (talking) => answer(talking, question));
};

/** The protocol of a child that answers. @throws {UsageError} it does not */
export function answeringProtocol({ protocol, path }: TalkPartner): ProtocolEntry {
  const kind = messageKindOf(protocol);
  if (protocol === undefined) {
    throw new UsageError(
      `Cannot ask '${path}': it has no "protocol" in the manifest, so it takes no messages`,
    );
  }
  if (kind === "stream") {
    throw new UsageError(
      `Cannot ask '${path}': its protocol has no replies; see ${commandName()} pipe --help`,
    );
  }
  return protocol;
}
