/**
 * Opens the reply correlation of one incarnation, as its protocol says, on a connection to its process.
 */

import { asError } from "../../actor/exit.ts";
import type { ProcessEvent } from "../../process/events.ts";
import { codecOf } from "../../process/codecs/codecs.ts";
import { JsonRpcCorrelation } from "../json_rpc/correlation.ts";
import { createMessageCheck } from "../messages/message_check.ts";
import type { Protocol, ProtocolTap, ReplyCorrelation, SidecarConnection } from "../protocol.ts";
import type { SidecarReader } from "../incarnation/reader.ts";
import type { SidecarRun } from "../incarnation/run.ts";
import type { SidecarWriter } from "../incarnation/writer.ts";
import { IdCorrelation } from "./by_id.ts";
import { InOrderCorrelation } from "./in_order.ts";
import { markOf } from "../../options/fields/conversation.ts";
import { MarkedCorrelation } from "./marked.ts";
import { MarkedTextCorrelation } from "./marked_text.ts";

/** Opens the correlation, and the tap of `run` if the protocol has one; the process is started after that. */
export function openCorrelation(
  run: SidecarRun,
  protocol: Protocol,
  { writer, reader }: { readonly writer: () => SidecarWriter; readonly reader: () => SidecarReader },
): ReplyCorrelation {
  const { context } = run;
  const { path, generation, clock, signal } = context;
  const connection: SidecarConnection = {
    path,
    generation,
    get pid() {
      return run.child?.pid;
    },
    clock,
    signal,
    send(frame, options) {
      const full = writer().send(frame, options);
      reader().resumeIfAwaited();
      return full;
    },
    publish: (item, size) => reader().publish(item, size),
    unmatched: (item) => context.deadLetter("unclaimed", item),
    pauseReading: (room) => reader().pauseReading(room),
    malformed: (fault) => reader().malformed(fault),
    end: () => context.exit({ reason: "normal", isAsked: true }),
    noteDropped: (kind, describe) => context.noteDropped(kind, () => run.redact(describe())),
    get isSubscribed() {
      return context.subscribers > 0;
    },
    note(text, level = "info") {
      const marks = level === "info" ? {} : { level };
      for (const line of linesOf(run.redact(text))) {
        context.emit<ProcessEvent>({ type: "output", stream: "stderr", line, ...marks }, "without_end");
      }
    },
  };
  run.tap = protocol.tap && guardedTap(protocol.tap(connection), connection.note);
  const { pairing } = protocol;
  const { until, maxFrame, maxInFlight, whenGivenUp } = run.settings;
  if (typeof pairing === "function") return pairing(connection);
  const codec = codecOf(protocol.codec);
  if (typeof pairing === "object" && "jsonrpc" in pairing) {
    return new JsonRpcCorrelation(connection, codec, { ...pairing.jsonrpc, whenGivenUp });
  }
  const options = { codec, until, check: createMessageCheck(run, "reply") };
  if (typeof pairing === "object" && "mark" in pairing) {
    return new MarkedTextCorrelation(connection, { ...options, mark: pairing.mark, maxFrame });
  }
  if (typeof pairing === "object") {
    return new IdCorrelation(connection, {
      ...options,
      field: pairing.id,
      bounded: maxInFlight !== Infinity && typeof whenGivenUp !== "object",
    });
  }
  const mark = markOf(until);
  if (mark !== undefined) return new MarkedCorrelation(connection, { ...options, mark });
  // Where a reply belongs to nothing, the writer refuses each request.
  return new InOrderCorrelation(connection, options);
}

/** The most characters of a text that one note shows: a server may send a document as its log message. */
const MAX_NOTE = 16_384;

function linesOf(text: string): readonly string[] {
  const shown = text.length > MAX_NOTE ? `${text.slice(0, MAX_NOTE)}…` : text;
  return shown.replace(/[\r\n]+$/, "").split(/\r\n|[\r\n]/);
}

/** `tap`, until it throws: `note` is given a line that says so, and it is shown nothing more. */
function guardedTap(tap: ProtocolTap, note: (line: string) => void): ProtocolTap {
  let isBroken = false;
  const broke = (thrown: unknown) => {
    if (!isBroken) note(`Cannot go on with the tap: ${asError(thrown).message}`);
    isBroken = true;
  };
  const tried = (look: () => void) => {
    if (isBroken) return;
    try {
      look();
    } catch (thrown) {
      broke(thrown);
    }
  };
  return {
    sent: (frame) => tried(() => tap.sent(frame)),
    received: (message) => tried(() => tap.received(message)),
    malformed: (fault) => tried(() => tap.malformed(fault)),
    async close() {
      try {
        await tap.close();
      } catch (thrown) {
        broke(thrown);
      }
    },
  };
}
