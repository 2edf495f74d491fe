/**
 * The `until` of replies that end at a mark of ours, as an option; `marked.ts` pairs by it.
 */

/** What `untilMark` makes: an `until` for lines, with the line that is sent behind each request. */
export interface MarkedUntil {
  /** As of any other `until`. */
  (frame: unknown): "more";
  /** The line, with `{mark}` where the mark goes. */
  readonly mark: string;
}

/**
 * For `until` of a sidecar with `lines`: behind each request goes `line`, with a mark of its own in place of `{mark}`, and
 * the reply is all lines until one that ends with that mark. For programs that print what they are told to.
 *
 * @example
 * ```ts
 * import { launch, sidecar } from "@outrider/outrider";
 * import { untilMark } from "@outrider/outrider/protocol";
 *
 * const shell = sidecar("shell", { command: "sh", protocol: "lines", until: untilMark("echo {mark}") });
 * await using app = await launch(shell);
 * for await (const line of await app.ref(shell).ask("printf 'a\\nb\\n'")) console.log(line); // a, b
 * ```
 */
export function untilMark(line: string): MarkedUntil {
  return Object.assign((): "more" => "more", { mark: line });
}
