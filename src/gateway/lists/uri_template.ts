/**
 * Whether a URI may have been made from a template (RFC 6570), so that its server is found by it.
 *
 * The invariant: it takes time by the product of both lengths at most, which are bounded: a template is its server's, which
 * may want to hold up all others, and a URI may come from there as well.
 */

/** The longest template and URI that are compared, and the most expressions: a template with more fits nothing. */
const LONGEST_TEMPLATE = 512;
const LONGEST_URI = 1_024;
const MOST_EXPRESSIONS = 16;

/** The most templates of a server that a URI is compared with. */
export const MOST_TEMPLATES = 256;

/** What an expression may stand for, besides nothing: a character that it begins with, and any number of others. */
interface Expression {
  readonly begins: (char: string) => boolean;
  readonly goesOn: (char: string) => boolean;
}

const any = () => true;
const inSegment = (char: string) => char !== "/";
const inPath = (char: string) => char !== "?" && char !== "#";

/** Whether `uri` fits `template`; variables of the kinds `{+x}`, `{#x}` and `{/x*}` take slashes, others do not. Pure. */
export function templateMatches(template: string, uri: string): boolean {
  if (template.length > LONGEST_TEMPLATE || uri.length > LONGEST_URI) return false;
  const parts = template.split(/(\{[^{}]*\})/);
  // A text and an expression in turn.
  if (parts.length > 2 * MOST_EXPRESSIONS + 1) return false;
  // The places in the URI to which the parts so far lead.
  let places = new Uint8Array(uri.length + 1);
  places[0] = 1;
  for (const [index, part] of parts.entries()) {
    if (part === "") continue;
    places = index % 2 === 0
      ? afterText(places, part, uri)
      : afterExpression(places, expressionOf(part), uri);
    if (!places.includes(1)) return false;
  }
  return places[uri.length] === 1;
}

function expressionOf(part: string): Expression {
  const operator = part[1];
  if (operator === "+" || operator === "#" || part.endsWith("*}")) return { begins: any, goesOn: any };
  if (operator === "/") return { begins: (char) => char === "/", goesOn: inPath };
  if (operator === "?" || operator === "&") {
    return { begins: (char) => char === "?" || char === "&", goesOn: any };
  }
  return { begins: inSegment, goesOn: inSegment };
}

function afterText(places: Uint8Array, text: string, uri: string): Uint8Array<ArrayBuffer> {
  const after = new Uint8Array(places.length);
  for (let at = places.indexOf(1); at >= 0; at = places.indexOf(1, at + 1)) {
    if (uri.startsWith(text, at)) after[at + text.length] = 1;
  }
  return after;
}

function afterExpression(
  places: Uint8Array<ArrayBuffer>,
  { begins, goesOn }: Expression,
  uri: string,
): Uint8Array<ArrayBuffer> {
  const after = places.slice();
  if (goesOn === any && begins === any) return after.fill(1, places.indexOf(1));
  let isInside = false;
  for (let at = 0; at < uri.length; at++) {
    const char = uri[at]!;
    isInside = (isInside && goesOn(char)) || (places[at] === 1 && begins(char));
    if (isInside) after[at + 1] = 1;
  }
  return after;
}
