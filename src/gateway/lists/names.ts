/**
 * The names of tools and prompts as the gateway shows them: `child__tool`.
 *
 * The invariant: a shown name depends on the server's name and its own alone, not on what else there is, so it stays
 * the same however servers come and go. It fits what clients take: at most 64 of `A-Z a-z 0-9 _ -`.
 */

import { fitsParts } from "../../text/wildcards.ts";
import { LOCAL_NAME } from "../local_tools.ts";

/** Between the name of a server and that of a tool. */
export const SEPARATOR = "__";
/** The longest name that is shown, which most clients take. */
export const NAME_LENGTH = 64;
/** The longest name of a server: room is left for that of a tool. */
export const SERVER_NAME_LENGTH = 40;

const PLAIN = /^[A-Za-z0-9_-]+$/;
const HASH_LENGTH = 8;
/** What the names of the gateway's own tools begin with, in any case: no other is shown so. */
const RESERVED = new RegExp(`^${LOCAL_NAME}${SEPARATOR}`, "i");

/** The beginning of all names of the server `name`. */
export function prefixOf(name: string): string {
  return `${name}${SEPARATOR}`;
}

/** `text` as the name of a server: with `_` for what clients do not take in names. */
export function serverName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, "_");
}

/**
 * The name that the tool or prompt `name` is shown by: with the prefix, and where that can't be, changed and hashed. Without
 * a prefix, one that begins as the gateway's own do is changed as well.
 */
export function shownName(prefix: string, name: string): string {
  const whole = prefix + name;
  const isReserved = prefix === "" && RESERVED.test(serverName(whole));
  if (whole.length <= NAME_LENGTH && PLAIN.test(whole) && !isReserved) return whole;
  const plain = isReserved ? serverName(whole).replace(SEPARATOR, "-") : serverName(whole);
  return `${plain.slice(0, NAME_LENGTH - HASH_LENGTH - 1)}_${hash(name)}`;
}

/** Why these can't be the names of servers side by side; `undefined`: they can. Pure. */
export function serverNameFault(names: readonly string[]): string | undefined {
  for (const name of names) {
    if (name.length > SERVER_NAME_LENGTH) {
      return `the name of the server '${name}' is longer than ${SERVER_NAME_LENGTH} characters; give it a shorter one`;
    }
    if (names.indexOf(name) !== names.lastIndexOf(name)) {
      return `two servers have the name '${name}'${
        name === LOCAL_NAME ? ", which is that of the gateway's own tools" : ""
      }; rename one of them`;
    }
    const other = names.find((other) => other !== name && prefixOf(other).startsWith(prefixOf(name)));
    if (other !== undefined) {
      return `'${
        prefixOf(name)
      }' begins the names of the servers '${name}' and '${other}', so that their tools ` +
        "can't be told apart; rename one of them";
    }
  }
  return undefined;
}

/** A test for names by patterns, in which `*` stands for any characters and `?` for one. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const all = patterns.map((pattern) => [...pattern]);
  return (name) => {
    const chars = [...name];
    return all.some((pattern) =>
      fitsParts(pattern, chars, (part) => part === "*", (part, char) => part === "?" || part === char)
    );
  };
}

/** FNV-1a in 32 bits over UTF-16, as eight hexadecimal digits. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  }
  return (sum >>> 0).toString(16).padStart(HASH_LENGTH, "0");
}
