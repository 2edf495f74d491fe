/**
 * Sends and receives a line of text per message, ended by `\n` or `\r\n`.
 *
 * Replies are paired with requests by their order, so every line counts, empty ones too, and a line with
 * invalid UTF-8 is delivered (with U+FFFD in place of it) as well as reported. Only a line over the cap is lost.
 */
import type { Codec } from "./codec.ts";
import { UnencodableMessageError } from "../pipes/pipe_errors.ts";
import { type LineEnd, LineFramer } from "../framing/line_framing.ts";

/** Messages are lines; one that contains `\n` would be two requests, and is refused. */
export const lines: Codec<string, string> = lineCodec("lf");

/** {@linkcode lines}, where a `\r` alone ends a line as well: it is a message as soon as that has come. */
export const linesToAnyEnd: Codec<string, string> = lineCodec("any");

function lineCodec(newline: "lf" | "any"): Codec<string, string> {
  return {
    name: "lines",
    copies: true,
    encode(message) {
      // Messages come from callers whose types were never checked.
      if (typeof message !== "string") {
        throw new UnencodableMessageError("lines", { reason: `a line is a string, not ${typeof message}` });
      }
      if (message.includes("\n")) {
        throw new UnencodableMessageError("lines", {
          reason: "it contains a newline and would be two; send the lines one by one",
        });
      }
      return message + "\n";
    },
    decoder(sink, { maxFrame }) {
      let hasReturned = false;
      const line = (text: string): void => sink.message(text, text.length);
      const lineToAnyEnd = (text: string, end: LineEnd): void => {
        // The newline of `\r\n` ends no line of its own.
        if (!(hasReturned && text === "" && end === "\n")) line(text);
        hasReturned = end === "\r";
      };
      const target = {
        line: newline === "lf" ? line : lineToAnyEnd,
        malformed: sink.malformed.bind(sink),
        skipped: sink.skipped?.bind(sink),
      };
      return new LineFramer(target, { maxFrame, keepInvalid: true, newline });
    },
  };
}
