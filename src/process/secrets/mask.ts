/**
 * Takes secrets out of what is told about a process: its last words, its output as events, samples of it in errors.
 *
 * A secret is known by its characters, in the forms of `secret_forms.ts`, so one that is written otherwise
 * (in base64, say, or a part of it alone) is not seen. What a program exchanges with its callers, messages and replies,
 * is theirs and left as it is.
 *
 * @module
 */
import { withoutSequences } from "../../text/terminal_sequences.ts";
import { joinSpans, SecretMatcher, type SecretSpan, type TextCut } from "./secret_matcher.ts";

export { MIN_REDACTED_LENGTH } from "./secret_matcher.ts";
export type { TextCut } from "./secret_matcher.ts";

/** What stands for a secret. */
export const REDACTED = "***";

/** A text without the secrets; where it was cut off on its way, a part of one counts there. */
export type Redactor = (text: string, cut?: TextCut) => string;

/**
 * What takes `secrets` out of a text, or `undefined` where there is none that is long enough. Each is looked for as a
 * whole and line by line, in all forms of `secret_forms.ts`. The beginning of one at the very end of a text counts from
 * {@linkcode MIN_REDACTED_LENGTH} characters on, and from one on where the text is known to be cut. Colours and other sequences
 * within one do not hide it: a timeline takes them out, and a terminal does not show them.
 */
export function createRedactor(secrets: readonly string[]): Redactor | undefined {
  const matcher = SecretMatcher.of(secrets);
  if (matcher === undefined) return undefined;
  return (text, cut) => {
    const found = findShown(matcher, text, cut);
    if (found.length === 0) return text;
    let clean = "";
    let at = 0;
    for (const { from, to } of found) {
      clean += text.slice(at, from) + REDACTED;
      at = to;
    }
    return clean + text.slice(at);
  };
}

/** What is secret in `text` as it is, and as a terminal shows it. */
function findShown(matcher: SecretMatcher, text: string, cut: TextCut | undefined): readonly SecretSpan[] {
  const found = matcher.find(text, cut);
  const shown = withoutSequences(text, cut === "both");
  if (shown === undefined) return found;
  const within = matcher.find(shown.text, cut)
    .map(({ from, to }) => ({ from: shown.placeOf(from), to: shown.placeOf(to - 1) + 1 }));
  return within.length === 0 ? found : joinSpans([...found, ...within]);
}
