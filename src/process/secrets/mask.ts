/**
 * Redacts secrets in reports about a process: its last lines, its output as events, samples of it in errors.
 *
 * A secret is found by its characters, in the forms of `secret_forms.ts`, so one that is written in another way (in
 * base64, say, or only a part of it) is not found. The messages and replies of a program are left as they are.
 */
import { withoutSequences } from "../../text/terminal_sequences.ts";
import { cutFormAt } from "./secret_forms.ts";
import { joinSpans, SecretMatcher, type SecretSpan, type TextCut } from "./secret_matcher.ts";

export { MIN_REDACTED_LENGTH } from "./secret_matcher.ts";
export type { TextCut } from "./secret_matcher.ts";

/** The text that replaces a secret. */
export const REDACTED = "***";

/** Returns a text without the secrets; where it was cut off, a part of one counts at the cut. */
export interface Redactor {
  (text: string, cut?: TextCut): string;
  /** Where the secret begins that more text could complete; the length of `text` if there is none. */
  readonly openAt?: (text: string) => number;
}

/**
 * Creates the redactor for `secrets`, or returns `undefined` where none is long enough. Each is looked for as a
 * whole and line by line, in all forms of `secret_forms.ts`. The beginning of one at the very end of a text counts from
 * {@linkcode MIN_REDACTED_LENGTH} characters on, and from one on where the text is known to be cut. Colours and other
 * sequences within one do not hide it: a timeline removes them, and a terminal does not show them.
 */
export function createRedactor(secrets: readonly string[]): Redactor | undefined {
  const matcher = SecretMatcher.of(secrets);
  if (matcher === undefined) return undefined;
  const redact = (text: string, cut?: TextCut) => {
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
  const openAt = (text: string) => {
    const last = findShown(matcher, text, "end").at(-1);
    return Math.min(last?.to === text.length ? last.from : text.length, cutFormAt(text));
  };
  return Object.assign(redact, { openAt });
}

/** Finds the secrets in `text` as it is, and as a terminal shows it. */
function findShown(matcher: SecretMatcher, text: string, cut: TextCut | undefined): readonly SecretSpan[] {
  const found = matcher.find(text, cut);
  const shown = withoutSequences(text, cut === "both");
  if (shown === undefined) return found;
  const within = matcher.find(shown.text, cut)
    .map(({ from, to }) => ({ from: shown.placeOf(from), to: shown.placeOf(to - 1) + 1 }));
  return within.length === 0 ? found : joinSpans([...found, ...within]);
}
