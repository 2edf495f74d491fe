/**
 * Looks users and groups up by name, in the system's own files: again before each start. Used by `spawn.ts`, and by `check`.
 *
 * Accounts that are not in these files, such as those of a directory service, are not found: they have a number.
 */

import { GROUPS, type Identity, USERS } from "../../options/launcher.ts";
import { quote } from "../../text/words.ts";
import { IdentityError } from "../process_errors.ts";

/** Whom a program runs as, by number. */
export interface Account {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  /** What the user's variables are, where it is known by name. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Looks up whom `program` is to run as. A user by name brings its own group. @throws {IdentityError} there is no such account */
export function accountOf(program: string, identity: Identity): Account {
  const { user, group, uid, gid } = identity;
  const fail = (why: string, cause?: unknown) => new IdentityError(program, { ...identity, why, cause });
  const lineOf = (file: string, name: string, kind: "user" | "group") => {
    let text: string;
    try {
      text = Deno.readTextFileSync(file);
    } catch (cause) {
      throw fail(`${file} can't be read; give the ${kind} by number: "${kind[0]}id"`, cause);
    }
    const line = accountLine(text, name, kind);
    if (line !== undefined) return line;
    throw fail(
      `there is no ${kind} ${
        quote(name)
      } in ${file}; create it, or, where another service knows it, give its number: "${kind[0]}id"`,
    );
  };
  const userLine = user === undefined ? [] : lineOf(USERS, user, "user");
  const groupLine = group === undefined ? [] : lineOf(GROUPS, group, "group");
  const [, , ownUid, ownGid, , home] = userLine;
  const numberOf = (text: string | undefined) => text === undefined ? undefined : Number(text);
  return {
    uid: uid ?? numberOf(ownUid),
    gid: gid ?? numberOf(groupLine[2] ?? ownGid),
    variables: user === undefined ? {} : { USER: user, LOGNAME: user, ...home ? { HOME: home } : {} },
  };
}

/**
 * The fields of an account in the text of its file. A line without numbers in their places is passed over, as the system
 * does: an empty one would be that of root.
 */
export function accountLine(
  text: string,
  name: string,
  kind: "user" | "group",
): readonly string[] | undefined {
  const numbers = kind === "user" ? [2, 3] : [2];
  return text.split("\n").map((line) => line.split(":"))
    .find((fields) => fields[0] === name && numbers.every((at) => /^\d+$/.test(fields[at] ?? "")));
}
