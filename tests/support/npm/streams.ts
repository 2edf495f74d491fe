/** `@std/streams` for a machine that reaches only the npm registry: std's own JavaScript, given std's types. */
import { Buffer as Buffer_ } from "npm:deno-std@1.4.0/streams/buffer.js";
import { concatReadableStreams as concat } from "npm:deno-std@1.4.0/streams/concat_readable_streams.js";
import { DelimiterStream as Delimiter } from "npm:deno-std@1.4.0/streams/delimiter_stream.js";
import { LimitedBytesTransformStream as Limited } from "npm:deno-std@1.4.0/streams/limited_bytes_transform_stream.js";
import { mergeReadableStreams as merge } from "npm:deno-std@1.4.0/streams/merge_readable_streams.js";
import { TextDelimiterStream as TextDelimiter } from "npm:deno-std@1.4.0/streams/text_delimiter_stream.js";
import { TextLineStream as TextLine } from "npm:deno-std@1.4.0/streams/text_line_stream.js";
import { toBytes as toBytes_ } from "npm:deno-std@1.4.0/streams/to_bytes.js";
import { toJson as toJson_ } from "npm:deno-std@1.4.0/streams/to_json.js";
import { toText as toText_ } from "npm:deno-std@1.4.0/streams/to_text.js";

type BytesOrText = ReadableStream<string> | ReadableStream<Uint8Array>;

export interface BufferBytesOptions {
  /** Whether `bytes()` copies; default true. */
  copy?: boolean;
}

/** A growing buffer of bytes with both ends of a stream. */
export interface Buffer {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly length: number;
  readonly capacity: number;
  bytes(options?: BufferBytesOptions): Uint8Array;
  empty(): boolean;
  grow(n: number): void;
  reset(): void;
  truncate(n: number): void;
}

/** Where the delimiter goes. */
export type DelimiterDisposition = "suffix" | "prefix" | "discard";

export interface DelimiterStreamOptions {
  disposition?: DelimiterDisposition;
}

export interface LimitedBytesTransformStreamOptions {
  /** Whether passing the limit is an error and not the end of the stream. */
  error?: boolean;
}

export interface TextLineStreamOptions {
  /** Whether a lone CR ends a line as well. */
  allowCR?: boolean;
}

type Bytes = TransformStream<Uint8Array, Uint8Array>;
type Text = TransformStream<string, string>;
export type DelimiterStream = Bytes;
export type LimitedBytesTransformStream = Bytes;
export type TextDelimiterStream = Text;
export type TextLineStream = Text;

export const Buffer: new (ab?: ArrayBufferLike | ArrayLike<number>) => Buffer = Buffer_;
export const DelimiterStream: new (delimiter: Uint8Array, options?: DelimiterStreamOptions) => Bytes =
  Delimiter;
export const LimitedBytesTransformStream: new (
  size: number,
  options?: LimitedBytesTransformStreamOptions,
) => Bytes = Limited;
export const TextDelimiterStream: new (delimiter: string, options?: DelimiterStreamOptions) => Text =
  TextDelimiter;
export const TextLineStream: new (options?: TextLineStreamOptions) => Text = TextLine;
export const concatReadableStreams: <T>(...streams: ReadableStream<T>[]) => ReadableStream<T> = concat;
export const mergeReadableStreams: <T>(...streams: ReadableStream<T>[]) => ReadableStream<T> = merge;
export const toBytes: (stream: ReadableStream<Uint8Array>) => Promise<Uint8Array> = toBytes_;
export const toJson: (stream: BytesOrText) => Promise<unknown> = toJson_;
export const toText: (stream: BytesOrText) => Promise<string> = toText_;
