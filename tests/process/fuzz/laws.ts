/**
 * The laws that every codec keeps, whatever the bytes are:
 *
 * - what it encodes it decodes, in any number of frames and any split;
 * - of frames and of garbage that says where it ends, every frame is delivered, and every piece of garbage is reported
 *   by its kind;
 * - of any bytes whatever, it delivers what a model of a few lines finds in the whole of them;
 * - and in all of these: it never throws, a split of the input changes nothing, between two chunks it holds no more
 *   memory than a frame, its header and a chunk need, and nothing comes out after the end.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import type { Codec } from "../../../src/process/codecs/codec.ts";
import type { MalformedKind } from "../../../src/process/framing/framing.ts";
import { Collected } from "../fixture.ts";
import { bytesOf } from "../codecs/splits.ts";
import { fuzzed } from "./runs.ts";

/** The cap under which all laws are tried. */
export const MAX_FRAME = 60;

/** A piece of a stream that ends where the next one may begin. */
export interface Segment<Message> {
  readonly bytes: Uint8Array;
  /** What must be delivered for it. */
  readonly messages: readonly Message[];
  /** What must be reported for it. */
  readonly faults: readonly MalformedKind[];
}

/** What is known of a codec. */
export interface Subject<Message> {
  readonly codec: Codec<Message, Message>;
  /** Bytes of a header and a terminator, at most. */
  readonly overhead: number;
  /** Messages within the cap. */
  readonly messages: fc.Arbitrary<Message>;
  /** What a message is when it comes back, where that is not the same. */
  readonly back?: (message: Message) => Message;
  readonly segments: fc.Arbitrary<Segment<Message>>;
  /** Pieces that the protocol is made of, and others. */
  readonly pieces: fc.Arbitrary<Uint8Array>;
  /** What is delivered for a whole input, written without regard to speed or memory. */
  readonly model: (bytes: Uint8Array) => Message[];
}

/** Makes the tests for a codec. */
export function laws<Message>({ codec, overhead, back, model, ...subject }: Subject<Message>): void {
  const encode = (message: Message): Uint8Array => {
    const frame = codec.encode(message);
    return typeof frame === "string" ? bytesOf(frame) : frame;
  };

  fuzzed(
    `${codec.name}: what is encoded is decoded`,
    {
      cases: fc.record({ messages: fc.array(subject.messages, { maxLength: 8 }), sizes }),
      law: ({ messages, sizes }) => {
        const bytes = joined(messages.map(encode));
        const { messages: decoded, faults } = decodedIn(sizes, { codec, bytes, overhead });
        assertEquals(faults, []);
        assertEquals(decoded, back === undefined ? messages : messages.map(back));
      },
    },
  );

  fuzzed(
    `${codec.name}: garbage that has an end costs no frame`,
    {
      cases: fc.record({ segments: fc.array(subject.segments, { maxLength: 10 }), sizes }),
      law: ({ segments, sizes }) => {
        const bytes = joined(segments.map(({ bytes }) => bytes));
        const { messages, faults } = decodedIn(sizes, { codec, bytes, overhead });
        assertEquals(messages, segments.flatMap(({ messages }) => messages));
        assertEquals(faults.map(({ kind }) => kind), segments.flatMap(({ faults }) => faults));
      },
    },
  );

  const any = fc.oneof(
    subject.pieces,
    subject.segments.map(({ bytes }) => bytes),
    subject.messages.map(encode),
    // A part of a frame: as from a process that was killed, or a length that is not true.
    fc.tuple(subject.messages, fc.nat(80)).map(([message, length]) => encode(message).slice(0, length)),
    fc.uint8Array({ maxLength: 20 }),
  );
  fuzzed(
    `${codec.name}: any bytes at all`,
    {
      cases: fc.record({ parts: fc.array(any, { maxLength: 12 }), sizes }),
      law: ({ parts, sizes }) => {
        const bytes = joined(parts);
        assertEquals(decodedIn(sizes, { codec, bytes, overhead }).messages, model(bytes));
      },
    },
  );
}

/** Sizes of chunks, over and over again. */
const sizes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
  fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 }),
);

/** What comes out of an input in chunks; checked to be the same as for the whole, and to be held within bounds. */
function decodedIn<Message>(
  sizes: readonly number[],
  input: { codec: Codec<Message, Message>; bytes: Uint8Array; overhead: number },
): Collected<Message> {
  const { codec, bytes, overhead } = input;
  const [whole, split] = [new Collected<Message>(), new Collected<Message>()];
  const unsplit = codec.decoder(whole, { maxFrame: MAX_FRAME });
  unsplit.push(bytes.slice());
  unsplit.end();
  const decoder = codec.decoder(split, { maxFrame: MAX_FRAME });
  let largest = 0;
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    const chunk = bytes.slice(at, at + size);
    decoder.push(chunk);
    chunk.fill(0x21); // its owner may do with it likes
    at += size;
    largest = Math.max(largest, chunk.length);
    const { buffered } = decoder as unknown as { buffered: number };
    assert(buffered <= MAX_FRAME + overhead + largest, `${buffered} bytes are held`);
  }
  decoder.end();
  assertEquals(split.all, whole.all);
  const { length } = split.all;
  decoder.end();
  assertEquals(split.all.length, length);
  return split;
}

/** All bytes behind one another. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A segment that is one message. */
export function good<Message>(bytes: string | Uint8Array, message: Message): Segment<Message> {
  return { bytes: typeof bytes === "string" ? bytesOf(bytes) : bytes, messages: [message], faults: [] };
}

/** A segment that is none. */
export function bad<Message>(
  kind: MalformedKind | readonly MalformedKind[],
  content: string | readonly (string | number)[],
): Segment<Message> {
  return { bytes: bytesOf(content), messages: [], faults: typeof kind === "string" ? [kind] : kind };
}

/** Each byte as one character, so that a model can use regular expressions. */
export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
