/**
 * Pairs replies by their order.
 */

import type { Reply } from "../../actor/asks/options.ts";
import { UnencodableMessageError } from "../../process/pipes/pipe_errors.ts";
import { SAMPLE_CHARS } from "../../process/framing/framing.ts";
import type { WritableData } from "../../process/pipes/stdin.ts";
import { jsonOrText } from "../messages/shown_value.ts";
import { Correlation } from "./correlation.ts";
import { ReplyStream } from "./reply_stream.ts";

/** The n-th reply answers the n-th request. */
export class InOrderCorrelation extends Correlation {
  override request(message: unknown, reply: Reply<unknown>): WritableData {
    const frame = this.frame(message);
    if (frame.length === 0) {
      throw new UnencodableMessageError(this.codec.name, { reason: "an empty frame asks nothing; tell it" });
    }
    this.await(reply);
    return frame;
  }

  override match(message: unknown, size = 0): boolean {
    this.bytes = size;
    return this.size > 0 && this.answer(this.oldest, message);
  }

  override lost(why: () => Error): void {
    if (this.size > 0) this.refuse(this.oldest, why());
  }

  /** See {@linkcode ReplyCorrelation.owedBefore}. */
  owedBefore(reply: Reply<unknown>, redact: (text: string) => string): string | undefined {
    const first = this.size === 0 ? undefined : this.get(this.oldest);
    const owed = first instanceof ReplyStream ? first.reply : first;
    if (owed === undefined || owed === reply) return undefined;
    return `replies come in order, and that to an earlier request is owed first: ${sampleOf(owed, redact)}`;
  }
}

function sampleOf(owed: Reply<unknown>, redact: (text: string) => string): string {
  if (!("message" in owed)) return "one of the sidecar's own, such as a ping";
  const { message } = owed;
  if (message instanceof Uint8Array) return `${message.length} bytes`;
  const text = redact(jsonOrText(message));
  return text.length > SAMPLE_CHARS ? `${text.slice(0, SAMPLE_CHARS)}…` : text;
}
