/**
 * MessagePack behind a length of four bytes: values go to a worker and come back as through a `MessagePort`, bytes and
 * dates included.
 *
 * A codec of one's own, made from one of Outrider's: that one cuts frames, with the cap and the report of what was cut
 * off; this one makes values of their contents. What it adds is what any codec must see to: whatever is in a frame, it
 * does not throw, and does not take memory without measure.
 */
import type { Codec } from "@outrider/outrider";
import { codecs, type FrameSink, sampleOfBytes, UnencodableMessageError } from "@outrider/outrider/protocol";
import { decode, encode } from "npm:@msgpack/msgpack@^3";
import { isSound } from "./sound.ts";

/** What a message can be. */
export type Value = null | boolean | number | string | Uint8Array | Date | Value[] | { [key: string]: Value };

const frames = codecs["length-prefixed-be"];

/** Messages are values. */
export const messagepack: Codec<Value, Value> = {
  name: "messagepack",
  encode(message: Value): string | Uint8Array {
    let content: Uint8Array;
    try {
      content = encode(message);
    } catch (cause) {
      const reason = "MessagePack cannot hold it; see the cause";
      throw new UnencodableMessageError("messagepack", { reason, cause });
    }
    return frames.encode(content);
  },
  decoder: (sink: FrameSink<Value>, options) =>
    frames.decoder({
      message(content) {
        const value = valueOf(content);
        if (value !== undefined) return sink.message(value);
        const sample = sampleOfBytes(content);
        sink.malformed({ kind: "bad_content", bytes: content.length, sample, dropped: true });
      },
      malformed: (fault) => sink.malformed(fault),
    }, options),
};

function valueOf(content: Uint8Array): Value | undefined {
  if (!isSound(content)) return undefined;
  try {
    return decode(content) as Value;
  } catch {
    return undefined;
  }
}
